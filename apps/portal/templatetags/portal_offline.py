"""What the scripts of the phone are told by a page: whose it is, what to keep, and which build this is."""

from typing import Any

from django import template
from django.urls import reverse

from apps.portal.build import build
from apps.portal.templatetags.portal_help import my_url

register = template.Library()


@register.inclusion_tag("portal/_phone.html", takes_context=True)
def phone_strip(context: template.Context, watch: bool = False) -> dict[str, Any]:
    """`watch`: this page shows what becomes of reports, so it keeps asking."""
    patient = context.get("patient")
    return {
        "person": context["request"].user.pk if patient else "",
        "build": build(),
        "keep": pages_to_keep(context) if patient else [],
        "shared": [reverse("portal:phone"), reverse("portal:help")],
        "ward": context.get("ward"),
        "watch": watch,
    }


def pages_to_keep(context: template.Context) -> list[str]:
    """The questions, and for a patient's own phone those for somebody who fills them in beside them."""
    log = my_url(context, "log")
    return [log] if context.get("is_carer") else [log, f"{log}?by=carer"]
