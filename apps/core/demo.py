"""Is this the demo? Demo people and their printed passwords exist nowhere else."""

from django.conf import settings


def demo_mode_on() -> bool:
    return bool(settings.DEMO_MODE)
