"""Other versions of the catalogue for tests: real files beside the published one, read and checked by the product."""

import re
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from apps.rules import catalogue, publishing

CATALOGUE = "baclofen-withdrawal-2026.2"
NEXT = "baclofen-withdrawal-2099.1"
PUBLISHED_RAW = (catalogue.FOLDER / f"{CATALOGUE}.yaml").read_text(encoding="utf-8")


def draft(*changes: tuple[str, str], version: str = NEXT) -> str:
    """The published catalogue under another name, each (old, new) text exchanged once."""
    text = PUBLISHED_RAW.replace(f"version: {CATALOGUE}", f"version: {version}", 1)
    for old, new in changes:
        assert text.count(old) >= 1, f"the catalogue has changed: {old!r} is not in it"
        text = text.replace(old, new, 1)
    return text


def without_rule(text: str, rule_id: str) -> str:
    found = re.subn(rf"^  - id: {rule_id}\n(?:    .*\n|\n)+?(?=^  - id: |^\S|^  #)", "", text, flags=re.MULTILINE)
    assert found[1] == 1, f"{rule_id} is not in the catalogue"
    return found[0]


def put_beside(monkeypatch: Any, folder: Path, *, published: list[str], text: str | None = None) -> Path:
    """A folder of catalogues with the published one and NEXT (as `text`), which is published or a draft. Whoever
    asks for it clears `catalogue.load`'s memory afterwards."""
    (folder / f"{CATALOGUE}.yaml").write_text(PUBLISHED_RAW, encoding="utf-8")
    (folder / f"{NEXT}.yaml").write_text(text or draft(), encoding="utf-8")
    names = [CATALOGUE, *published]
    hashes = {name: sha256((folder / f"{name}.yaml").read_bytes()).hexdigest() for name in names}
    monkeypatch.setattr(catalogue, "FOLDER", folder)
    monkeypatch.setattr(publishing, "FOLDER", folder)
    monkeypatch.setattr(publishing, "published", lambda: MappingProxyType(hashes))
    return folder
