"""What staff tell of doses, of what is in hand, and of the pump. Moments are typed by the clock of the page; empty
means now, and what is not known is left empty."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.dashboards.forms import note_area
from apps.dashboards.plan_forms import DayField, MomentField, date_input, dose_field, text_input
from apps.tapers.models import Dose, Product, PumpEvent


def _moment(label: Any) -> MomentField:
    return MomentField(label=label, required=False, help_text=_("Empty: now."))


class ToldForm(forms.Form):
    """`client_id` makes the same form sent twice one report."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, at: datetime, **named: Any) -> None:
        super().__init__(data, initial={"client_id": uuid.uuid4()} | named.pop("initial", {}), **named)
        self.at = at


class DoseTickForm(forms.Form):
    """`due` names the planned dose, `status` is the button, `taken_at` when it was taken (empty: when due)."""

    client_id = forms.UUIDField()
    due = forms.CharField(max_length=40)
    status = forms.ChoiceField(choices=Dose.Status.choices)
    taken_at = MomentField(label=_("Taken at"), required=False)
    reason = forms.CharField(max_length=300, required=False)
    """Why it was not as planned."""
    seen = forms.UUIDField(required=False)
    """The report that was on the page, which this one corrects."""


class OutsideForm(ToldForm):
    taken_at = _moment(_("Taken at"))
    amount = dose_field(_("mg"), required=True)


class CountForm(ToldForm):
    """One field for each product by mouth; empty: none of it."""

    counted_at = _moment(_("Counted at"))

    def __init__(self, data: Any = None, *, at: datetime, products: Iterable[Product], **named: Any) -> None:
        super().__init__(data, at=at, **named)
        self.products = {f"product-{product.pk}": product for product in products}
        for name, product in self.products.items():
            self.fields[name] = dose_field(product.name, help_text=_("Tablets, or mL."))

    @property
    def counted(self) -> list[forms.BoundField]:
        return [self[name] for name in self.products]

    def counts(self) -> dict[Product, Decimal]:
        given = self.cleaned_data
        return {product: given[name] for name, product in self.products.items() if given[name] is not None}


class PumpDatesForm(ToldForm):
    refill_due_on = DayField(label=_("Refill due"), required=False, widget=date_input())
    low_reservoir_on = DayField(label=_("Reservoir reckoned low"), required=False, widget=date_input())
    refill_booked = forms.NullBooleanField(
        label=_("Refill booked"),
        required=False,
        widget=forms.NullBooleanSelect(attrs={"class": "tw-select"}),
    )
    service_ends_on = DayField(label=_("End of the pump's service"), required=False, widget=date_input())
    alarm_volume_ml = forms.DecimalField(
        label=_("Alarm volume, mL"),
        required=False,
        max_digits=5,
        decimal_places=2,
        widget=text_input(True, inputmode="decimal", autocomplete="off"),
    )


class PumpEventForm(ToldForm):
    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=[("", "–"), *PumpEvent.Kind.choices],
        widget=forms.Select(attrs={"class": "tw-select"}),
    )
    tone = forms.ChoiceField(
        label=_("Tone, where it was an alarm"),
        required=False,
        choices=[("", "–"), *PumpEvent.Tone.choices],
        widget=forms.Select(attrs={"class": "tw-select"}),
    )
    occurred_at = _moment(_("When"))
    reservoir_ml = forms.DecimalField(
        label=_("Reservoir, mL"),
        required=False,
        min_value=0,
        max_value=60,
        max_digits=5,
        decimal_places=2,
        widget=text_input(True, inputmode="decimal", autocomplete="off"),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=4000, widget=note_area(2))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("tone") and cleaned.get("kind") != PumpEvent.Kind.ALARM:
            self.add_error("tone", _("Only an alarm has a tone."))
        return cleaned


class EventEndForm(forms.Form):
    event = forms.UUIDField(widget=forms.HiddenInput)
    ended_at = _moment(_("Mended at"))
