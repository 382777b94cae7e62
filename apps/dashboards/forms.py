"""How staff answer an alert. What is missing or refused is said by the services; a form only reads."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.alerts.models import Alert

LONGEST_NOTE = 4000


def note_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "tw-textarea", "rows": rows, "maxlength": LONGEST_NOTE})


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, widget=note_area(3))


class ReleaseForm(forms.Form):
    note = forms.CharField(
        label=_("Why, or to whom (if you want to say)"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=note_area(2),
    )


class ResolveForm(forms.Form):
    """`seen` is what the page showed: an alert that rose since is not closed by a late click."""

    seen = forms.CharField(max_length=100, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("What became of it"), choices=Alert.Outcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False, widget=note_area(3))

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["note"].help_text = _(
            "Needed for a false alarm, another cause, or nothing to do: the rules are made better by it."
        )
