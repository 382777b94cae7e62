"""Lanes of what was reported: who logged when, each symptom as a row of grades, each vital sign as a line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.dashboards.patient_page import LATE
from apps.dashboards.timeline.axis import Axis, Bin, Period
from apps.dashboards.timeline.patterns_of_items import OTHER, pattern_of
from apps.dashboards.timeline.reading import KnownLog, TimelineFacts
from apps.dashboards.timeline.shapes import Cell, Curve, Curves, Mark, Piece, Point, Row, Rows
from apps.dashboards.timeline.windows import Gap
from apps.dashboards.wording import (
    UNITS,
    Answered,
    answers_of,
    catalogue_of,
    code_label,
    pattern_label,
    pattern_place,
    plain,
)
from apps.symptoms.models import Reporter

LETTERS = {Reporter.PATIENT: "P", Reporter.CARER: "C", Reporter.STAFF: "S", Reporter.SYSTEM: "M"}
ASKED_NOT_ANSWERED, NOT_ASKED = "–", ""
CLOCK = "◷"
"""Came in late."""
TOGETHER = (
    ("temperature", gettext_lazy("Temperature"), ("temperature_c",)),
    ("pulse", gettext_lazy("Pulse, breathing"), ("heart_rate_bpm", "respiratory_rate_bpm")),
    ("pressure", gettext_lazy("Blood pressure"), ("bp_systolic_mmhg", "bp_diastolic_mmhg")),
    ("oxygen", gettext_lazy("Oxygen saturation"), ("spo2_percent",)),
)
"""Vital signs of one unit that are read together; any other has a lane of its own."""
ROOM = 0.2
"""Of the range of a lane, above and below what was measured."""


@dataclass(frozen=True, slots=True)
class Heat:
    panel: Rows | None
    never_there: tuple[str, ...]
    """Asked on this axis, answered, and never there."""


def counted(facts: TimelineFacts) -> list[KnownLog]:
    """On the axis and not corrected, oldest first."""
    return [
        known for known in facts.logs if known.corrected_at is None and facts.axis.holds(known.log.observed_at)
    ]


def log_row(facts: TimelineFacts) -> Row | None:
    """Who reported: patient, carer, staff; what came in late carries a clock."""
    logs = counted(facts)
    if not logs:
        return None
    if facts.axis.period == Period.TAPER:
        cells = (_count_cell(column, inside) for column, inside in _by_bin(facts.axis, logs))
        return Row(_("Logs"), cells=tuple(cells))
    marks = (Mark(known.log.observed_at, _log_letter(known), _late_words(known), "log") for known in logs)
    return Row(_("Logs"), marks=tuple(marks))


def _log_letter(known: KnownLog) -> str:
    letter = LETTERS.get(Reporter(known.log.reporter), "?")
    return f"{letter}{CLOCK}" if is_late(known) else letter


def _late_words(known: KnownLog) -> str:
    return _("came in late") if is_late(known) else ""


def is_late(known: KnownLog) -> bool:
    return known.log.recorded_at - known.log.observed_at > LATE


def _count_cell(column: Bin, inside: Sequence[KnownLog]) -> Cell:
    late = CLOCK if any(is_late(known) for known in inside) else ""
    return Cell(column.begins, column.ends, f"{len(inside)}{late}", "log")


def _by_bin(axis: Axis, logs: Iterable[KnownLog]) -> Iterable[tuple[Bin, list[KnownLog]]]:
    rest = list(logs)
    place = 0
    for column in axis.bins:
        inside = []
        while place < len(rest) and rest[place].log.observed_at < column.ends:
            inside.append(rest[place])
            place += 1
        if inside:
            yield column, inside


def heat_rows(facts: TimelineFacts, version: str) -> Heat:
    """A row for every symptom that was ever there on this axis, those of a pattern together, in the catalogue's
    order. A cell prints the worst grade said in its time."""
    columns = [
        (column, [{answer.code: answer for answer in answers_of(known.log)} for known in inside])
        for column, inside in _by_bin(facts.axis, counted(facts))
    ]
    said = [answer for _column, logs in columns for answers in logs for answer in answers.values()]
    there = {answer.code for answer in said if answer.is_there}
    asked = {answer.code for answer in said if answer.has_answer}
    catalogue = catalogue_of(version)
    order = list(catalogue.symptoms) if catalogue else []
    codes = sorted(there, key=lambda code: _place(code, version, order))
    usual = facts.baseline.answers if facts.baseline else {}
    rows = [_heat_row(code, columns, version, usual.get(code)) for code in codes]
    level = log_row(facts)
    rows = [level, *rows] if level else rows
    panel = Rows("symptoms", _("Symptoms"), tuple(rows)) if rows else None
    return Heat(panel, tuple(sorted(code_label(code, catalogue) for code in asked - there)))


def _place(code: str, version: str, order: Sequence[str]) -> tuple[bool, int, int]:
    pattern = pattern_of(code, catalogue_of(version))
    listed = order.index(code) if code in order else len(order)
    return pattern == OTHER, pattern_place(pattern, version), listed


def _heat_row(
    code: str, columns: Sequence[tuple[Bin, list[dict[str, Answered]]]], version: str, usual: object
) -> Row:
    """`usual`: the grade that was told as how the person is otherwise; None: nobody told one."""
    catalogue = catalogue_of(version)
    pattern = pattern_of(code, catalogue)
    group = _("Other symptoms") if pattern == OTHER else pattern_label(pattern, version)
    cells = []
    for column, logs in columns:
        said = [answers[code] for answers in logs if code in answers]
        if said:
            text, tone = _worst(said)
            cells.append(Cell(column.begins, column.ends, text, tone))
    label = code_label(code, catalogue)
    if isinstance(usual, int) and not isinstance(usual, bool):
        label = _("%(symptom)s, usual %(grade)d") % {"symptom": label, "grade": usual}
    return Row(label, cells=tuple(cells), group=group)


def _worst(said: Sequence[Answered]) -> tuple[str, str]:
    """(what is printed, how it is coloured)."""
    graded = [answer.grade for answer in said if answer.grade is not None]
    if graded:
        return str(max(graded)), str(min(max(graded), 4))
    answered = [answer for answer in said if answer.has_answer]
    if not answered:
        return ASKED_NOT_ANSWERED, "unanswered"
    worst = max(answered, key=lambda answer: answer.is_there)
    return worst.words[:1].upper(), "4" if worst.is_there else "0"


def vital_panels(facts: TimelineFacts, gaps: Sequence[Gap], version: str) -> list[Curves]:
    measured: dict[str, list[Point]] = {}
    for known in counted(facts):
        for code, reading in known.log.vital_signs.items():
            measured.setdefault(code, []).append(Point(known.log.observed_at, float(reading["value"])))
    others = [code for code in sorted(measured) if not _is_grouped(code)]
    together = [*TOGETHER, *((code, code_label(code, catalogue_of(version)), (code,)) for code in others)]
    return [
        _vital_panel(
            key, str(title), {code: measured[code] for code in codes if code in measured}, facts, gaps, version
        )
        for key, title, codes in together
        if any(code in measured for code in codes)
    ]


def _is_grouped(code: str) -> bool:
    return any(code in codes for _key, _title, codes in TOGETHER)


def _vital_panel(
    key: str,
    title: str,
    measured: Mapping[str, list[Point]],
    facts: TimelineFacts,
    gaps: Sequence[Gap],
    version: str,
) -> Curves:
    catalogue = catalogue_of(version)
    signs = catalogue.vital_signs if catalogue else {}
    labels = {code: signs[code].label if code in signs else plain(code) for code in measured}
    unit = next((signs[code].unit for code in measured if code in signs), "")
    usual = {code: value for code, value in _usual_readings(facts).items() if code in measured}
    values = [
        *usual.values(),
        *(point.value for points in measured.values() for point in points if point.value is not None),
    ]
    room = max((max(values) - min(values)) * ROOM, 0.5)
    return Curves(
        key=f"vital-{key}",
        title=title,
        unit=UNITS.get(unit, unit),
        low=min(values) - room,
        high=max(values) + room,
        curves=(
            *(Curve(labels[code], "line", points=_broken(points, gaps)) for code, points in measured.items()),
            *(_usual_curve(labels[code], value, facts.axis) for code, value in usual.items()),
        ),
    )


def _usual_readings(facts: TimelineFacts) -> dict[str, float]:
    told = facts.baseline.vital_signs if facts.baseline else {}
    return {code: float(value) for code, value in told.items()}


def _usual_curve(label: str, value: float, axis: Axis) -> Curve:
    return Curve(_("%(sign)s, usual") % {"sign": label}, "usual", pieces=(Piece(axis.since, axis.until, value),))


def _broken(points: Sequence[Point], gaps: Sequence[Gap]) -> tuple[Point, ...]:
    """A line across a gap would tell of hours in which nobody looked."""
    breaks = [Point(gap.begins, None) for gap in gaps if points[0].at < gap.begins < points[-1].at]
    return tuple(sorted([*points, *breaks], key=lambda point: point.at))
