"""Whatever the state of ward and pipeline: no board says of anybody that all is well. No database."""

import re
from datetime import date, timedelta
from uuid import UUID

from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.dashboards.board.narrowing import Narrowing, Show, narrow
from apps.dashboards.board.reading import PatientRead
from apps.dashboards.board.rows import place_of
from apps.dashboards.selectors import WardRead, board_of
from apps.monitoring.selectors import PipelineState, _with_messages
from apps.wards.models import Ward
from tests.factories import CATALOGUE, NOON, a_hit

COMFORT = re.compile(r"\b(ok|okay|well|all clear|no alerts|no problems?|stable|fine|safe|normal)\b", re.IGNORECASE)

ages = st.none() | st.floats(0, 1e6)
moments = st.integers(0, 20_000).map(lambda minutes: NOON - timedelta(minutes=minutes))


@st.composite
def pipelines(draw):
    canary = draw(ages)
    return _with_messages(
        PipelineState(
            canary_age_s=canary,
            queue_canary_age_s=draw(st.sampled_from([canary, None])),
            sweep_canary_age_s=draw(ages),
            owed_count=draw(st.integers(0, 9)),
            oldest_owed_s=draw(ages),
            failing_count=draw(st.integers(0, 3)),
            watches_alive=draw(st.integers(0, 2)),
            worker_age_s=draw(ages),
            live=canary is not None and canary <= 60,
            messages=(),
        )
    )


@st.composite
def patients(draw):
    logged = draw(st.none() | moments)
    read = PatientRead(
        patient_id=draw(st.uuids()),
        bed=draw(st.text("AB12", max_size=3)),
        admitted_at=NOON - timedelta(days=20),
        left_at=draw(st.none() | moments),
        given_name="Ada",
        family_name="Muster",
        birth_date=date(1970, 6, 1),
        time_zone="Europe/London",
        has_pump=draw(st.booleans()),
        last_log_id=None if logged is None else UUID(int=1),
        last_log_at=logged,
        last_log_recorded_at=logged,
        last_log_reporter=None if logged is None else "patient",
        last_log_by=None,
        is_assessed=draw(st.booleans()),
        score=draw(st.none() | st.integers(0, 60)),
        previous_score=draw(st.none() | st.integers(0, 60)),
        score_complete=draw(st.booleans()),
        previous_complete=draw(st.booleans()),
        last_taken_at=draw(st.none() | moments),
        missed_doses=draw(st.integers(0, 3)),
        last_missed_at=None,
        plan_kind=None,
        plan_changed_at=draw(st.none() | moments),
        plan_routes=draw(st.sampled_from([[], [["oral", 7, 2, "50"]], [["oral", 7, None, None]]])),
        pump_kind=None,
        pump_at=None,
        pump_ended_at=None,
        supply_kind=None,
        supply_at=None,
        step_waits=draw(st.booleans()),
    )
    levels = draw(st.lists(st.sampled_from([1, 2, 3]), max_size=2))
    return read, [_alert(level, draw(moments), draw(st.none() | moments)) for level in levels]


def _alert(level, raised_at, taken_at):
    return {
        "id": UUID(int=level),
        "pattern": "delirium",
        "level": level,
        "raised_at": raised_at,
        "hits": [a_hit(level=level)],
        "acknowledged_by_id": taken_at and UUID(int=9),
        "acknowledged_by__display_name": taken_at and "Ben Okafor",
        "acknowledged_at": taken_at,
        "catalogue_version": CATALOGUE,
        "asked": "Cara Lind",
        "silenced_until": None if level == 3 or taken_at else NOON + timedelta(hours=1),
        "silenced_by__display_name": "Cara Lind",
    }


def a_read(ward, pipeline):
    return WardRead(
        ward=Ward(id=UUID(int=5), name="Neurology 3"),
        at=NOON,
        patients=tuple((one, alerts, place_of(one, alerts, NOON)) for one, alerts in ward),
        on_duty=(),
        pipeline=pipeline,
        version="v",
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(patients(), max_size=3), pipelines())
def test_no_board_ever_comforts(ward, pipeline):
    board = board_of(a_read(ward, pipeline), user=User(id=UUID(int=7)))

    html = render_to_string(
        "dashboards/_ward_board_rows.html",
        {
            "board": board,
            "narrowed": narrow(board.rows, Narrowing(Show.ALL, ""), NOON),
            "now": NOON,
            "csrf_token": "x",
        },
    )
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))

    assert not COMFORT.search(text)
    quiet = [row for row in board.rows if row.alert is None]
    assert text.count("No open alert") == (len(quiet) if pipeline.live else 0)
    if not pipeline.live:
        assert "Logs are not being assessed" in text
        assert "No alert on this board does not mean that nothing is wrong." in text
        assert text.count("Cannot be known") == len(quiet)
    if not pipeline.watches_alive:
        assert board.is_in_danger
    for row in board.rows:
        if row.last_log_at and not row.is_assessed:
            assert "not yet assessed" in text or "Newest log not assessed" in text
