"""What a monitoring system is told of the way from a log to an alert. Nothing here names a patient."""

from dataclasses import asdict

from django.utils import timezone
from prometheus_client import CollectorRegistry, Gauge

from apps.core.health import fill_metrics, report_state
from apps.monitoring.selectors import pipeline_state

_GAUGES = {
    "canary_age_s": ("taperwatch_canary_age_seconds", "Since the last canary that came out was put in"),
    "queue_canary_age_s": ("taperwatch_queue_canary_age_seconds", "The same, through the queue alone"),
    "owed_count": ("taperwatch_assessments_owed", "Logs not yet assessed"),
    "oldest_owed_s": ("taperwatch_oldest_owed_seconds", "Age of the oldest of them"),
    "failing_count": ("taperwatch_assessments_failing", "Logs that could not be assessed when tried"),
    "watches_alive": ("taperwatch_watches_alive", "Watch processes heard of lately"),
    "worker_age_s": ("taperwatch_worker_age_seconds", "Since a worker was last heard of"),
}


def register() -> None:
    report_state("pipeline", _state)
    fill_metrics(_fill)


def _state() -> dict[str, object]:
    return {name: value for name, value in asdict(pipeline_state(timezone.now())).items() if name != "messages"}


def _fill(registry: CollectorRegistry) -> None:
    state = asdict(pipeline_state(timezone.now()))
    for name, (metric, words) in _GAUGES.items():
        value = state[name]
        # Never and unknown are not zero.
        Gauge(metric, words, registry=registry).set(float("nan") if value is None else value)
