from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.dashboards.plan_forms import MomentField
from apps.dashboards.timeline.axis import Period

PERIODS = (
    (Period.HOURS.value, _("48 hours")),
    (Period.DAYS.value, _("14 days")),
    (Period.TAPER.value, _("The whole taper")),
)


class TimelineForm(forms.Form):
    """`known_at` by the patient's clock; empty: now."""

    period = forms.ChoiceField(label=_("Show"), choices=PERIODS, required=False, widget=forms.RadioSelect)
    known_at = MomentField(label=_("As known at"), required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.is_valid()

    @property
    def chosen(self) -> Period:
        return Period(self.cleaned_data.get("period") or Period.DAYS)
