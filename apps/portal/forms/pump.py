"""What a person can notice of a pump without any instrument."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.portal.forms.moments import MomentForm
from apps.tapers.models import PumpEvent

# Value -> (kind, tone). The tones mean different things, so "not sure" stays without one.
NOTICED: dict[str, tuple[str, str]] = {
    "single_tone": (PumpEvent.Kind.ALARM, PumpEvent.Tone.SINGLE),
    "two_tone": (PumpEvent.Kind.ALARM, PumpEvent.Tone.TWO),
    "some_tone": (PumpEvent.Kind.ALARM, ""),
    "refill_missed": (PumpEvent.Kind.REFILL_MISSED, ""),
    "blow": (PumpEvent.Kind.TRAUMA, ""),
}
WORDS = (
    ("single_tone", _("It beeped: one tone at a time")),
    ("two_tone", _("It beeped: two tones, high and low")),
    ("some_tone", _("It beeped: I am not sure how")),
    ("refill_missed", _("A refill was missed")),
    ("blow", _("A fall or blow hit the pump")),
)


class PumpForm(MomentForm):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    noticed = forms.ChoiceField(choices=WORDS, widget=forms.RadioSelect, label=_("What did you notice?"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["client_id"].initial = uuid.uuid4

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["kind"], cleaned["tone"] = NOTICED.get(str(cleaned.get("noticed")), ("", ""))
        return cleaned
