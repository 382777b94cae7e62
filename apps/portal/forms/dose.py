"""What became of one due dose. It asks what happened and never suggests to take anything."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.portal.forms.moments import EARLIER, NOW, MomentForm
from apps.tapers.models import Dose

PLANNED, MISSED, UNKNOWN = "planned", "missed", "unknown"
TAKEN = (PLANNED, NOW, EARLIER)


class DoseForm(MomentForm):
    """`due_at` is when it was due. Adds `status` and `taken_at` (UTC, None unless taken) to cleaned_data."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)
    """The report of this dose that was on the page: another one by now means that somebody else told us."""
    both = forms.BooleanField(required=False, label=gettext_lazy("Yes, both were taken"))
    """Asked only when another dose was told of close to this one."""
    reason = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("If it was not as planned: why? You can leave this empty."),
        widget=forms.TextInput(attrs={"class": "tw-input"}),
    )
    route = forms.CharField(widget=forms.HiddenInput)
    due = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, at: datetime, zone: str, due_at: datetime, **options: Any) -> None:
        super().__init__(*args, at=at, zone=zone, **options)
        self.due_at = due_at
        self.asks_about_both: datetime | None = None
        self.fields["client_id"].initial = uuid.uuid4
        when = self.fields["when"]
        when.label = gettext_lazy("What happened?")
        when.initial = None
        when.choices = self.outcomes()  # type: ignore[attr-defined]

    def outcomes(self) -> list[tuple[str, str]]:
        """A dose that is not due yet can only have been taken."""
        taken = [(NOW, _("Taken just now")), (EARLIER, _("Taken at another time"))]
        if self.due_at > self.at:
            return taken
        clock = timezone.localtime(self.due_at).strftime("%H:%M")
        return [
            (PLANNED, _("Taken at %(clock)s, when it was due") % {"clock": clock}),
            *taken,
            (MISSED, _("Not taken")),
            (UNKNOWN, _("I do not know")),
        ]

    def ask_about_both(self, other_taken_at: datetime) -> None:
        """Two doses close together happen; so do two taps. What is true is recorded, once it is sure."""
        self.asks_about_both = other_taken_at
        clock = timezone.localtime(other_taken_at).strftime("%H:%M")
        self.add_error(
            "both",
            _(
                "You told us of a dose taken at %(clock)s. Were both really taken? "
                "Then say so below and send again."
            )
            % {"clock": clock},
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("when") == PLANNED:
            cleaned["moment"] = self.due_at
        cleaned["status"] = {MISSED: Dose.Status.MISSED, UNKNOWN: Dose.Status.UNKNOWN}.get(
            str(cleaned.get("when")), Dose.Status.TAKEN
        )
        cleaned["taken_at"] = cleaned.get("moment") if cleaned.get("when") in TAKEN else None
        return cleaned
