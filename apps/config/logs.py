"""Logging: one line of JSON each, to standard error, without anything about a patient.

Only the keys named here are written. What a request or an exception carried (a body, a form, SQL values) is not:
a log file is copied to more places than a medical record may be."""

import json
import logging
import os
import traceback
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

ALLOWED_KEYS = frozenset(
    {
        "event",
        "status",
        "method",
        "route",
        "duration_ms",
        "count",
        "job_id",
        "alert_id",
        "attempt",
        "queue",
        "age_s",
        "request_id",
    }
)


TASK_KEYS = ("name", "id", "description")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, words, and the allowed keys of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _words(record),
        }
        line |= {key: value for key, value in record.__dict__.items() if key in ALLOWED_KEYS}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return json.dumps(line, default=str, ensure_ascii=False)


def _words(record: logging.LogRecord) -> str:
    """The message, without the words of an exception: PostgreSQL quotes the row it refused in them. Celery
    tells a failed task as a mapping, with its arguments, error and trace as text."""
    given = record.args
    if isinstance(given, Mapping):
        told: Any = defaultdict(lambda: "…", {key: given[key] for key in TASK_KEYS if key in given})
    elif given:
        told = tuple(type(one).__name__ if isinstance(one, BaseException) else one for one in given)
    else:
        return str(record.msg)
    try:
        return str(record.msg) % told
    except (TypeError, ValueError):
        return str(record.msg)


def _places(trace: Any) -> list[str]:
    """File, line and function of each frame: enough to find the fault. The exception's own words are left
    out, since PostgreSQL quotes the row it refused."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # Django's own handlers would send e-mail with the request in it.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
    },
}
