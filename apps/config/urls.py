"""The doors, and where they are."""

import logging
from typing import Any

from django.contrib import admin
from django.urls import include, path

from apps.core import health

from .front_door import front_door


def door(module: str) -> Any:
    """For the first days only, while the doors are being built at the same time; goes before the first version."""
    try:
        return include(module)
    except ImportError as missing:
        logging.getLogger(__name__).warning("%s is not there yet: %s", module, missing)
        return include([])


urlpatterns = [
    path("", front_door, name="front_door"),
    path("my/", door("apps.portal.urls")),
    path("ward/", door("apps.dashboards.urls")),
    path("api/v1/", door("apps.api.urls")),
    path("oauth/", include("apps.api.oauth")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
