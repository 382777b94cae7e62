"""Forms that refuse what they did not ask for: a field nobody knows, or one sent twice."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError, Problem

SENT_BY_THE_FRAME = frozenset({"csrfmiddlewaretoken"})


class StrictForm(forms.Form):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        sent: Mapping[str, Any] = self.data
        unknown = sorted(set(sent) - set(self.fields) - SENT_BY_THE_FRAME)
        if unknown:
            self.add_error(
                None,
                _(
                    "The questions have changed since you opened this page. Look through "
                    "your answers and send them again."
                ),
            )
        getlist = getattr(sent, "getlist", None)
        if getlist and any(len(getlist(name)) > 1 for name in self.fields):
            self.add_error(None, _("One question was answered twice. Look through your answers."))
        return cleaned

    def add_refusal(self, refusal: DomainError) -> None:
        """What a service refused, in its own words, beside the field that it points at."""
        problems = getattr(refusal, "problems", ()) or (Problem("", refusal.code, refusal.message),)
        for problem in problems:
            field = self.field_of(problem.pointer)
            self.add_error(field if field in self.fields else None, problem.detail)

    def field_of(self, pointer: str) -> str | None:
        """The field that holds what the pointer of a problem names."""
        return {"/observed_at": "clock", "/occurred_at": "clock", "/taken_at": "clock"}.get(pointer)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every fault once, with the anchor of its field ("" where it belongs to none)."""
        found = [("", str(error)) for error in self.non_field_errors()]
        for name in self.fields:
            anchor = "field-" + name.replace("unit-", "value-").replace("site-", "value-")
            label = str(self[name].label).rstrip(".:")
            found += [(anchor, f"{label} – {error}") for error in self[name].errors]
        return found
