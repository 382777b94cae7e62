"""What somebody types of a plan. What is missing is asked for and never filled in."""

from collections.abc import Iterable
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.dashboards.forms import note_area
from apps.tapers.courses.asking import Method
from apps.tapers.models import Product, Route

METHODS = (
    (Method.LINEAR.value, gettext_lazy("Linear: the same amount less each step")),
    (Method.PERCENT_OF_START.value, gettext_lazy("Percentage of the starting dose each step")),
    (Method.PROPORTIONAL.value, gettext_lazy("Proportional: a percentage of what is left each step")),
    (Method.BY_HAND.value, gettext_lazy("Written by hand, step by step")),
)
MOST_ROWS = 120
YEARS = range(1900, 2200)


def text_input(short: bool = False, **more: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "tw-input tp-short" if short else "tw-input tw-input--full", **more})


def dose_field(label: Any, *, required: bool = False, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=Decimal(0),
        max_digits=9,
        decimal_places=3,
        widget=text_input(True, inputmode="decimal", autocomplete="off"),
        **more,
    )


def _days(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=366,
        widget=text_input(True, inputmode="numeric", autocomplete="off"),
        **more,
    )


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"class": "tw-input", "type": "date"})


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"class": "tw-input", "type": "datetime-local"})


class DayField(forms.DateField):
    """A day that can be reckoned with: neither end of the calendar is near."""

    def clean(self, value: Any) -> Any:
        return _within_reach(super().clean(value))


class MomentField(forms.DateTimeField):
    """By the clock of the page. On the night the clocks change a time that is none, or two, is asked for again."""

    def __init__(self, **named: Any) -> None:
        super().__init__(widget=moment_input(), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **named)

    def clean(self, value: Any) -> Any:
        return _within_reach(super().clean(value))


def _within_reach(moment: Any) -> Any:
    if moment is not None and moment.year not in YEARS:
        raise forms.ValidationError(_("This is too long ago, or too far ahead."))
    return moment


def times_of(words: str) -> tuple[time, ...]:
    """Errors: ValidationError."""
    clock = forms.TimeField(input_formats=["%H:%M"], error_messages={"invalid": _("Write each time as 08:00.")})
    return tuple(clock.clean(word) for word in words.replace(",", " ").split())


class HeadForm(forms.Form):
    """What the plan is for. `is_first`: there is no plan yet; a change of one keeps its indication."""

    starts_on = DayField(
        label=gettext_lazy("First day"),
        widget=date_input(),
        help_text=gettext_lazy("A dose changes at the patient's own midnight."),
    )
    indication = forms.CharField(label=gettext_lazy("Baclofen is taken for"), max_length=200, widget=text_input())
    use_started_on = DayField(
        label=gettext_lazy("Taken regularly since"),
        required=False,
        widget=date_input(),
        help_text=gettext_lazy("Leave it empty where nobody knows."),
    )
    is_gated = forms.BooleanField(
        label=gettext_lazy("Each reduction waits until somebody releases it"), required=False, initial=True
    )
    reason = forms.CharField(label=gettext_lazy("Reason for this plan"), max_length=4000, widget=note_area(2))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_first: bool, **named: Any) -> None:
        super().__init__(*args, **named)
        if not is_first:
            for name in ("indication", "use_started_on", "is_gated"):
                del self.fields[name]


class CourseForm(forms.Form):
    """The taper of one route. Doses in mg a day by mouth, microgram a day by pump."""

    is_included = forms.BooleanField(label=gettext_lazy("Taper this route"), required=False)
    method = forms.ChoiceField(
        label=gettext_lazy("How the dose comes down"),
        choices=METHODS,
        required=False,
        widget=forms.Select(attrs={"class": "tw-select"}),
    )
    start = dose_field(gettext_lazy("Starting dose a day"))
    target = dose_field(gettext_lazy("Target a day"), help_text=gettext_lazy("0, or the dose that is kept on."))
    reduction = dose_field(gettext_lazy("Less each step"))
    percent = dose_field(gettext_lazy("Per cent each step"))
    to_target_below = dose_field(
        gettext_lazy("Below this dose, to the target"),
        help_text=gettext_lazy("A percentage of what is left never gets there by itself."),
    )
    step_days = _days(gettext_lazy("Days of each step"))
    first_days = _days(gettext_lazy("Days of the starting dose"), help_text=gettext_lazy("Empty: as each step."))
    final_hold = _days(
        gettext_lazy("Days of the last dose above the target"), help_text=gettext_lazy("Empty: as each step.")
    )
    times = forms.CharField(
        label=gettext_lazy("Times of day"),
        required=False,
        widget=text_input(placeholder="08:00 14:00 20:00", autocomplete="off"),
        help_text=gettext_lazy("By the patient's own clock, with spaces between."),
    )
    weights = forms.CharField(
        label=gettext_lazy("Shares of these times"),
        required=False,
        widget=text_input(placeholder="1 1 1", autocomplete="off"),
        help_text=gettext_lazy("Empty: evenly, what is left over at night. “1 1 2” gives half at the last time."),
    )
    products = forms.MultipleChoiceField(
        label=gettext_lazy("Made of"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None, *, route: str, products: Iterable[Product], **named: Any) -> None:
        super().__init__(data, prefix=route, **named)
        self.route = route
        self.unit = "mg" if route == Route.ORAL else "microgram"
        choices = [(str(product.pk), product.name) for product in products]
        made_of: Any = self.fields["products"]
        made_of.choices = choices
        made_of.initial = [key for key, _name in choices]
        if route == Route.INTRATHECAL:
            del self.fields["times"], self.fields["weights"]

    def clean_times(self) -> tuple[time, ...]:
        return times_of(self.cleaned_data["times"])

    def clean_weights(self) -> tuple[int, ...]:
        words = self.cleaned_data["weights"].replace(",", " ").split()
        if not all(word.isascii() and word.isdigit() and len(word) <= 3 for word in words):
            raise forms.ValidationError(_("Write whole numbers, one for each time."))
        return tuple(int(word) for word in words)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_included"):
            for name in ("start", "step_days"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("This is needed."))
        return cleaned


class RowForm(forms.Form):
    """One step after the first, written by hand."""

    dose = dose_field(gettext_lazy("Dose a day"))
    days = _days(gettext_lazy("Days"))

    def __init__(self, data: QueryDict | None, *, route: str, number: int) -> None:
        super().__init__(data, prefix=f"{route}-row-{number}")
        self.number = number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("dose") is None and "dose" not in self.errors:
            self.add_error("dose", _("This is needed."))
        return cleaned


class SignForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason for your signature"),
        max_length=4000,
        required=False,
        widget=note_area(2),
        help_text=gettext_lazy("Needed where a guard rail is broken: say why it is right all the same."),
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is withdrawn"), max_length=4000, required=False, widget=note_area(2)
    )


class ReleaseStepForm(forms.Form):
    step = forms.UUIDField(widget=forms.HiddenInput)
    override_reason = forms.CharField(
        label=gettext_lazy("Reason, where something is not met"),
        max_length=4000,
        required=False,
        widget=note_area(2),
        help_text=gettext_lazy("A doctor, a pharmacist or the nurse in charge may release it all the same."),
    )
