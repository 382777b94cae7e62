"""Plans held against the guard rails: what breaks which, when and by how much."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.tapers.courses.steps import StepInput
from apps.tapers.limits import GUARD_RAILS as GUARD_RAILS
from apps.tapers.limits import GuardRail as GuardRail
from apps.tapers.limits import with_site_limits as with_site_limits
from apps.tapers.models import PlanVersion

WEEK = timedelta(days=7)
DoseChange = tuple[datetime, Decimal, Decimal]
"""When, from which dose and to which."""
RESTORING = frozenset({PlanVersion.Kind.STEP_BACK, PlanVersion.Kind.REINSTATE})


@dataclass(frozen=True, slots=True)
class Breach:
    """One guard rail that a plan breaks, with what a clinician needs to judge it."""

    code: str
    title: str
    route: str
    value: str
    limit: str
    source: str
    tag: str
    is_refusal: bool
    at: datetime
    """When the plan would break it."""

    @property
    def text(self) -> str:
        return _("%(title)s: %(value)s (limit: %(limit)s; %(tag)s, %(source)s).") % {
            "title": self.title,
            "value": self.value,
            "limit": self.limit,
            "tag": self.tag,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Before:
    """What was prescribed by one route until the plan takes effect."""

    dose: Decimal
    highest: Decimal
    """Of all that was planned for this taper: what its last step is measured against."""
    changes: tuple["DoseChange", ...] = ()
    """Of the seven days before: small steps by several plans are one large step for the patient."""


@dataclass(frozen=True, slots=True)
class _Point:
    at: datetime
    dose: Decimal


def check_guard_rails(
    *,
    steps: Iterable[StepInput],
    effective_at: datetime,
    kind: str,
    before: Mapping[str, Before],
    rails: Mapping[str, GuardRail],
) -> tuple[Breach, ...]:
    """What a plan breaks that rules from `effective_at`, locked steps as foreseen. `before`: by route.

    A dose that is restored breaks nothing."""
    by_route: dict[str, list[StepInput]] = {route: [] for route in before}
    for step in sorted(steps, key=lambda one: one.starts_at):
        by_route.setdefault(step.route, []).append(step)
    found: list[Breach] = []
    for route, of_route in by_route.items():
        course = _Course(route, kind, before.get(route), _points(of_route, effective_at, before.get(route)), rails)
        found += course.breaches()
    return tuple(sorted(found, key=lambda breach: (not breach.is_refusal, breach.at, breach.route)))


def _points(steps: Sequence[StepInput], effective_at: datetime, before: Before | None) -> list[_Point]:
    """The doses as they change, nothing given between steps being a dose of nothing."""
    found: list[_Point] = []
    ends: datetime | None = effective_at
    for step in steps:
        starts = max(step.starts_at, effective_at)
        if step.ends_at is not None and step.ends_at <= starts:
            continue
        if ends is not None and ends < starts and (found or before):
            found.append(_Point(ends, Decimal(0)))
        found.append(_Point(starts, step.daily_dose))
        # What comes before a locked step has no end of its own: the next one ends it.
        ends = step.ends_at
    if ends is not None:
        found.append(_Point(ends, Decimal(0)))
    return found


@dataclass(frozen=True, slots=True)
class _Course:
    route: str
    kind: str
    before: Before | None
    points: Sequence[_Point]
    rails: Mapping[str, GuardRail]

    @property
    def changes(self) -> list[DoseChange]:
        doses = [self.before.dose] if self.before else []
        found = []
        for point in self.points:
            if doses and doses[-1] != point.dose:
                found.append((point.at, doses[-1], point.dose))
            doses.append(point.dose)
        return found

    @property
    def highest(self) -> Decimal:
        return max([self.before.highest if self.before else Decimal(0), *(point.dose for point in self.points)])

    def breaches(self) -> list[Breach]:
        stops = self._stops()
        return [*stops, *self._rises(), *self._steps(), *self._weeks({one.at for one in stops}), *self._length()]

    def _stops(self) -> list[Breach]:
        found = []
        falls = self.changes
        for number, (at, old, new) in enumerate(falls):
            if new:
                continue
            if number + 1 < len(falls):
                found.append(self._breach("gap_in_plan", at, self._dose(old)))
            elif self.kind in (PlanVersion.Kind.STOP, PlanVersion.Kind.TRANSFER) or self._is_outright(old):
                found.append(self._breach("abrupt_stop", at, self._dose(old)))
        return found

    def _is_outright(self, last: Decimal) -> bool:
        """The last step takes all that is left, so it is measured against the highest dose of the taper."""
        limit = self.rails["step_above_limit"].limit
        return limit is not None and bool(self.highest) and last / self.highest >= limit

    def _rises(self) -> list[Breach]:
        """Shown and never held up. Where a dose is given back, only above all that was given before."""
        if self.before is None:
            return []
        now, highest = self.before.dose, self.before.highest
        return [
            self._breach("dose_rises", at, f"{_plain(old)} → {_plain(new)} {self._unit}")
            for at, old, new in self.changes
            if new > (highest if self.kind in RESTORING else old or now)
        ]

    def _steps(self) -> list[Breach]:
        found = []
        for at, old, new in self.changes:
            if not new or new >= old:
                continue
            for code in ("step_above_limit", "large_step"):
                limit = self.rails[code].limit
                if limit is not None and 1 - new / old >= limit:
                    found.append(self._breach(code, at, _percent(1 - new / old)))
                    break
        return found

    def _weeks(self, told: Container[datetime]) -> list[Breach]:
        """Each run of steps within seven days, those of before among them; a single step is measured by itself.
        What takes all that is left is measured against the highest dose, as any last step. `told`: stops that are
        refused already."""
        limit = self.rails["week_above_limit"].limit
        earlier = self.before.changes if self.before else ()
        known = [*earlier, *self.changes]
        for last, (at, old, new) in enumerate(known):
            first = next(number for number, change in enumerate(known) if change[0] > at - WEEK)
            start = known[first][1]
            is_measured = last >= len(earlier) and new < old and first < last and start and at not in told
            if limit is None or not is_measured:
                continue
            part = 1 - new / start if new else start / self.highest
            if part > limit:
                return [self._breach("week_above_limit", at, _percent(part))]
        return []

    def _length(self) -> list[Breach]:
        limit = self.rails["plan_too_short"].limit
        falls = [change for change in self.changes if change[2] < change[1]]
        if limit is None or len(falls) < 2 or falls[-1][2] or self.points[-1].dose:
            return []
        lasts = falls[-1][0] - falls[0][0]
        days = Decimal(lasts / timedelta(days=1)).quantize(Decimal("0.1"))
        # A taper of seven days over a clock change is an hour short of them.
        if lasts >= timedelta(days=float(limit)) - timedelta(hours=1):
            return []
        return [self._breach("plan_too_short", falls[0][0], _("%(days)s days") % {"days": days})]

    def _dose(self, dose: Decimal) -> str:
        return _("from %(dose)s %(unit)s to nothing") % {"dose": _plain(dose), "unit": self._unit}

    @property
    def _unit(self) -> str:
        return "mg/day" if self.route == "oral" else "microgram/day"

    def _breach(self, code: str, at: datetime, value: str) -> Breach:
        rail = self.rails[code]
        return Breach(
            code=code,
            title=str(rail.title),
            route=self.route,
            value=value,
            limit=_limit(rail),
            source=rail.source,
            tag=rail.tag,
            is_refusal=rail.is_refusal,
            at=at,
        )


def _limit(rail: GuardRail) -> str:
    if rail.limit is None:
        return _("none at all")
    if rail.code == "plan_too_short":
        return _("at least %(days)s days") % {"days": _plain(rail.limit)}
    if rail.code == "week_above_limit":
        return _("up to %(part)s") % {"part": _percent(rail.limit)}
    return _("below %(part)s") % {"part": _percent(rail.limit)}


def _plain(dose: Decimal) -> str:
    return f"{dose.normalize():f}"


def _percent(part: Decimal) -> str:
    return f"{part * 100:.0f} %"
