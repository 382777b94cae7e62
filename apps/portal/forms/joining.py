"""Taking up an invitation, and inviting somebody."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.portal.forms.strict import StrictForm

LOCK = "lock"


class JoinForm(StrictForm):
    """`is_known`: the person has an account, so only a new passphrase is asked for. `asks_name`: of carers."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"class": "tw-input", "autocomplete": "name"}),
    )
    username = forms.CharField(
        label=_("Name to sign in with"),
        max_length=150,
        widget=forms.TextInput(attrs={"class": "tw-input", "autocomplete": "username", "autocapitalize": "none"}),
    )
    passphrase = forms.CharField(
        label=_("Passphrase"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "tw-input", "autocomplete": "new-password"}),
    )
    way = forms.CharField(required=False, widget=forms.HiddenInput)
    """Which button: LOCK, or with a passphrase."""
    own_phone = forms.BooleanField(
        label=_("This is my own phone: keep me signed in"), required=False, widget=forms.CheckboxInput()
    )

    def __init__(self, data: Any, *, is_known: bool, asks_name: bool, suggested: str) -> None:
        super().__init__(data, initial={"username": suggested, "own_phone": True})
        if self.data.get("way") == LOCK:
            self.fields["passphrase"].required = False
        if is_known:
            del self.fields["username"]
        if is_known or not asks_name:
            del self.fields["display_name"]

    @property
    def chosen_passphrase(self) -> str | None:
        """None: the person comes in with the lock of the phone."""
        return None if self.cleaned_data["way"] == LOCK else self.cleaned_data["passphrase"]

    def field_of(self, pointer: str) -> str | None:
        return pointer.removeprefix("/")

    def refuse(self, refusal: DomainError) -> None:
        self.add_refusal(refusal)


class InviteCarerForm(StrictForm):
    relationship = forms.CharField(
        label=_("Who is this to you? (wife, son, neighbour)"),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "tw-input"}),
    )
    do = forms.CharField(required=False, widget=forms.HiddenInput)
