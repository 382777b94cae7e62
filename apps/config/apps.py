from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "apps.config"

    def ready(self) -> None:
        # Registers the checks.
        from . import checks  # noqa: F401
