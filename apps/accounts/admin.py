from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.forms import ReadOnlyPasswordHashField, SetPasswordMixin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.read_only_admin import KeptAdmin

FIELDS = ("username", "display_name", "email", "role", "is_active", "is_staff", "is_superuser")


class NewUserForm(SetPasswordMixin, forms.ModelForm):
    password1, password2 = SetPasswordMixin.create_password_fields()

    class Meta:
        model = User
        fields = FIELDS

    def clean(self) -> dict[str, Any] | None:
        self.validate_passwords()
        return super().clean()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.validate_password_for_user(self.instance)

    def save(self, commit: bool = True) -> User:
        return self.set_password_and_save(super().save(commit=False), commit=commit)


class UserForm(forms.ModelForm):
    password = ReadOnlyPasswordHashField(
        label=_("Password"), help_text=_("Not shown. Whoever forgot it asks for a new one on the sign-in page.")
    )

    class Meta:
        model = User
        fields = (*FIELDS, "password")


@admin.register(User)
class UserAdmin(KeptAdmin):
    """Somebody who leaves is switched off, not deleted: what they did keeps their name."""

    form = UserForm
    list_display = ("display_name", "username", "role", "is_active", "is_staff")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("display_name", "username", "email")
    ordering = ("display_name",)

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewUserForm
        return super().get_form(request, obj, change, **kwargs)
