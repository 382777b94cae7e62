"""Catalogues by name: one YAML file per version, read and checked wholly, compiled once."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from apps.rules.building import build
from apps.rules.contents import Catalogue
from apps.rules.errors import CatalogueError

FOLDER = Path(__file__).parent / "catalogues"

__all__ = ["Catalogue", "CatalogueError", "load", "read"]


@lru_cache(maxsize=16)
def load(name: str) -> Catalogue:
    """The catalogue of this name. CatalogueError names line and cause when anything in it is wrong."""
    path = FOLDER / f"{name}.yaml"
    if path.parent != FOLDER or not path.is_file():
        raise CatalogueError(f"there is no catalogue called “{name}”")
    return read(path.read_bytes(), name)


def read(raw: bytes, name: str) -> Catalogue:
    """A catalogue from the bytes of its file; the hash is of exactly these bytes."""
    return build(raw.decode("utf-8"), name, sha256(raw).hexdigest())
