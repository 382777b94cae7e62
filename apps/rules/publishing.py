"""Which catalogues are published. A published version is frozen: the list holds the hash of its exact bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from apps.rules.catalogue import FOLDER, Catalogue, CatalogueError, load, read

LIST = Path(__file__).parent / "published.yaml"


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the folder of catalogues. `sha256` is empty and `fault` says why when it cannot be read."""

    version: str
    sha256: str
    title: str
    is_published: bool
    fault: str = ""


@cache
def published() -> Mapping[str, str]:
    """Version -> SHA-256 of its file."""
    return MappingProxyType(yaml.safe_load(LIST.read_text(encoding="utf-8")))


def is_published(catalogue: Catalogue) -> bool:
    """Whether these very bytes were published; an edited copy under the same name is a draft."""
    return published().get(catalogue.version) == catalogue.sha256


def list_catalogues(folder: Path | None = None) -> tuple[Listed, ...]:
    """Every version that this release brings, by name, drafts and broken ones too."""
    return tuple(_listed(path) for path in sorted((folder or FOLDER).glob("*.yaml")))


def _listed(path: Path) -> Listed:
    try:
        catalogue = load(path.stem) if path.parent == FOLDER else read(path.read_bytes(), path.stem)
    except CatalogueError as fault:
        return Listed(path.stem, "", "", is_published=False, fault=str(fault))
    return Listed(catalogue.version, catalogue.sha256, catalogue.title, is_published(catalogue))
