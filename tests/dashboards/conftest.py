"""Imported before Django is set up, so what needs models is imported inside the fixtures."""

from datetime import UTC, datetime
from typing import Any

import pytest

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # as in tests.factories


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock of the doors stands at NOON."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
    return NOON


@pytest.fixture
def ward(db: None) -> Any:
    from tests.factories import WardFactory

    return WardFactory(name="Neurology 3")


@pytest.fixture
def nurse(ward: Any) -> Any:
    from tests.factories import DutyFactory, UserFactory

    return DutyFactory(ward=ward, user=UserFactory(display_name="Amina Yusuf")).user


@pytest.fixture
def desk(nurse: Any, noon: datetime) -> Any:
    """The nurse's browser, signed in; it sends forms as a page without JavaScript does."""
    from django.core.cache import cache
    from django.test import Client

    cache.clear()
    browser = Client()
    browser.force_login(nurse)
    return browser


@pytest.fixture
def live(db: None) -> None:
    """A test log came out of the pipeline ten seconds ago, and a watch lives."""
    from datetime import timedelta

    from apps.monitoring.models import Heartbeat

    for part in ("canary", "watch:here:1", "worker:here:2"):
        Heartbeat.objects.create(part=part, at=NOON - timedelta(seconds=10))
