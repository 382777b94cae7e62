from django.apps import AppConfig


class TapersConfig(AppConfig):
    name = "apps.tapers"
    default_auto_field = "django.db.models.BigAutoField"
