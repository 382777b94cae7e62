"""A moment by the patient's own clock: now, or an earlier date and time. On the night the clocks change a
time may not exist, or come twice; then the form asks instead of guessing."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.days import local_day
from apps.portal.forms.strict import StrictForm

NOW, EARLIER = "now", "earlier"
FIRST, SECOND = "first", "second"


def meanings(day: date, clock: time, zone: str) -> list[datetime]:
    """Every instant (UTC) that this wall-clock time names: none, one, or two from the earlier to the later."""
    there = ZoneInfo(zone)
    found: list[datetime] = []
    for fold in (0, 1):
        local = datetime.combine(day, clock, tzinfo=there).replace(fold=fold)
        instant = local.astimezone(UTC)
        is_real = instant.astimezone(there).replace(tzinfo=None) == local.replace(tzinfo=None)
        if is_real and instant not in found:
            found.append(instant)
    return found


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "tw-input"})


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"class": "tw-input"})


class MomentForm(StrictForm):
    """Adds `moment` (UTC) to cleaned_data. `at` is the clock of the request, `zone` the patient's."""

    when = forms.ChoiceField(
        choices=((NOW, _("Now")), (EARLIER, _("Earlier"))),
        initial=NOW,
        widget=forms.RadioSelect,
        label=_("When was this?"),
    )
    day = forms.DateField(required=False, label=_("Date"), widget=DateInput)
    clock = forms.TimeField(required=False, label=_("Time"), widget=TimeInput)
    which = forms.ChoiceField(
        required=False,
        choices=(
            ("", ""),
            (FIRST, _("The first time, before the clocks went back")),
            (SECOND, _("The second time, after the clocks went back")),
        ),
        widget=forms.RadioSelect,
        label=_("Which of the two?"),
    )

    def __init__(self, *args: object, at: datetime, zone: str, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.at = at
        self.zone = zone
        self.fields["day"].initial = local_day(at, zone)
        self.fields["day"].widget.attrs["max"] = local_day(at, zone).isoformat()
        self.comes_twice = False

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("when") == NOW:
            cleaned["moment"] = self.at
        elif cleaned.get("when") == EARLIER:
            cleaned["moment"] = self.earlier_moment(cleaned)
        return cleaned

    def earlier_moment(self, cleaned: dict[str, object]) -> datetime | None:
        day, clock = cleaned.get("day"), cleaned.get("clock")
        if not isinstance(day, date) or not isinstance(clock, time):
            if not {"day", "clock"} & set(self.errors):
                self.add_error("clock", _("Give the date and the time, or choose “Now”."))
            return None
        found = meanings(day, clock, self.zone)
        if not found:
            self.add_error(
                "clock",
                _(
                    "This time did not exist: the clocks jumped forward that night. "
                    "Choose a time before or after the jump."
                ),
            )
            return None
        chosen = self.one_of(found, str(cleaned.get("which", "")))
        if chosen is not None and chosen > self.at:
            self.add_error("clock", _("This time has not come yet. Choose an earlier one."))
            return None
        return chosen

    def one_of(self, found: list[datetime], which: str) -> datetime | None:
        if len(found) == 1:
            return found[0]
        self.comes_twice = True
        if which not in (FIRST, SECOND):
            self.add_error(
                "which",
                _("The clocks went back that night, so this time came twice. Which one was it?"),
            )
            return None
        return found[0] if which == FIRST else found[1]
