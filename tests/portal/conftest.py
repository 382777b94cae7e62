"""Imported before Django is set up, so what needs models is imported inside the fixtures."""

from datetime import UTC, datetime
from typing import Any

import pytest

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # as in tests.factories


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hasher takes half a second by design; what it does is not tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock of the doors stands at NOON."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
    return NOON


@pytest.fixture
def patient(db: None) -> Any:
    from tests.factories import PatientFactory, WardFactory

    ward = WardFactory(name="Neurology 3", phone="+44 20 7946 0123")
    return PatientFactory(with_account=True, stay=ward)


@pytest.fixture
def phone(patient: Any, noon: datetime) -> Any:
    """The patient's browser, signed in; it sends forms as a page without JavaScript does."""
    from django.test import Client

    browser = Client()
    browser.force_login(patient.user)
    return browser


@pytest.fixture
def carers_phone(patient: Any, noon: datetime) -> Any:
    from django.test import Client

    from tests.factories import CarerFactory

    browser = Client()
    browser.force_login(CarerFactory(patient=patient).user)
    return browser
