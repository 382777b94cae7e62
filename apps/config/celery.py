"""The Celery application: `celery -A apps.config.celery worker`."""

import os

from celery import Celery
from celery.signals import setup_logging

from apps.config.database import PROCESS_KIND

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
os.environ.setdefault(PROCESS_KIND, "worker")

app = Celery("taperwatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_given: object) -> None:
    """Django has set up logging already; Celery would replace it and print task arguments."""
