from django.apps import AppConfig


class SymptomsConfig(AppConfig):
    name = "apps.symptoms"
    default_auto_field = "django.db.models.BigAutoField"
