"""Forms that refuse what they did not ask for: a field nobody knows, or one sent twice."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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
