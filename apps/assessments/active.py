"""Which version of the catalogue is in force.

The newest row of `CatalogueActivation` says so, and before there is one, the setting ACTIVE_CATALOGUE. Each
process keeps what it read for REFRESH_SECONDS and then reads the one row again. Nothing has to reach the other
processes for that: after this time all agree, whatever was lost between them. What comes in meanwhile is taken by
the version before, as though it had come those seconds earlier: a report is never refused for it."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.conf import settings

from apps.assessments.models import CatalogueActivation
from apps.rules.catalogue import Catalogue, CatalogueError, load

logger = logging.getLogger(__name__)
REFRESH_SECONDS = 5.0
_CHOICES = 10
"""How far back is looked for a version that this release can read."""


@dataclass(frozen=True, slots=True)
class _Read:
    version: str | None
    """None: none was ever activated."""
    until: float
    """By this process's own clock, in seconds; no wall clock has a say."""


_read: _Read | None = None


def active_version() -> str:
    """The version in force. One statement each REFRESH_SECONDS and process, else none."""
    global _read  # noqa: PLW0603 - one value a process, replaced whole
    now = monotonic()
    known = _read
    if known is None or known.until <= now:
        known = _Read(_newest_readable(), now + REFRESH_SECONDS)
        _read = known
    return known.version or settings.ACTIVE_CATALOGUE


def active_catalogue() -> Catalogue:
    """The catalogue in force, compiled."""
    return load(active_version())


def forget_active() -> None:
    """Have this process read it anew at the next question."""
    global _read  # noqa: PLW0603
    _read = None


def assume_none_activated(until: float) -> None:
    """Take it as read, up to this moment of `time.monotonic`, that nothing was activated: for an installation that
    goes by its setting alone, and for tests that count statements."""
    global _read  # noqa: PLW0603
    _read = _Read(None, until)


def _newest_readable() -> str | None:
    """A release that was rolled back may lack the version in force. It then goes by the one before: a log that is
    taken in by last month's rules is safe, one that is refused is lost."""
    choices = CatalogueActivation.objects.values_list("version", "sha256")[:_CHOICES]
    for version, sha256 in choices:
        fault = _fault(version, sha256)
        if not fault:
            return version
        logger.error(
            "the active catalogue cannot be used: %s", fault, extra={"event": "active_catalogue_unusable"}
        )
    return None


def _fault(version: str, sha256: str) -> str:
    try:
        catalogue = load(version)
    except CatalogueError as error:
        return str(error)
    return "" if catalogue.sha256 == sha256 else f"{version} is not as it was when it was activated"


def in_force_since(moment: datetime) -> tuple[str, ...]:
    """Versions that were in force at some time from `moment` on, the newest first, the one in force before all."""
    rows = list(CatalogueActivation.objects.values_list("version", "activated_at"))
    found = [active_version()]
    for version, activated_at in rows:
        found.append(version)
        if activated_at <= moment:
            break
    else:
        found.append(settings.ACTIVE_CATALOGUE)
    return tuple(_readable(dict.fromkeys(found)))


def _readable(versions: Iterable[str]) -> Iterable[str]:
    for version in versions:
        try:
            load(version)
        except CatalogueError:
            continue
        yield version
