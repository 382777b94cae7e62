"""What somebody says of a change: why, from when, and what each change needs besides."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import DomainError
from apps.dashboards.forms import note_area
from apps.dashboards.plan_forms import MomentField, dose_field, text_input, times_of
from apps.tapers.courses.one_dose import dose_by_mouth
from apps.tapers.courses.steps import StepInput
from apps.tapers.models import Route, TaperPlan
from apps.tapers.planning import UNIT_OF
from apps.tapers.restoring import doses_to_restore
from apps.tapers.selectors import present_steps
from apps.tapers.stock import active_products, product_values

LONGEST_DAYS = 366


def _days(label: Any, *, required: bool = False, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=1,
        max_value=LONGEST_DAYS,
        widget=text_input(short=True, inputmode="numeric", autocomplete="off"),
        help_text=help_text,
    )


class ChangeForm(forms.Form):
    """`arguments` are those of the service. Moments are typed by the clock of the page."""

    effective_at = MomentField(
        label=gettext_lazy("From when"),
        required=False,
        help_text=gettext_lazy("Empty: from now."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=4000, required=False, widget=note_area(2))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, plan: TaperPlan, at: datetime, **named: Any) -> None:
        super().__init__(data, **named)
        self.plan, self.at = plan, at

    @property
    def asked(self) -> list[forms.BoundField]:
        """What this change asks besides why and from when."""
        common = {"effective_at", "reason", "seen"}
        return [self[name] for name in self.fields if name not in common]

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def show_newest(self) -> None:
        """After a refusal because somebody was faster, the page shows what is there now: sent again, it counts."""
        newest = self.plan.versions.order_by("-number").first()
        self.data = {**self.data.dict(), "seen": str(newest.number if newest else 0)}  # type: ignore[attr-defined]

    def clean_effective_at(self) -> datetime:
        return self.cleaned_data["effective_at"] or self.at


class HoldForm(ChangeForm):
    days = _days(
        gettext_lazy("For how many days"), help_text=gettext_lazy("Empty: until the next step is released.")
    )


class SlowerForm(ChangeForm):
    days_longer = _days(gettext_lazy("Days longer, each step"), required=True)


class BackForm(ChangeForm):
    days = _days(
        gettext_lazy("For how many days"),
        help_text=gettext_lazy("Then the plan goes on from there. Empty: once the next step is released."),
    )


class ReinstateForm(ChangeForm):
    route = forms.ChoiceField(
        label=gettext_lazy("Route"),
        required=False,
        choices=[("", gettext_lazy("the one reduced last")), *Route.choices],
        widget=forms.Select(attrs={"class": "tw-select"}),
    )
    dose = dose_field(
        gettext_lazy("Another dose a day"),
        help_text=gettext_lazy("Empty: the dose before the last reduction. mg by mouth, microgram by pump."),
    )
    times = forms.CharField(
        label=gettext_lazy("Times of day"),
        required=False,
        widget=text_input(placeholder="08:00 14:00 20:00", autocomplete="off"),
        help_text=gettext_lazy("Only for another dose by mouth. Empty: as before."),
    )

    def clean_times(self) -> tuple[Any, ...]:
        return times_of(self.cleaned_data["times"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("dose") is not None and not cleaned.get("route") and "route" not in self.errors:
            self.add_error("route", _("Say by which route this dose is given."))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        dose, route, times = given.pop("dose"), given.pop("route"), given.pop("times")
        if dose is not None:
            given["steps"] = [_step(route, given["effective_at"], dose, times or self._times_before(route))]
        elif route:
            given["steps"] = list(doses_to_restore(self.plan.patient, given["effective_at"], route).values())
        return given

    def _times_before(self, route: str) -> tuple[Any, ...]:
        """Those of the dose that is given now, or of the one before the last fall."""
        at = self.cleaned_data["effective_at"]
        now = present_steps(self.plan.patient, at).get(route)
        if now is not None and now.times_of_day:
            return tuple(now.times_of_day)
        try:
            return tuple(doses_to_restore(self.plan.patient, at, route)[route].times_of_day)
        except DomainError:
            return ()


class TransferForm(ChangeForm):
    route = forms.ChoiceField(
        label=gettext_lazy("To which route"),
        choices=Route.choices,
        widget=forms.Select(attrs={"class": "tw-select"}),
    )
    dose = dose_field(
        gettext_lazy("Dose a day"), help_text=gettext_lazy("mg by mouth, microgram by pump."), required=True
    )
    times = forms.CharField(
        label=gettext_lazy("Times of day"),
        required=False,
        widget=text_input(placeholder="08:00 14:00 20:00", autocomplete="off"),
        help_text=gettext_lazy("Only by mouth."),
    )

    def clean_times(self) -> tuple[Any, ...]:
        return times_of(self.cleaned_data["times"])

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        dose, route, times = given.pop("dose"), given.pop("route"), given.pop("times")
        return given | {"steps": [_step(route, given["effective_at"], dose, times)]}


def _step(route: str, starts_at: datetime, dose: Decimal, times: tuple[Any, ...]) -> StepInput:
    """By mouth made from what this site hands out; a pump is set to the dose itself."""
    if route == Route.ORAL:
        products = [product_values(product) for product in active_products(Route.ORAL)]
        return dose_by_mouth(starts_at, dose, times, products)
    return StepInput(route, starts_at, None, dose, UNIT_OF[Route(route)])
