"""What must hold at any moment, asked of the database. Each finding is a promise that is being broken now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from apps.alerts.delivery import SEND_DEADLINE
from apps.alerts.ladders import LADDERS
from apps.monitoring.clock import LONGEST_PAUSE as LONGEST_PAUSE_OF_CLOCK
from apps.monitoring.owed import LONGEST_PAUSE, QUEUE_PATIENCE, SWEEP_LEASE

GRACE = timedelta(seconds=30)
"""For a watch that is in the middle of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    count: int
    example: str
    """The id of one row, never what is in it."""


@dataclass(frozen=True, slots=True)
class _Promise:
    name: str
    sql: str
    """Selects the ids of rows that break it."""
    values: Callable[[datetime], dict[str, Any]]


PROMISES = (
    _Promise(
        "every_open_alert_has_somebody_to_be_called_next",
        """select a.id from alerts_alert a where a.status = 'open' and a.level = any(%(levels)s)
           and a.silenced_until is null
           and not exists (select from alerts_escalationstep s
               where s.alert_id = a.id and s.done_at is null and s.cancelled_at is null)""",
        lambda at: {"levels": [int(level) for level in LADDERS]},
    ),
    _Promise(
        "every_silence_ends_when_it_was_said",
        "select a.id from alerts_alert a where a.silenced_until < %(late)s",
        lambda at: {"late": at - GRACE},
    ),
    _Promise(
        "nobody_is_called_late",
        """select s.id from alerts_escalationstep s join alerts_alert a on a.id = s.alert_id
           where s.done_at is null and s.cancelled_at is null and a.status = 'open' and s.due_at < %(late)s""",
        lambda at: {"late": at - GRACE},
    ),
    _Promise(
        "every_attempt_has_an_outcome_or_is_under_way",
        """select t.id from alerts_deliveryattempt t join alerts_delivery d on d.id = t.delivery_id
           where t.outcome = '' and t.started_at < %(late)s and d.done_at is null and d.cancelled_at is null
               and d.due_at < %(late)s""",
        lambda at: {"late": at - SEND_DEADLINE - GRACE},
    ),
    _Promise(
        "every_taken_alert_comes_to_an_outcome_or_is_handed_back",
        """select a.id from alerts_alert a
           join unnest(%(levels)s, %(taken_before)s::timestamptz[]) as o (level, taken_before)
               on o.level = a.level
           where a.status = 'acknowledged' and a.acknowledged_at < o.taken_before""",
        lambda at: {
            "levels": [int(level) for level in LADDERS],
            "taken_before": [at - ladder.acknowledgement_holds - GRACE for ladder in LADDERS.values()],
        },
    ),
    _Promise(
        "every_log_is_owed_or_assessed",
        """select l.id from symptoms_symptomlog l
           where not exists (select from monitoring_assessmentowed o where o.log_id = l.id)
               and not exists (select from assessments_assessment a where a.log_id = l.id)""",
        lambda at: {},
    ),
    _Promise(
        "what_was_paid_was_assessed",
        """select o.log_id from monitoring_assessmentowed o
           where o.answered > 0 and not exists (select from assessments_assessment a
               where a.log_id = o.log_id and a.catalogue_version = o.catalogue_version)""",
        lambda at: {},
    ),
    _Promise(
        "every_log_is_assessed_in_time",
        "select log_id from monitoring_assessmentowed where answered < asked and owed_since < %(late)s",
        lambda at: {"late": at - QUEUE_PATIENCE - SWEEP_LEASE - LONGEST_PAUSE},
    ),
    _Promise(
        "everybody_in_care_is_looked_at_by_the_clock_in_time",
        """select s.patient_id from patients_stay s
           left join monitoring_clockcheck c on c.patient_id = s.patient_id
           where s.discharged_at is null and s.admitted_at < %(late)s
               and (c.due_at is null or c.due_at < %(late)s)""",
        lambda at: {"late": at - LONGEST_PAUSE_OF_CLOCK - GRACE},
    ),
    _Promise(
        "every_person_with_a_log_is_on_the_board_with_their_newest",
        """select x.id from assessments_latest t
           join lateral (select l.id, l.observed_at from symptoms_symptomlog l
               where l.patient_id = t.patient_id
                   and not exists (select from symptoms_symptomlog c where c.supersedes_id = l.id)
               order by l.observed_at desc, l.id desc limit 1) x on true
           where x.id <> t.last_log_id""",
        lambda at: {},
    ),
)


def find_broken(at: datetime) -> list[Finding]:
    """One statement for each promise."""
    found = []
    with connection.cursor() as cursor:
        for promise in PROMISES:
            cursor.execute(promise.sql, promise.values(at))
            ids = [str(row[0]) for row in cursor.fetchall()]
            if ids:
                found.append(Finding(promise.name, len(ids), ids[0]))
    return found
