"""When and how somebody wants to be reminded."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.reminders.models import ReminderChoice
from apps.reminders.services import MorningIsQuiet, Times
from apps.reminders.times import MORNINGS

CLOCK = "%H:%M"


def hours(clocks: Any) -> list[tuple[str, str]]:
    return [(clock.strftime(CLOCK), clock.strftime(CLOCK)) for clock in clocks]


EVERY_HOUR = hours(time(hour) for hour in range(24))


def clock(words: Any, choices: list[tuple[str, str]]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=words, choices=choices, coerce=time.fromisoformat, widget=forms.Select(attrs={"class": "tw-select"})
    )


class ReminderForm(forms.Form):
    by_email = forms.BooleanField(label=_("Send me e-mail when no phone of mine can be reached"), required=False)
    morning = clock(_("Ask me at"), hours(MORNINGS))
    quiet_from = clock(_("Quiet from"), EVERY_HOUR)
    quiet_until = clock(_("until"), EVERY_HOUR)

    def __init__(self, data: Any, *, choice: ReminderChoice, is_carer: bool) -> None:
        names = ("morning", "quiet_from", "quiet_until")
        initial: dict[str, Any] = {name: getattr(choice, name).strftime(CLOCK) for name in names}
        super().__init__(data, initial=initial | {"by_email": choice.by_email})
        if is_carer:
            # They are asked after the person they care for, whose morning it is.
            del self.fields["morning"]
        self.kept_morning = choice.morning

    @property
    def chosen(self) -> Times:
        given = self.cleaned_data
        return Times(given.get("morning", self.kept_morning), given["quiet_from"], given["quiet_until"])

    def refuse(self, refusal: DomainError) -> None:
        is_about_morning = isinstance(refusal, MorningIsQuiet) and "morning" in self.fields
        self.add_error("morning" if is_about_morning else "quiet_from", refusal.message)

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(f"id_{name}", str(error)) for name, errors in self.errors.items() for error in errors]
