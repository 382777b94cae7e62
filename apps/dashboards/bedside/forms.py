"""A log that a nurse writes: at the bedside, or what the patient or a carer says on the telephone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.core.typed_numbers import ReadingField
from apps.dashboards.bedside import items
from apps.dashboards.forms import note_area
from apps.dashboards.plan_forms import MomentField
from apps.dashboards.wording import plain, unit_words
from apps.rules.catalogue import Catalogue
from apps.rules.definitions import VitalSignDef
from apps.rules.types import Reporter
from apps.symptoms.models import Baseline, SymptomLog

SELECT = {"class": "tw-select"}
FIELD_OF_KIND = {"answers": "answer", "vital_signs": "value"}


@dataclass(frozen=True, slots=True)
class AskedGroup:
    key: str
    title: str
    fields: tuple[BoundField, ...]


@dataclass(frozen=True, slots=True)
class AskedReading:
    definition: VitalSignDef
    value: BoundField
    unit: BoundField
    site: BoundField | None

    @property
    def unit_words(self) -> str:
        return unit_words(self.definition.unit)


class BedsideForm(forms.Form):
    """What is left as it is was not looked at, and says nothing; it is not "none"."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    supersedes = forms.UUIDField(required=False, widget=forms.HiddenInput)
    asked_by = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    observed_at = MomentField(label=_("When"), required=False, help_text=_("Empty: now."))
    nothing_asked = forms.ChoiceField(
        label=_("Nothing could be asked"), required=False, widget=forms.Select(attrs=SELECT)
    )
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=note_area(3))

    def __init__(
        self, data: Any, *, catalogue: Catalogue, reporter: Reporter, age_years: float, at: datetime, **named: Any
    ) -> None:
        super().__init__(data, **named)
        self.catalogue, self.reporter, self.at = catalogue, reporter, at
        self._groups = items.groups(catalogue, reporter, age_years)
        self._signs = items.vital_signs(catalogue, reporter)
        self._with_readings = items.with_readings(catalogue, reporter)
        self.fields["client_id"].initial = uuid4
        self.fields["asked_by"].initial = catalogue.version
        self.fields["nothing_asked"].choices = [  # type: ignore[attr-defined]
            ("", _("The questions could be asked")),
            *((str(code), words) for code, words in items.UNANSWERED.items()),
        ]
        self.fields["nothing_asked"].help_text = _(
            "It is kept for each thing that only the patient can tell and that is left open below."
        )
        for symptom in self._symptoms:
            self.fields[f"answer-{symptom.code}"] = forms.ChoiceField(
                required=False,
                choices=items.choices(symptom),
                label=symptom.clinical_label,
                widget=forms.Select(attrs=SELECT),
            )
        for sign in self._signs:
            self._add_reading(sign)

    @property
    def _symptoms(self) -> list[Any]:
        return [*(one for group in self._groups for one in group.symptoms), *self._with_readings]

    def _add_reading(self, sign: VitalSignDef) -> None:
        number = {"class": "tw-input tw-input--number", "inputmode": "decimal", "autocomplete": "off"}
        self.fields[f"value-{sign.code}"] = ReadingField(label=sign.label, widget=forms.TextInput(attrs=number))
        units = [(unit, unit_words(unit)) for unit in sign.accepted_units]
        self.fields[f"unit-{sign.code}"] = forms.ChoiceField(
            required=False,
            choices=units,
            initial=sign.unit,
            label=_("Unit"),
            widget=forms.Select(attrs=SELECT) if units[1:] else forms.HiddenInput,
        )
        if sign.sites:
            self.fields[f"site-{sign.code}"] = forms.ChoiceField(
                required=False,
                choices=[("", _("site not said")), *((site, plain(site)) for site in sign.sites)],
                label=_("Site"),
                widget=forms.Select(attrs=SELECT),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["answers"], cleaned["vital_signs"] = self._answers(cleaned), self._readings_of(cleaned)
        if not (cleaned["answers"] or cleaned["vital_signs"] or cleaned.get("note") or self.errors):
            self.nothing_is_said()
        return cleaned

    def nothing_is_said(self) -> None:
        self.add_error(None, _("Nothing is filled in yet."))

    def _answers(self, cleaned: Mapping[str, Any]) -> dict[str, int | bool | str]:
        why_not = cleaned.get("nothing_asked")
        found: dict[str, int | bool | str] = {}
        for symptom in self._symptoms:
            chosen = cleaned.get(f"answer-{symptom.code}")
            if chosen:
                found[symptom.code] = items.answer_of(symptom, chosen)
            elif why_not and Reporter.PATIENT in symptom.reported_by and symptom.asked_after is None:
                found[symptom.code] = why_not
        return found

    def _readings_of(self, cleaned: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for sign in self._signs:
            value = cleaned.get(f"value-{sign.code}")
            if value is None:
                continue
            found[sign.code] = {"value": value, "unit": cleaned.get(f"unit-{sign.code}") or sign.unit}
            if site := cleaned.get(f"site-{sign.code}"):
                found[sign.code]["site"] = site
        return found

    def refuse(self, refusal: DomainError) -> None:
        """Each fault beside its field; one that has none above the form."""
        for problem in getattr(refusal, "problems", ()) or [None]:
            name = _field_of(problem.pointer) if problem else ""
            self.add_error(name if name in self.fields else None, problem.detail if problem else refusal.message)

    def start_anew(self) -> None:
        """A new id for what is on the page: the old one belongs to a log that is stored already."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["client_id"] = str(uuid4())

    @property
    def groups(self) -> list[AskedGroup]:
        return [
            AskedGroup(one.key, one.title, tuple(self[f"answer-{symptom.code}"] for symptom in one.symptoms))
            for one in self._groups
        ]

    @property
    def with_readings(self) -> list[BoundField]:
        return [self[f"answer-{symptom.code}"] for symptom in self._with_readings]

    @property
    def readings(self) -> list[AskedReading]:
        return [
            AskedReading(
                sign,
                self[f"value-{sign.code}"],
                self[f"unit-{sign.code}"],
                self[f"site-{sign.code}"] if sign.sites else None,
            )
            for sign in self._signs
        ]


class UsualForm(BedsideForm):
    """How the person was before the taper began. What is left open is not known."""

    def __init__(self, data: Any, *, told: Baseline | None, **named: Any) -> None:
        super().__init__(data, reporter=Reporter.STAFF, initial=_initial_of(told), **named)
        for name in ("client_id", "supersedes", "asked_by", "observed_at", "nothing_asked", "note"):
            del self.fields[name]
        for symptom in self._symptoms:
            graded = [one for one in items.choices(symptom) if one[0] not in items.UNANSWERED]
            self.fields[f"answer-{symptom.code}"].choices = [("", _("not known")), *graded[1:]]  # type: ignore[attr-defined]
        for name in [name for name in self.fields if name.startswith("site-")]:
            self.fields[name].widget = forms.HiddenInput()

    def nothing_is_said(self) -> None:
        """Then nothing is known of what is usual: a statement like any other."""


def _initial_of(told: Baseline | None) -> dict[str, Any]:
    if told is None:
        return {}
    answers = {f"answer-{code}": items.choice_of(answer) for code, answer in told.answers.items()}
    return answers | {f"value-{code}": f"{value:g}" for code, value in told.vital_signs.items()}


def _field_of(pointer: str) -> str:
    """`/vital_signs/temperature_c/unit` is asked for as `value-temperature_c`, `/note` as `note`."""
    kind, _slash, rest = pointer.strip("/").partition("/")
    return f"{FIELD_OF_KIND[kind]}-{rest.partition('/')[0]}" if kind in FIELD_OF_KIND else kind


def initial_from(log: SymptomLog) -> dict[str, Any]:
    """The form as it was filled in for this log, for whoever wants to correct it."""
    initial: dict[str, Any] = {"note": log.note, "supersedes": log.pk, "observed_at": log.observed_at}
    for code, answer in log.answers.items():
        initial[f"answer-{code}"] = items.choice_of(answer)
    for code, reading in log.vital_signs.items():
        entered = reading.get("entered") or reading
        initial[f"value-{code}"] = entered.get("value")
        initial[f"unit-{code}"] = entered.get("unit")
        initial[f"site-{code}"] = reading.get("site") or ""
    return initial
