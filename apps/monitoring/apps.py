from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "apps.monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.monitoring import duty, metrics
        from apps.monitoring.rounds import Round, register

        metrics.register()
        register(Round("duty", duty.look, lambda at: False, duty.waits_to_send, duty.send))
