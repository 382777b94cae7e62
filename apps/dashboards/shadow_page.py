"""What a catalogue on trial would have changed, for somebody who works on some wards: all counts, and the patients
whom they may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.assessments.active import active_version
from apps.assessments.models import ShadowRun
from apps.dashboards.wording import catalogue_of, pattern_label
from apps.patients.models import Patient
from apps.rules.publishing import published

ON_A_PAGE = 50
KINDS = {
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("removed"),
    "raised": gettext_lazy("raised"),
    "lowered": gettext_lazy("lowered"),
    "earlier": gettext_lazy("earlier"),
    "later": gettext_lazy("later"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as it would be: its highest level and when it came to it."""

    level: int
    opened_at: datetime
    reached_at: datetime

    @property
    def has_risen(self) -> bool:
        return self.opened_at != self.reached_at


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    kind: str
    pattern: str
    is_quiet: bool
    patient: Patient
    old: Told | None
    new: Told | None
    hours: float | None
    rules: tuple[tuple[str, str], ...]
    """Rule id and its reason, "" where this release does not know the catalogue."""

    @property
    def shift(self) -> str:
        """How much earlier or later, to the tenth of an hour."""
        if self.hours is None:
            return ""
        words = _("%(hours)s h earlier") if self.hours < 0 else _("%(hours)s h later")
        return words % {"hours": number_format(abs(self.hours), decimal_pos=1)}


@dataclass(frozen=True, slots=True)
class CountLine:
    kind: str
    code: str
    """Of the kind, for the address of a list of it alone."""
    pattern: str
    is_quiet: bool
    old_level: int
    new_level: int
    count: int


@dataclass(frozen=True, slots=True)
class AlertLine:
    pattern: str
    is_quiet: bool
    level: int
    old: int
    new: int
    old_rate: float
    new_rate: float


@dataclass(frozen=True, slots=True)
class ShadowPage:
    run: ShadowRun
    is_published: bool
    alerts: tuple[AlertLine, ...]
    counts: tuple[CountLine, ...]
    rules: tuple[tuple[str, str, int], ...]
    """Kind, rule id, how often."""
    failures: int
    page: Page[Any]
    """Raw differences of this person's patients, a page of them."""
    lines: tuple[DifferenceLine, ...]
    elsewhere: int
    """Differences listed of patients whom this person may not see."""
    kind: str
    """Only differences of this kind are listed; "" for all."""
    kinds: tuple[tuple[str, str], ...]
    """Code and words of the kinds that there are."""


def is_published(run: ShadowRun) -> bool:
    return published().get(run.version) == run.sha256


def shadow_page(run: ShadowRun, *, user: User, kind: str, number: str) -> ShadowPage:
    wanted = [one for one in run.differences if kind in ("", one["kind"])]
    seen = _visible(user, wanted)
    mine = [one for one in wanted if one["patient"] in seen]
    page = Paginator(mine, ON_A_PAGE).get_page(number)
    texts = _rule_texts(run)
    return ShadowPage(
        run=run,
        is_published=is_published(run),
        alerts=tuple(_alert(line, run) for line in run.counts["alerts"]),
        counts=tuple(_count(line, run) for line in run.counts["differences"]),
        rules=tuple((_words(one["kind"]), one["rule_id"], one["count"]) for one in run.counts["rules"]),
        failures=sum(run.counts["failures"].values()),
        page=page,
        lines=tuple(_line(one, run, seen[one["patient"]], texts) for one in page),
        elsewhere=len(wanted) - len(mine),
        kind=kind,
        kinds=tuple((code, _words(code)) for code in KINDS if _has(run, code)),
    )


def _has(run: ShadowRun, kind: str) -> bool:
    return any(line["kind"] == kind for line in run.counts["differences"])


def _visible(user: User, differences: Iterable[Mapping[str, Any]]) -> dict[str, Patient]:
    wanted = {one["patient"] for one in differences}
    return {str(patient.pk): patient for patient in Patient.objects.visible_to(user).filter(pk__in=wanted)}


def _rule_texts(run: ShadowRun) -> dict[str, str]:
    """Reasons of the rules of both sides: the version on trial where this release brings it, and that in force."""
    texts: dict[str, str] = {}
    for version in (active_version(), run.version):
        catalogue = catalogue_of(version)
        if catalogue is not None:
            texts |= {rule.id: rule.because for rule in catalogue.rules}
    return texts


def _words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def _pattern(code: str, run: ShadowRun) -> str:
    return pattern_label(code, run.version if catalogue_of(run.version) else active_version())


def _alert(line: Mapping[str, Any], run: ShadowRun) -> AlertLine:
    return AlertLine(
        pattern=_pattern(line["pattern"], run),
        is_quiet=line["quiet"],
        level=line["level"],
        old=line["old"],
        new=line["new"],
        old_rate=line["old_per_patient_week"],
        new_rate=line["new_per_patient_week"],
    )


def _count(line: Mapping[str, Any], run: ShadowRun) -> CountLine:
    return CountLine(
        kind=_words(line["kind"]),
        code=line["kind"],
        pattern=_pattern(line["pattern"], run),
        is_quiet=line["quiet"],
        old_level=line["old_level"],
        new_level=line["new_level"],
        count=line["count"],
    )


def _line(one: Mapping[str, Any], run: ShadowRun, patient: Patient, texts: Mapping[str, str]) -> DifferenceLine:
    return DifferenceLine(
        kind=_words(one["kind"]),
        pattern=_pattern(one["pattern"], run),
        is_quiet=one["quiet"],
        patient=patient,
        old=_told(one["old"]),
        new=_told(one["new"]),
        hours=one["hours"],
        rules=tuple((rule, texts.get(rule, "")) for rule in one["rules"]),
    )


def _told(episode: Mapping[str, Any] | None) -> Told | None:
    if episode is None:
        return None
    return Told(
        level=episode["level"],
        opened_at=datetime.fromisoformat(episode["opened_at"]),
        reached_at=datetime.fromisoformat(episode["rises"][-1]["at"]),
    )


def shadow_runs(limit: int = 100) -> list[tuple[ShadowRun, bool, int]]:
    """The newest first: run, whether it tried a published version, and how many differences it found."""
    rows = ShadowRun.objects.select_related("made_by", "ward").defer("differences")[:limit]
    return [(run, is_published(run), sum(line["count"] for line in run.counts["differences"])) for run in rows]
