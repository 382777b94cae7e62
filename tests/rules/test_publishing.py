"""A catalogue is published by its exact bytes; anything else in the folder is a draft, or broken."""

import pytest

from apps.rules.catalogue import FOLDER, load, read
from apps.rules.publishing import is_published, list_catalogues, published
from tests.rules.scenes import CATALOGUE

RAW = (FOLDER / f"{CATALOGUE}.yaml").read_bytes()


def test_the_version_in_the_folder_is_published_by_its_very_bytes() -> None:
    assert is_published(load(CATALOGUE))
    assert not is_published(read(RAW + b"\n# one more word\n", CATALOGUE))


def test_every_published_version_is_still_there_and_its_list_cannot_be_changed() -> None:
    assert set(published()) <= {one.version for one in list_catalogues()}
    with pytest.raises(TypeError):
        published()["my-own"] = "0" * 64  # type: ignore[index]


def test_drafts_and_broken_files_are_listed_as_what_they_are(tmp_path) -> None:
    (tmp_path / f"{CATALOGUE}.yaml").write_bytes(RAW)
    (tmp_path / "draft-2.yaml").write_bytes(RAW.replace(CATALOGUE.encode(), b"draft-2"))
    (tmp_path / "broken.yaml").write_bytes(
        RAW.replace(CATALOGUE.encode(), b"broken").replace(b"\nrules:", b"\nrulez:")
    )

    listed = {one.version: one for one in list_catalogues(tmp_path)}

    assert listed[CATALOGUE].is_published
    assert (listed["draft-2"].is_published, listed["draft-2"].fault) == (False, "")
    assert listed["draft-2"].sha256 not in ("", listed[CATALOGUE].sha256)
    assert (listed["broken"].is_published, listed["broken"].sha256) == (False, "")
    assert "“rules” is missing" in listed["broken"].fault
