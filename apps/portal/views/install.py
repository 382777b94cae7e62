"""What makes the portal an app that can be put on the home screen: the manifest, and the worker that answers
without a connection."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.portal.build import WORKER, build, shell_addresses

COLOUR = "#0b4f5c"


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    answer = JsonResponse(
        {
            "id": reverse("portal:today"),
            "name": settings.SITE_NAME,
            "short_name": settings.SITE_NAME[:12],
            "description": _("Tell your ward how you are, with or without a connection."),
            "lang": get_language(),
            "dir": "rtl" if get_language_bidi() else "ltr",
            "start_url": reverse("portal:today"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": COLOUR,
            "icons": [
                {"src": static("img/taperwatch.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
                {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
                {
                    "src": static("img/icon-maskable-512.png"),
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "maskable",
                },
            ],
            "shortcuts": [
                {"name": _("Log how I am"), "url": reverse("portal:log")},
                {"name": _("I need help now"), "url": reverse("portal:help")},
            ],
        }
    )
    answer["Content-Type"] = "application/manifest+json"
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Two lines: which build this is, and the script that does the work. A browser compares the bytes, so a new
    build is a new worker."""
    made_of = {
        "build": build(),
        "files": shell_addresses(),
        "phone": reverse("portal:phone"),
        "help": reverse("portal:help"),
        "name": settings.SITE_NAME,
        "icon": static("img/icon-192.png"),
    }
    lines = f'import {{ serve }} from "{static(WORKER)}";\nserve({json.dumps(made_of)});\n'
    answer = HttpResponse(lines, content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "no-cache"
    return answer
