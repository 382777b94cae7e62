"""The floor: the least that a web server in Python can do to store a log for good. No framework, no checks, no
rules; one statement writes the log and what is owed for it."""

import atexit
import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import orjson
from psycopg_pool import ConnectionPool

TABLES = """
create table bench_log (
    id bigint generated always as identity primary key, client_id uuid not null unique,
    patient uuid not null, observed_at timestamptz not null, answers jsonb not null, vital_signs jsonb not null
);
create table bench_owed (id bigint generated always as identity primary key, log bigint not null);
"""
STORE = """
with log as (
    insert into bench_log (client_id, patient, observed_at, answers, vital_signs)
    values (%s, %s, %s, %s, %s) on conflict (client_id) do nothing returning id
), owed as (insert into bench_owed (log) select id from log)
select id from log
"""


@lru_cache(maxsize=1)
def pool() -> ConnectionPool[Any]:
    made: ConnectionPool[Any] = ConnectionPool(
        os.environ["BENCH_DSN"], min_size=4, max_size=4, kwargs={"autocommit": True, "prepare_threshold": 1}
    )
    atexit.register(made.close)
    return made


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    values = (
        body["client_id"],
        body["patient"],
        body["observed_at"],
        orjson.dumps(body["answers"]).decode(),
        orjson.dumps(body["vital_signs"]).decode(),
    )
    with pool().connection() as connection:
        row = connection.execute(STORE, values).fetchone()
    answer = orjson.dumps({"id": row and row[0]})
    start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
