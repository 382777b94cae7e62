"""How each kind of process speaks to PostgreSQL.

A connection is never opened for a request: processes with threads keep a small pool, the others keep their
connection. Statements are prepared at their second use. Together that is about eight times the requests per
second of Django's defaults (`bench/`).

Behind a pooler in transaction mode, use one that knows prepared statements (PgBouncer 1.21 or later) and
that lets the start-up parameter `options` pass.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.core.embedded.cluster import connection_parameters

from .env import database_from_url, env_bool, env_int


@dataclass(frozen=True, slots=True)
class ProcessKind:
    """Milliseconds that PostgreSQL grants one process (0: no limit), and how many connections it shares
    among its threads (none: one connection for each, kept)."""

    statement_ms: int
    lock_ms: int
    idle_in_transaction_ms: int
    pool_size: int | None


KINDS = {
    # A request that waits longer has lost its reader; a lock held for longer belongs to a stuck colleague.
    "web": ProcessKind(statement_ms=5_000, lock_ms=500, idle_in_transaction_ms=10_000, pool_size=4),
    # Under the hard limit of a task (20 s), so that the task learns of it and can say so.
    "worker": ProcessKind(statement_ms=10_000, lock_ms=2_000, idle_in_transaction_ms=15_000, pool_size=None),
    "watch": ProcessKind(statement_ms=10_000, lock_ms=2_000, idle_in_transaction_ms=15_000, pool_size=4),
    # Somebody at a keyboard: migrations, exports, a shell.
    "command": ProcessKind(statement_ms=0, lock_ms=0, idle_in_transaction_ms=0, pool_size=None),
}
PROCESS_KIND = "TAPERWATCH_PROCESS"


def database_settings(local: Path) -> dict[str, Any]:
    """Django's DATABASES["default"]: the server of DATABASE_URL, or the embedded one."""
    url = os.environ.get("DATABASE_URL", "").strip()
    settings = database_from_url(url) if url else _embedded(local)
    kind = KINDS[os.environ.get(PROCESS_KIND, "command")]
    limits = {
        "statement_timeout": kind.statement_ms,
        "lock_timeout": kind.lock_ms,
        "idle_in_transaction_session_timeout": kind.idle_in_transaction_ms,
    }
    options = " ".join(f"-c {name}={milliseconds}" for name, milliseconds in limits.items())
    given = settings["OPTIONS"].pop("options", "")
    settings["OPTIONS"] |= {
        "options": f"{options} {given}".strip(),
        "application_name": f"taperwatch {os.environ.get(PROCESS_KIND, 'command')}",
        "connect_timeout": 5,
        "server_side_binding": True,
        "prepare_threshold": 1 if env_bool("DB_PREPARED_STATEMENTS", default=True) else None,
    }
    if kind.pool_size:
        settings["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": env_int("DB_POOL_SIZE", kind.pool_size, at_least=1),
            "timeout": 5,
            "max_lifetime": 1800,
        }
    return settings | {
        "ENGINE": "django.db.backends.postgresql",
        # The pool decides how long a connection lives; Django refuses to be told as well.
        "CONN_MAX_AGE": 0 if kind.pool_size else None,
        # A kept connection that a restart of the server cut is replaced before a request sees it.
        "CONN_HEALTH_CHECKS": env_bool("DB_HEALTH_CHECKS", default=True),
        "TEST": {"NAME": "_".join(filter(None, ["test_taperwatch", os.environ.get("TW_TEST_DB", "")]))},
    }


def _embedded(local: Path) -> dict[str, Any]:
    where = connection_parameters(local)
    return {
        "NAME": where["dbname"],
        "USER": where["user"],
        "PASSWORD": "",
        "HOST": where["host"],
        "PORT": where["port"],
        "OPTIONS": {},
    }
