"""The Celery application: `celery -A apps.config.celery worker`."""

import os
import sys

from celery import Celery, bootsteps
from celery.signals import heartbeat_sent, setup_logging, task_postrun, task_prerun
from django.db import close_old_connections

from apps.config.database import PROCESS_KIND
from apps.config.dead_letters import declare_dead_letters
from apps.core.alive import show_alive

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
os.environ.setdefault(PROCESS_KIND, "worker")

app = Celery("taperwatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close the connection before and after every task. Ours is kept; `mend_connections` closes it
# only when it broke.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()


class DeadLetters(bootsteps.StartStopStep):
    """Each time the worker has reached the broker, and before it declares the queues that refer to it."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, consumer: object) -> None:
        declare_dead_letters(app)


app.steps["consumer"].add(DeadLetters)


@setup_logging.connect
def keep_our_logging(**_given: object) -> None:
    """Django has set up logging already; Celery would replace it and print task arguments."""


@heartbeat_sent.connect
def say_that_the_worker_lives(**_given: object) -> None:
    show_alive("worker")


@task_prerun.connect
@task_postrun.connect
def mend_connections(**_given: object) -> None:
    """A connection that an error or a restart of PostgreSQL spoilt is opened anew for the next task."""
    close_old_connections()
