"""What is said on the rota's page. Times are by the ward's clock."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.dashboards.plan_forms import YEARS, MomentField
from apps.dashboards.record_forms import RecordForm
from apps.wards.models import Duty, Job, Ward
from apps.wards.rota import ShiftTimes

SELECT = {"class": "tw-select"}
TEXT = {"class": "tw-input"}
CLOCK = TEXT | {"type": "time"}
JOBS = [(job.value, job.label) for job in (Job.NURSE, Job.DOCTOR, Job.NURSE_IN_CHARGE, Job.PHARMACIST)]


class UntilForm(RecordForm):
    """I am on duty until …"""

    job = forms.ChoiceField(label=_("As"), choices=JOBS, widget=forms.Select(attrs=SELECT))
    until = MomentField(label=_("Until"))


class PutForm(RecordForm):
    """`clean` gives `starts_at` and `ends_at`: of the shift chosen, or of the times written."""

    user = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), widget=forms.Select(attrs=SELECT))
    job = forms.ChoiceField(label=_("As"), choices=JOBS, widget=forms.Select(attrs=SELECT))
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs=TEXT | {"type": "date"}))
    shift = forms.ChoiceField(label=_("Shift"), required=False, widget=forms.Select(attrs=SELECT))
    starts = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput(attrs=TEXT | {"type": "time"})
    )
    ends = forms.TimeField(label=_("To"), required=False, widget=forms.TimeInput(attrs=TEXT | {"type": "time"}))

    def __init__(self, data: Any, *, ward: Ward, people: list[User], shifts: list[ShiftTimes], day: date) -> None:
        alone = people[0].pk if len(people) == 1 else None
        super().__init__(data, initial={"day": day, "shift": shifts[0].label, "user": alone}, auto_id="put-%s")
        self.ward, self.shifts = ward, {one.label: one for one in shifts}
        choices = [(one.label, f"{one.label} {one.starts:%H:%M}–{one.ends:%H:%M}") for one in shifts]
        self.fields["shift"].choices = [*choices, ("", _("other times"))]  # type: ignore[attr-defined]
        self.fields["user"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            pk__in=[one.pk for one in people]
        ).order_by("display_name")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day, shift = cleaned.get("day"), self.shifts.get(cleaned.get("shift") or "")
        if day is None or "shift" in self.errors:
            return cleaned
        if shift is None:
            if cleaned.get("starts") is None or cleaned.get("ends") is None:
                self.add_error("starts", _("Choose a shift, or write from when to when."))
                return cleaned
            shift = ShiftTimes("", cleaned["starts"], cleaned["ends"])
        cleaned["starts_at"], cleaned["ends_at"] = shift.on(day, self.ward.time_zone)
        return cleaned


class SwapForm(RecordForm):
    one = forms.ModelChoiceField(label=_("This duty"), queryset=Duty.objects.none())
    other = forms.ModelChoiceField(label=_("with this one"), queryset=Duty.objects.none())

    def __init__(self, data: Any, *, duties: list[Duty]) -> None:
        super().__init__(data, auto_id="swap-%s")
        standing = Duty.objects.filter(pk__in=[duty.pk for duty in duties]).select_related("user", "ward")
        for name in ("one", "other"):
            field = _DutyField(
                label=self.fields[name].label,
                queryset=standing.order_by("starts_at"),
                widget=forms.Select(attrs=SELECT),
            )
            self.fields[name] = field


class _DutyField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return duty_words(obj)


def duty_words(duty: Duty) -> str:
    zone = ZoneInfo(duty.ward.time_zone)
    starts, ends = (moment.astimezone(zone) for moment in (duty.starts_at, duty.ends_at))
    return f"{starts:%a %d.%m. %H:%M}–{ends:%H:%M} {duty.user} ({Job(duty.job).label})"


def week_from(text: str, fallback: date) -> date:
    """The Monday of a week as in `?week=2026-11-23`, any day of it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return fallback
    return day - timedelta(days=day.weekday()) if day.year in YEARS else fallback
