"""Who proved when that it lives. A part that is silent is shown on the boards."""

import json
import os
import socket
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.symptoms.models import SymptomLog

QUEUE, SWEEP = "queue", "sweep"
CANARY = {QUEUE: "canary", SWEEP: "canary:sweep"}
"""The heartbeat of each way through: `at` is when the last canary that came out this way had been put in."""


_BEAT = """
insert into monitoring_heartbeat as beat (part, at, detail) values (%s, %s, %s::jsonb)
on conflict (part) do update set at = excluded.at, detail = excluded.detail where beat.at < excluded.at
"""


def beat(part: str, at: datetime, **detail: str) -> None:
    """Only ever forward, whichever process writes last."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [part, at, json.dumps(detail)])


def this_process(kind: str) -> str:
    return f"{kind}:{socket.gethostname()[:20]}:{os.getpid()}"[:40]


def note_work(log_ids: Sequence[UUID], at: datetime, *, through: str) -> None:
    """A worker lives; and if a canary was among these and is assessed, it came out this way."""
    if through == QUEUE:
        beat(this_process("worker"), at)
    canary = (
        SymptomLog.objects.filter(pk__in=log_ids, is_canary=True, assessments__assessed_at=at)
        .order_by("-recorded_at")
        .first()
    )
    if canary is not None:
        beat(CANARY[through], canary.recorded_at, out_at=at.isoformat())
