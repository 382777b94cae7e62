"""Where am I: the clock by which doses are due."""

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def places() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every zone with a place in its name, by region."""
    names = sorted(name for name in zoneinfo.available_timezones() if name.split("/")[0] in REGIONS)
    return [
        (region, [(name, _place(name)) for name in names if name.startswith(f"{region}/")]) for region in REGIONS
    ]


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")


class ZoneForm(forms.Form):
    zone = forms.ChoiceField(label=_("Where are you now?"), widget=forms.Select(attrs={"class": "tw-select"}))

    def __init__(self, data: Any, *, current: str) -> None:
        super().__init__(data, initial={"zone": current})
        known = places()
        if all(current != name for _region, names in known for name, _words in names):
            known = [("", [(current, current)]), *known]
        self.fields["zone"].choices = known  # type: ignore[attr-defined]

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [
            (f"id_{name}" if name in self.fields else "", str(error))
            for name, errors in self.errors.items()
            for error in errors
        ]
