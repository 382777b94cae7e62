"""How staff answer an alert. What is missing or refused is said by the services; a form only reads."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.alerts.models import Alert

LONGEST_NOTE = 4000


def note_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "tw-textarea", "rows": rows, "maxlength": LONGEST_NOTE})


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, widget=note_area(3))


class ReleaseForm(forms.Form):
    note = forms.CharField(label=_("Why"), max_length=LONGEST_NOTE, required=False, widget=note_area(2))


class DeclineForm(forms.Form):
    note = forms.CharField(label=_("Why you cannot"), max_length=LONGEST_NOTE, required=False, widget=note_area(2))


class PassOnForm(forms.Form):
    to = forms.ChoiceField(
        label=_("To whom"),
        required=False,
        widget=forms.Select(attrs={"class": "tw-input"}),
        error_messages={"invalid_choice": _("Choose somebody else who works on the ward.")},
    )
    note = forms.CharField(label=_("Why"), max_length=LONGEST_NOTE, required=False, widget=note_area(2))

    def __init__(self, *args: Any, colleagues: Sequence[tuple[str, str]], **named: Any) -> None:
        """`colleagues`: (id, in words), those on duty first."""
        super().__init__(*args, **named)
        cast(forms.ChoiceField, self.fields["to"]).choices = [("", _("Choose a colleague")), *colleagues]


class SilenceForm(forms.Form):
    """For how long rather than until when: nothing to work out over midnight or a change of clocks."""

    hours = forms.TypedChoiceField(
        label=_("For how long"),
        coerce=int,
        required=False,
        widget=forms.RadioSelect,
        empty_value=None,
        error_messages={"invalid_choice": _("Choose one of these times.")},
    )
    note = forms.CharField(
        label=_("Why nobody needs to be called"), max_length=LONGEST_NOTE, required=False, widget=note_area(2)
    )

    def __init__(self, *args: Any, longest: timedelta, **named: Any) -> None:
        super().__init__(*args, **named)
        most = int(longest.total_seconds() // 3600)
        cast(forms.TypedChoiceField, self.fields["hours"]).choices = [
            (count, ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count})
            for count in (1, 2, 4, 8, 12)
            if count <= most
        ]


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
