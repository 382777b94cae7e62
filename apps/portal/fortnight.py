"""The last 14 of the patient's own days: what was said of each sign on each day, and which doses were told of.
The same rows are drawn as a picture (`strips`) and written as a table. A day without a report is a gap, never a
good day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.days import day_bounds, local_day
from apps.patients.models import Patient
from apps.patients.selectors import whereabouts
from apps.portal.selectors import HISTORY_DAYS
from apps.portal.translations import SpokenCatalogue, spoken
from apps.portal.wording import (
    NOTHING_THERE,
    ReportedItem,
    answer_words,
    reading_item,
    symptom_name,
)
from apps.rules.types import Unanswered
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Dose, Route
from apps.tapers.selectors import plan_stretches
from apps.tapers.timeline import due_times

AVPU = ("A", "V", "P", "U")
YES_MARK, NO_MARK, OPEN_MARK = "◆", "○", "?"


class Kind(StrEnum):
    """What is known of one sign on one day."""

    GAP = "gap"
    """Nobody reported anything that day."""
    UNSAID = "unsaid"
    """There is a report, and it says nothing of this sign."""
    OPEN = "open"
    """It was asked, and nobody could answer."""
    GRADE = "grade"
    THERE = "there"
    """A sign without grades that was there."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Said:
    """The worst that was said of one sign on one day."""

    kind: Kind
    mark: str
    """What stands in the cell: the grade, a letter or a shape."""
    words: str
    rank: int
    """Orders the answers of one sign; -1 where there is none."""
    grade: int | None = None

    @property
    def is_there(self) -> bool:
        return self.kind in (Kind.GRADE, Kind.THERE) and self.grade != 0


@dataclass(frozen=True, slots=True)
class SignRow:
    code: str
    name: str
    said: Mapping[date, Said]
    """Days on which nothing was said of it are not in here."""

    @property
    def was_there(self) -> bool:
        return any(one.is_there for one in self.said.values())

    @property
    def worst(self) -> int:
        return max(one.rank for one in self.said.values())

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Each mark that stands in this row with its words, the worst first."""
        found = sorted(self.said.values(), key=lambda one: -one.rank)
        return tuple(dict.fromkeys((one.mark, one.words) for one in found))


@dataclass(frozen=True, slots=True)
class DoseMark:
    """One dose of which somebody told, or that was due and nobody told of."""

    at: datetime
    """When it was due; when it was taken, if it was outside the plan."""
    status: str
    """"taken", "missed", "unknown", or "untold"."""
    words: str


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    reports: int
    """In force; 0 is a gap."""
    readings: tuple[ReportedItem, ...]
    signs: tuple[ReportedItem, ...]
    """Every sign of which something was said, those not there too."""
    doses: tuple[DoseMark, ...]


@dataclass(frozen=True, slots=True)
class Fortnight:
    days: tuple[Day, ...]
    """The oldest first, every day listed."""
    rows: tuple[SignRow, ...]
    """Signs of which something was said, in the order of the catalogue; signs of danger first."""

    @property
    def there(self) -> tuple[SignRow, ...]:
        return tuple(row for row in self.rows if row.was_there)

    @property
    def not_there(self) -> tuple[SignRow, ...]:
        return tuple(row for row in self.rows if not row.was_there)

    @property
    def gaps(self) -> int:
        return sum(day.reports == 0 for day in self.days)

    @property
    def has_doses(self) -> bool:
        return any(day.doses for day in self.days)


def fortnight(patient: Patient, at: datetime) -> Fortnight:
    """Six statements, however many reports and doses there are."""
    zone = patient.time_zone
    today = local_day(at, zone)
    days = [today - timedelta(days=back) for back in reversed(range(HISTORY_DAYS))]
    logs = logs_by_day(patient, days)
    doses = doses_by_day(patient, days, at)
    rows = sign_rows(logs)
    return Fortnight(
        tuple(
            Day(
                day,
                len(logs[day]),
                tuple(item for log in logs[day] for item in _readings(log)),
                tuple(ReportedItem(row.name, row.said[day].words) for row in rows if day in row.said),
                tuple(doses[day]),
            )
            for day in days
        ),
        rows,
    )


def logs_by_day(patient: Patient, days: list[date]) -> dict[date, list[SymptomLog]]:
    """Reports in force by the patient's own day, the oldest first."""
    start, end = _bounds(patient, days)
    found: dict[date, list[SymptomLog]] = {day: [] for day in days}
    logs = SymptomLog.objects.in_force().filter(
        patient=patient, is_canary=False, observed_at__gte=start, observed_at__lt=end
    )
    for log in logs.order_by("observed_at"):
        found[local_day(log.observed_at, patient.time_zone)].append(log)
    return found


def sign_rows(logs: Mapping[date, Iterable[SymptomLog]]) -> tuple[SignRow, ...]:
    """Where a day has several reports the worst answer counts: a picture must not hide what was there."""
    said: dict[str, dict[date, Said]] = {}
    names: dict[str, tuple[tuple[bool, int], str]] = {}
    for day, reports in logs.items():
        for log in reports:
            catalogue = spoken(log.catalogue_version)
            order = {code: place for place, code in enumerate(catalogue.symptoms)}
            for code, answer in log.answers.items():
                one = said_of(catalogue, code, answer)
                before = said.setdefault(code, {}).get(day)
                if before is None or one.rank > before.rank:
                    said[code][day] = one
                symptom = catalogue.symptoms.get(code)
                place = (not (symptom and symptom.red_flag), order.get(code, len(order)))
                names[code] = (place, symptom_name(catalogue, code))
    codes = sorted(said, key=lambda code: (names[code][0], code))
    return tuple(SignRow(code, names[code][1], said[code]) for code in codes)


def said_of(catalogue: SpokenCatalogue, code: str, answer: Any) -> Said:
    if answer in set(Unanswered):
        return Said(Kind.OPEN, OPEN_MARK, _("Could not be answered"), -1)
    words = answer_words(catalogue, code, answer)
    if isinstance(answer, bool):
        return Said(
            Kind.THERE if answer else Kind.ABSENT, YES_MARK if answer else NO_MARK, words, rank=int(answer)
        )
    if isinstance(answer, int):
        symptom = catalogue.symptoms.get(code)
        if symptom and symptom.anchors and 0 <= answer < len(symptom.anchors):
            return Said(Kind.GRADE, str(answer), words, rank=answer, grade=answer)
        return Said(Kind.THERE if answer else Kind.ABSENT, str(answer), words, rank=answer)
    rank = AVPU.index(answer) if answer in AVPU else len(AVPU)
    return Said(Kind.ABSENT if answer in NOTHING_THERE else Kind.THERE, str(answer), words, rank)


def doses_by_day(patient: Patient, days: list[date], at: datetime) -> dict[date, list[DoseMark]]:
    """Doses told of, and oral doses that were due by `at` of which nobody told."""
    start, end = _bounds(patient, days)
    told = list(
        Dose.objects.in_force()
        .filter(patient=patient)
        .filter(Q(due_at__gte=start, due_at__lt=end) | Q(due_at=None, taken_at__gte=start, taken_at__lt=end))
    )
    marks = [_told(dose, patient.time_zone) for dose in told]
    known = {dose.due_at for dose in told if dose.route == Route.ORAL}
    # Due in (since, until]: a dose at 00:00 belongs to the day that begins then.
    tick = timedelta(microseconds=1)
    due = due_times(plan_stretches(patient), whereabouts(patient), start - tick, min(at, end - tick))
    marks += [DoseMark(one.due_at, "untold", _("Nobody has told us")) for one in due if one.due_at not in known]
    found: dict[date, list[DoseMark]] = {day: [] for day in days}
    for mark in sorted(marks, key=lambda one: one.at):
        found[local_day(mark.at, patient.time_zone)].append(mark)
    return found


def _told(dose: Dose, zone: str) -> DoseMark:
    instant = dose.due_at or dose.taken_at
    if instant is None:
        raise ValueError(f"dose {dose.pk} is neither due nor taken")  # refused by the database
    if dose.taken_at is not None:
        clock = date_format(dose.taken_at.astimezone(ZoneInfo(zone)), "H:i")
        words = _("Taken %(clock)s") % {"clock": clock}
    else:
        words = _("Not taken") if dose.status == Dose.Status.MISSED else _("Not known")
    return DoseMark(instant, dose.status, words)


def _readings(log: SymptomLog) -> list[ReportedItem]:
    catalogue = spoken(log.catalogue_version)
    return [reading_item(log, code, catalogue) for code in log.vital_signs]


def _bounds(patient: Patient, days: list[date]) -> tuple[datetime, datetime]:
    return day_bounds(days[0], patient.time_zone)[0], day_bounds(days[-1], patient.time_zone)[1]
