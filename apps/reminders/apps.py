from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "apps.reminders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.monitoring.rounds import Round, register
        from apps.reminders.asking import enrol, look_at_due
        from apps.reminders.sending import send_due, waits_to_send

        register(Round("reminders", enrol, look_at_due, waits_to_send, send_due))
