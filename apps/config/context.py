"""What every page knows about this installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.core.demo import demo_mode_on


def installation(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": settings.SITE_NAME,
        "demo_mode": demo_mode_on(),
        "emergency_number": settings.EMERGENCY_NUMBER,
        "help_line": settings.HELP_LINE,
        "help_line_hours": settings.HELP_LINE_HOURS,
    }
