"""The tests run on a real PostgreSQL: that of DATABASE_URL, or an embedded one in `.local/tests/`.

Any number of pytest processes share it: give each its own TW_TEST_DB, the suffix of its test database."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import django
import pytest
from pytest_django.fixtures import Settings

from apps.core.embedded.cluster import DISPOSABLE
from apps.core.embedded.disposable import throw_away_abandoned
from apps.core.embedded.local import PROJECT_ROOT, local_dir
from apps.core.embedded.postgres import postgres_in_use

# Before Django reads its settings: tests never touch the data, key or demo of the checkout's own `.local/`.
os.environ.setdefault("TAPERWATCH_LOCAL_DIR", str(PROJECT_ROOT / ".local" / "tests"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")

os.environ.setdefault(DISPOSABLE, "true")

_services = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL", "").strip() and not config.option.collectonly:
        _services.enter_context(postgres_in_use(local_dir()))
    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    _services.close()
    if os.geteuid() == 0:
        throw_away_abandoned()


@pytest.fixture(autouse=True)
def none_activated() -> Iterator[None]:
    """As in a process that has just read that no catalogue was ever activated: which test happens to come after the
    next refresh must not decide how many statements it counts. Tests of activation call `forget_active`."""
    # Imported here, since Django is set up by `pytest_configure` above.
    from apps.assessments.active import assume_none_activated, forget_active

    assume_none_activated(until=math.inf)
    yield
    forget_active()


@pytest.fixture
def catalogues_beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Puts other versions of the catalogue beside the published one, for this test alone."""
    from apps.rules.catalogue import load
    from tests.other_catalogues import put_beside

    yield partial(put_beside, monkeypatch, tmp_path)
    load.cache_clear()


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """Pages are rendered in tests without `collectstatic` having run."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
