import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from apps.portal import build as building
from apps.portal.build import SHELL_FILES, WORKER, build

pytestmark = pytest.mark.django_db


def test_the_manifest_names_icons_that_are_there_and_a_place_to_start(client):
    answer = client.get(reverse("portal:manifest"))

    assert answer["Content-Type"] == "application/manifest+json"
    told = json.loads(answer.content)
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in told["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in told["icons"])
    for icon in told["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon["src"]
    assert told["start_url"] == reverse("portal:today")
    assert told["display"] == "standalone"


def test_the_worker_may_answer_for_the_whole_site_and_under_the_policy_of_the_pages(client):
    answer = client.get(reverse("portal:worker"))

    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    assert "'unsafe" not in answer["Content-Security-Policy"]
    assert build() in answer.content.decode()


def test_another_file_is_another_build(monkeypatch, tmp_path):
    before = build()
    changed = tmp_path / "store.js"
    changed.write_text("export {};")
    monkeypatch.setattr(building.finders, "find", lambda name: str(changed))
    building._digest_of_files.cache_clear()
    try:
        assert build() != before
    finally:
        building._digest_of_files.cache_clear()


def test_every_script_that_another_one_imports_is_kept_with_it():
    """A page without a connection finds all or nothing."""
    kept = set(SHELL_FILES) | {WORKER}
    for name in [name for name in kept if name.startswith("js/offline/")]:
        script = Path(finders.find(name)).read_text(encoding="utf-8")
        imported = re.findall(r'from "\.(/[\w-]+\.js)"', script)
        assert {f"js/offline{path}" for path in imported} <= kept, name
