"""Guard rails that a plan breaks, each said once with every time it does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from apps.tapers.guard_rails import Breach


@dataclass(frozen=True, slots=True)
class BrokenRail:
    breach: Breach
    """The first: title, limit and source are the same in all."""
    times: tuple[tuple[datetime, str], ...]
    """(when, what this plan does then)."""


def broken_rails(breaches: Iterable[Breach]) -> list[BrokenRail]:
    """In the order in which they first come."""
    found: dict[tuple[str, str, bool], list[Breach]] = {}
    for breach in breaches:
        found.setdefault((breach.code, breach.route, breach.is_refusal), []).append(breach)
    return [BrokenRail(alike[0], tuple((one.at, one.value) for one in alike)) for alike in found.values()]
