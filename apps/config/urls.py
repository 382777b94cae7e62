"""The doors, and where they are."""

from django.contrib import admin
from django.urls import include, path

from apps.accounts.passkeys.views import set_passphrase
from apps.core import health

from .front_door import front_door

urlpatterns = [
    path("", front_door, name="front_door"),
    path("my/", include("apps.portal.urls")),
    path("ward/", include("apps.dashboards.urls")),
    path("api/v1/", include("apps.api.urls")),
    path("oauth/", include("apps.api.oauth")),
    path("accounts/passkeys/", include("apps.accounts.passkeys.urls")),
    path("accounts/password/set/", set_passphrase),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
