"""The sign-in, with the question whether this is one's own phone."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.sessions import stay_signed_in


class SignInForm(LoginForm):
    own_phone = forms.BooleanField(label=_("This is my own phone: keep me signed in"), required=False)

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        answer: Any = super().login(request, redirect_url)
        # The library has just written how long this session lasts.
        if self.cleaned_data.get("own_phone") and isinstance(request.user, User):
            stay_signed_in(request, request.user)
        return answer
