"""What an orchestrator and a monitoring system ask. Nothing here names a patient."""

from collections.abc import Callable
from secrets import compare_digest

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from apps.core.installation import installation_mismatch

StateReport = Callable[[], dict[str, object]]
MetricsFiller = Callable[[CollectorRegistry], None]

_reports: dict[str, StateReport] = {}
_fillers: list[MetricsFiller] = []


def report_state(name: str, report: StateReport) -> None:
    """Let an app add its state to /readyz, as information: it never makes the answer a refusal."""
    _reports[name] = report


def fill_metrics(filler: MetricsFiller) -> None:
    """Let an app add measurements to /metrics. They are read when asked for, from the database, so that
    every web process gives the same answer."""
    _fillers.append(filler)


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Looks at nothing else: a restart mends no database."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Can a log be stored? The database is reachable, has this version's tables and is of the kind (demo or
    real) that is served. The broker is only an
    accelerator: without it logs are stored and assessed all the same, so its state never refuses."""
    try:
        missing = _migrations_missing()
        mismatch = None if missing else installation_mismatch()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "unreachable"}, status=503)
    state: dict[str, object] = {
        "ready": not missing and mismatch is None,
        "database": "reachable",
        "migrations": "missing" if missing else "applied",
    }
    if mismatch:
        state["installation"] = mismatch
    for name, report in _reports.items():
        try:
            state[name] = report()
        except DatabaseError:
            state[name] = "unknown"
    return JsonResponse(state, status=200 if state["ready"] else 503)


def _migrations_missing() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: with METRICS_TOKEN as a bearer token; without one set, only from this machine."""
    if not _may_read_metrics(request):
        return HttpResponseForbidden("Not for you.\n", content_type="text/plain")
    registry = CollectorRegistry()
    for fill in _fillers:
        fill(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        return compare_digest(request.headers.get("Authorization", "").encode(), wanted)
    # Behind a proxy every request comes from this machine.
    return not settings.BEHIND_PROXY and request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
