"""How I am: the form for one symptom log. Its questions, steps, units and sites are those of the catalogue."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.typed_numbers import ReadingField
from apps.portal import questions
from apps.portal.forms.moments import MomentForm
from apps.portal.translations import SpokenCatalogue
from apps.portal.units import HOSPITAL_ONLY, site_words, unit_words
from apps.rules.definitions import VitalSignDef
from apps.rules.types import Reporter, Unanswered
from apps.symptoms.models import SymptomLog

LONGEST_SECONDS = 24 * 3600
"""What a page says beyond this it cannot have measured."""

WHY_NOT = {
    Reporter.PATIENT: (
        ("", _("I can answer")),
        (Unanswered.TOO_UNWELL, _("I feel too ill to answer")),
        (Unanswered.TOO_CONFUSED, _("I feel too muddled to answer")),
        (Unanswered.REFUSED, _("I do not want to answer")),
    ),
    Reporter.CARER: (
        ("", _("I answer what I can see")),
        (Unanswered.TOO_CONFUSED, _("They are too muddled to answer")),
        (Unanswered.TOO_UNWELL, _("They are too ill to answer")),
        (Unanswered.ASLEEP, _("They are asleep")),
        (Unanswered.REFUSED, _("They do not want to answer")),
    ),
}


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    question: questions.Question
    field: BoundField


@dataclass(frozen=True, slots=True)
class AskedSection:
    section: questions.Section
    asked: tuple[AskedQuestion, ...]
    is_open: bool
    answered: int


@dataclass(frozen=True, slots=True)
class AskedReading:
    vital_sign: VitalSignDef
    value: BoundField
    unit: BoundField
    site: BoundField | None
    unmeasured: tuple[AskedQuestion, ...]

    @property
    def label(self) -> str:
        return str(self.value.label)

    @property
    def unit_words(self) -> str:
        return unit_words(self.vital_sign.unit)

    @property
    def conversions(self) -> str:
        """For the page: how each unit becomes the ward's, and from where on a reading is asked about. JSON."""
        sign = self.vital_sign
        units = {
            name: {"minus": unit.minus, "multiply": unit.multiply, "divide": unit.divide}
            for name, unit in sign.accepted_units.items()
        }
        return json.dumps(
            {
                "unit": sign.unit,
                "units": units,
                "names": {name: unit_words(name) for name in units},
                "questioned": sign.questioned,
                "decimals": sign.decimals,
            }
        )

    @property
    def errors(self) -> list[str]:
        parts = (self.value, self.unit, self.site)
        return [str(error) for part in parts if part is not None for error in part.errors]


class SymptomLogForm(MomentForm):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    supersedes = forms.UUIDField(required=False, widget=forms.HiddenInput)
    catalogue_version = forms.CharField(required=False, widget=forms.HiddenInput)
    """By which the page was made: a page that is open while the catalogue changes is read as it was."""
    by = forms.ChoiceField(required=False, choices=(("", ""), ("carer", "carer")), widget=forms.HiddenInput)
    carried_from = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    """The earlier report that this one was said to be about the same as."""
    seconds = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    """How long it took, as the page measured it. Neither refuses a report."""
    why_not = forms.ChoiceField(
        required=False, widget=forms.RadioSelect, label=_("Can these questions be answered now?")
    )
    note = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Anything else the ward should know?"),
        widget=forms.Textarea(attrs={"class": "tw-textarea", "rows": 4}),
    )

    def __init__(
        self,
        *args: Any,
        catalogue: SpokenCatalogue,
        reporter: Reporter,
        age_years: float,
        at: datetime,
        zone: str,
        **options: Any,
    ) -> None:
        super().__init__(*args, at=at, zone=zone, **options)
        self.catalogue = catalogue
        self.reporter = reporter
        self.asked_sections = questions.sections(catalogue, reporter, age_years)
        self.asked_vital_signs = questions.vital_signs(catalogue, reporter)
        self.fields["client_id"].initial = uuid.uuid4
        self.fields["catalogue_version"].initial = catalogue.version
        self.fields["why_not"].choices = WHY_NOT[reporter]  # type: ignore[attr-defined]
        self.unmeasured = {
            vital_sign.code: questions.unmeasured(catalogue, vital_sign, reporter)
            for vital_sign in self.asked_vital_signs
        }
        for question in self.all_questions():
            self.add_question(question)
        for vital_sign in self.asked_vital_signs:
            self.add_reading(vital_sign)

    def add_question(self, question: questions.Question) -> None:
        self.fields[f"answer-{question.code}"] = forms.ChoiceField(
            required=False,
            choices=((questions.SKIP, _("Skip")), *question.choices),
            widget=forms.RadioSelect,
            label=question.words,
        )

    def add_reading(self, vital_sign: VitalSignDef) -> None:
        code = vital_sign.code
        self.fields[f"value-{code}"] = ReadingField(
            label=questions.reading_words(vital_sign, self.reporter),
            widget=forms.TextInput(
                attrs={
                    "class": "tw-input tw-input--number",
                    "inputmode": "decimal",
                    "autocomplete": "off",
                }
            ),
        )
        units = [(unit, unit_words(unit)) for unit in vital_sign.accepted_units]
        self.fields[f"unit-{code}"] = forms.ChoiceField(
            required=False,
            choices=units,
            initial=vital_sign.unit,
            label=_("Unit"),
            widget=forms.Select(attrs={"class": "tw-select"}) if units[1:] else forms.HiddenInput,
        )
        sites = [(s, site_words(s)) for s in vital_sign.sites if s not in HOSPITAL_ONLY]
        if sites:
            self.fields[f"site-{code}"] = forms.ChoiceField(
                required=False,
                choices=(("", _("Not sure")), *sites),
                label=_("Where did you measure?"),
                widget=forms.Select(attrs={"class": "tw-select"}),
            )

    def all_questions(self) -> Iterator[questions.Question]:
        for section in self.asked_sections:
            yield from section.questions
        for unmeasured in self.unmeasured.values():
            yield from unmeasured

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["answers"] = self.answers(cleaned)
        cleaned["vital_signs"] = self.vital_signs(cleaned)
        says_something = cleaned["answers"] or cleaned["vital_signs"] or cleaned.get("note")
        if not says_something and not self.errors:
            self.add_error(None, _("Nothing is filled in yet. Answer at least one question or write a note."))
        return cleaned

    def clean_carried_from(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.cleaned_data["carried_from"])
        except ValueError:
            return None

    def clean_seconds(self) -> int | None:
        typed = self.cleaned_data["seconds"]
        return int(typed) if re.fullmatch(r"[0-9]{1,6}", typed) and int(typed) <= LONGEST_SECONDS else None

    def answers(self, cleaned: Mapping[str, Any]) -> dict[str, int | bool | str]:
        """Code -> answer. Where somebody says why the questions cannot be answered, that is recorded
        for each question left open: it is a finding, not a gap."""
        why_not = cleaned.get("why_not")
        found: dict[str, int | bool | str] = {}
        for question in self.all_questions():
            chosen = cleaned.get(f"answer-{question.code}")
            if chosen:
                found[question.code] = questions.answer_of(question.symptom, chosen)
            elif why_not and question.symptom.vital_sign is None and not question.is_follow_up:
                found[question.code] = why_not
        return found

    def vital_signs(self, cleaned: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for vital_sign in self.asked_vital_signs:
            value = cleaned.get(f"value-{vital_sign.code}")
            if value is None:
                continue
            reading = {
                "value": value,
                "unit": cleaned.get(f"unit-{vital_sign.code}") or vital_sign.unit,
            }
            if site := cleaned.get(f"site-{vital_sign.code}"):
                reading["site"] = site
            found[vital_sign.code] = reading
        return found

    def field_of(self, pointer: str) -> str | None:
        _start, kind, code, *_rest = [*pointer.split("/"), "", ""]
        if kind in ("answers", "vital_signs"):
            return f"{'answer' if kind == 'answers' else 'value'}-{code}"
        return super().field_of(pointer)

    def start_anew(self) -> None:
        """A new id for what is on the page: the old one belongs to a report that is already stored."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["client_id"] = str(uuid.uuid4())

    @property
    def sections(self) -> list[AskedSection]:
        """The questions with their fields. The first section and whatever holds an answer or a fault is open."""
        found = []
        for number, section in enumerate(self.asked_sections):
            asked = self.with_fields(section.questions)
            answered = sum(bool(one.field.value()) for one in asked)
            has_fault = any(one.field.errors for one in asked)
            found.append(AskedSection(section, asked, number == 0 or bool(answered) or has_fault, answered))
        return found

    def with_fields(self, asked: tuple[questions.Question, ...]) -> tuple[AskedQuestion, ...]:
        return tuple(AskedQuestion(one, self[f"answer-{one.code}"]) for one in asked)

    @property
    def readings(self) -> list[AskedReading]:
        return [
            AskedReading(
                vital_sign,
                self[f"value-{vital_sign.code}"],
                self[f"unit-{vital_sign.code}"],
                self[f"site-{vital_sign.code}"] if vital_sign.sites else None,
                self.with_fields(self.unmeasured[vital_sign.code]),
            )
            for vital_sign in self.asked_vital_signs
        ]


def initial_from(log: SymptomLog) -> dict[str, Any]:
    """The form as it was filled in for this log, for whoever wants to correct it."""
    initial: dict[str, Any] = {"note": log.note, "supersedes": log.pk}
    for code, answer in log.answers.items():
        initial[f"answer-{code}"] = questions.choice_of(answer)
    for code, reading in log.vital_signs.items():
        entered = reading.get("entered") or reading
        initial[f"value-{code}"] = entered.get("value")
        initial[f"unit-{code}"] = entered.get("unit")
        initial[f"site-{code}"] = reading.get("site") or ""
    return initial
