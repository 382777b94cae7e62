"""Who and what most tests of the API begin with."""

from importlib import import_module
from typing import Any

import pytest
from django.core.cache import cache


def _hospital() -> Any:
    # Models can be imported only after pytest has set Django up, which is after it has read this file.
    return import_module("tests.api.hospital")


@pytest.fixture(autouse=True)
def _fresh_brake(settings: Any) -> None:
    cache.clear()
    # Slow on purpose elsewhere; here nobody guesses.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ward(db: None) -> Any:
    return import_module("tests.factories").WardFactory()


@pytest.fixture
def other_ward(db: None) -> Any:
    return import_module("tests.factories").WardFactory()


@pytest.fixture
def patient(ward: Any) -> Any:
    return import_module("tests.factories").PatientFactory(stay=ward)


@pytest.fixture
def chart(ward: Any) -> Any:
    """A record of every kind, of one patient of the ward."""
    return _hospital().chart_of(ward)


@pytest.fixture
def foreign_chart(other_ward: Any) -> Any:
    """The same on a ward where nobody of the test works."""
    return _hospital().chart_of(other_ward)


@pytest.fixture
def nurse(ward: Any) -> Any:
    return _hospital().nurse_of(ward)


@pytest.fixture
def system(ward: Any) -> Any:
    """A connected system on the ward, with every scope."""
    return _hospital().system_of(ward)
