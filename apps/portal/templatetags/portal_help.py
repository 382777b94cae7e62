"""The bar that shows how to get help, and links that stay with the person somebody cares for."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("_components/help_now.html", takes_context=True)
def help_now(context: template.Context) -> dict[str, Any]:
    """Works on pages that know no patient too (sign in, errors): then without the ward's number."""
    return {"emergency_number": settings.EMERGENCY_NUMBER, "ward": context.get("ward")}


@register.simple_tag(takes_context=True)
def my_url(context: template.Context, name: str, *args: Any) -> str:
    """The portal's address `name` for the person in hand. A carer's addresses name the person, so that
    two open tabs can never mix up two people."""
    if context.get("is_carer"):
        return reverse(f"portal:person-{name}", args=(context["patient"].pk, *args))
    return reverse(f"portal:{name}", args=args)


@register.filter
def dialled(phone: str) -> str:
    """A phone number as a tel: address wants it: digits, with a plus in front if there is one."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    return f"+{digits}" if phone.strip().startswith("+") else digits
