import pytest
from celery.worker.consumer import Consumer
from django.conf import settings as project

from apps.config.celery import app
from apps.config.celery_settings import SAFE_VALUES, UNUSED_STEP, celery_settings
from apps.config.checks import celery_loses_nothing
from apps.config.consumer import PromptConsumer

RABBITMQ = "amqp://somebody:pw@localhost//"


def faults() -> list[str]:
    return [str(fault.id) for fault in celery_loses_nothing(None)]


def use(settings, values) -> None:
    for name, value in values.items():
        setattr(settings, name, value)


def test_the_settings_as_they_are_pass():
    assert faults() == []


@pytest.mark.parametrize("name", SAFE_VALUES)
def test_every_other_value_is_refused(settings, name):
    setattr(settings, name, "something else")

    assert faults() == ["taperwatch.E001"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("task_time_limit", 20),
        ("accept_content", ["json"]),
        ("task_ignore_result", True),
        ("worker_enable_remote_control", False),
    ],
)
def test_the_values_reach_celery_itself(name, value):
    assert app.conf[name] == value


def test_rabbitmq_gets_quorum_queues_with_a_limit_dead_letters_and_confirms(settings, tmp_path):
    use(settings, celery_settings(RABBITMQ, tmp_path))

    assert faults() == []
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["confirm_publish"] is True
    for queue in settings.CELERY_TASK_QUEUES:
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-delivery-limit"] == 5
        assert queue.queue_arguments["x-dead-letter-exchange"]


def test_celery_still_has_the_step_that_the_worker_leaves_out():
    assert UNUSED_STEP in Consumer.Blueprint.default_steps
    assert UNUSED_STEP not in PromptConsumer.Blueprint.default_steps
    assert app.conf.worker_consumer == "apps.config.consumer:PromptConsumer"


def test_rabbitmq_without_confirms_is_refused(settings, tmp_path):
    use(settings, celery_settings(RABBITMQ, tmp_path))
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}

    assert faults() == ["taperwatch.E002"]


def test_a_rabbitmq_queue_without_a_delivery_limit_is_refused(settings, tmp_path):
    use(settings, celery_settings(RABBITMQ, tmp_path))
    del settings.CELERY_TASK_QUEUES[0].queue_arguments["x-delivery-limit"]

    assert faults() == ["taperwatch.E003"]


def test_valkey_hands_a_killed_workers_message_out_again_within_a_minute(tmp_path):
    options = celery_settings("", tmp_path)["CELERY_BROKER_TRANSPORT_OPTIONS"]

    assert project.CELERY_TASK_TIME_LIMIT < options["visibility_timeout"] <= 60
