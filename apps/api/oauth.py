"""The token endpoint: client credentials only. Its errors are those of RFC 6749."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import RevokeTokenView, TokenView
from rest_framework.request import Request

from .throttling import ClientBrake, rate_limit_headers


# Said again, since overriding `dispatch` drops it: a client that brings its own secret has no cookie to be abused.
@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class BrakedTokenView(TokenView):
    """Comparing a secret costs time on purpose, so nobody may ask for it without end."""

    brake = "tokens"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        brake = ClientBrake()
        asked = Request(request, authenticators=())
        if brake.allow_request(asked, self):
            return super().dispatch(request, *args, **kwargs)
        refusal = JsonResponse({"error": "temporarily_unavailable"}, status=429)
        refusal["Retry-After"] = str(round(brake.wait()))
        for name, value in rate_limit_headers(*asked.rate_limit).items():  # type: ignore[attr-defined]
            refusal[name] = value
        return refusal


app_name = "oauth2_provider"

urlpatterns = [
    path("token/", BrakedTokenView.as_view(), name="token"),
    path("revoke_token/", RevokeTokenView.as_view(), name="revoke-token"),
]
