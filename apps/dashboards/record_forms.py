"""A patient's record as the ward keeps it: admitted, moved, discharged, and what bends how logs are read."""

import zoneinfo
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.patients.models import RiskFactor
from apps.wards.models import Ward, WardQuerySet

TEXT = {"class": "tw-input"}
SELECT = {"class": "tw-select"}


class RecordForm(forms.Form):
    def refuse(self, refusal: DomainError) -> None:
        for problem in getattr(refusal, "problems", ()) or [None]:
            name = problem.pointer.removeprefix("/") if problem else None
            self.add_error(name if name in self.fields else None, problem.detail if problem else refusal.message)


def zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class AdmitForm(RecordForm):
    record_number = forms.CharField(label=_("Record number"), max_length=40, widget=forms.TextInput(attrs=TEXT))
    given_name = forms.CharField(label=_("Given name"), max_length=100, widget=forms.TextInput(attrs=TEXT))
    family_name = forms.CharField(label=_("Family name"), max_length=100, widget=forms.TextInput(attrs=TEXT))
    birth_date = forms.DateField(label=_("Born on"), widget=forms.DateInput(attrs=TEXT | {"type": "date"}))
    bed = forms.CharField(label=_("Bed"), max_length=20, required=False, widget=forms.TextInput(attrs=TEXT))
    has_pump = forms.BooleanField(label=_("Has an intrathecal pump"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=forms.Select(attrs=SELECT)
    )
    time_zone = forms.ChoiceField(label=_("Lives by the clock of"), widget=forms.Select(attrs=SELECT))

    def __init__(self, data: Any, *, ward: Ward, at: datetime) -> None:
        super().__init__(data, initial={"time_zone": ward.time_zone, "language": settings.LANGUAGE_CODE})
        self.at = at
        self.fields["time_zone"].choices = zones()  # type: ignore[attr-defined]

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if born > self.at.date() or born.year < 1900:
            raise forms.ValidationError(_("Nobody was born on that day."))
        return born


class MoveForm(RecordForm):
    ward = forms.ModelChoiceField(
        label=_("To ward"), queryset=Ward.objects.none(), widget=forms.Select(attrs=SELECT)
    )
    bed = forms.CharField(label=_("Bed"), max_length=20, required=False, widget=forms.TextInput(attrs=TEXT))

    def __init__(self, data: Any, *, wards: WardQuerySet, ward: Ward, bed: str) -> None:
        super().__init__(data, initial={"ward": ward.pk, "bed": bed})
        self.fields["ward"].queryset = wards  # type: ignore[attr-defined]


class ZoneOfPatientForm(RecordForm):
    time_zone = forms.ChoiceField(
        label=_("From now on the clock that counts is that of"), widget=forms.Select(attrs=SELECT)
    )

    def __init__(self, data: Any, *, current: str) -> None:
        super().__init__(data, initial={"time_zone": current})
        known = zones()
        if current not in dict(known):
            known = [(current, current), *known]
        self.fields["time_zone"].choices = known  # type: ignore[attr-defined]


class RiskFactorForm(RecordForm):
    code = forms.ChoiceField(
        label=_("What is so, or came along"), choices=RiskFactor.Code.choices, widget=forms.Select(attrs=SELECT)
    )
    since = forms.DateField(
        label=_("Since"), required=False, widget=forms.DateInput(attrs=TEXT | {"type": "date"})
    )

    def __init__(self, data: Any, *, at: datetime) -> None:
        super().__init__(data)
        self.at = at
        self.fields["since"].help_text = _("Left empty: from now on.")

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since and since > self.at.date():
            raise forms.ValidationError(_("This day has not come yet."))
        return since


class ImportForm(RecordForm):
    table = forms.FileField(
        label=_("CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"})
    )
