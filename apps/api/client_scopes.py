from typing import Any

from django.http import HttpRequest
from oauth2_provider.scopes import BaseScopes

from .scopes import SCOPES


class ClientScopes(BaseScopes):
    """A client is never given a scope that it was not created with."""

    def get_all_scopes(self) -> dict[str, str]:
        return SCOPES

    def get_available_scopes(
        self, application: Any = None, request: HttpRequest | None = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return [] if application is None else list(application.allowed_scopes)

    def get_default_scopes(
        self, application: Any = None, request: HttpRequest | None = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Who asks for nothing in particular gets all that the client may."""
        return self.get_available_scopes(application, request)
