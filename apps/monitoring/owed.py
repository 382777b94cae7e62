"""What the database owes: one row per log and catalogue version, whoever may be alive to see to it.

Instants are aware UTC datetimes. `asked` counts requests, `answered` the request that an assessment had seen when
it began; the two apart is a debt. All statements are conditional, so that any number of processes may run them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from apps.assessments.window import WINDOW

CHANNEL = "taperwatch_owed"
QUEUE_PATIENCE = timedelta(seconds=10)
"""How long the queue has before the watch does the work itself, and how long a claim lasts."""
SWEEP_LEASE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(seconds=30)
"""Between two tries of a log that cannot be assessed."""
ATTEMPTS_BEFORE_REVIEW = 5
SUSPECT_AFTER = 2


@dataclass(frozen=True, slots=True)
class Debt:
    log_id: UUID
    catalogue_version: str
    asked: int
    attempts: int


# Logs of one patient from the log in hand on, as far as it reaches into their windows. In order of id, so that two
# reports at once wait for each other and do not deadlock. A debt that was paid begins anew.
_OWE = """
with asked as (
    insert into monitoring_assessmentowed as owed
        (id, log_id, catalogue_version, asked, answered, owed_since, due_at, attempts, last_error)
    select gen_random_uuid(), l.id, %(catalogue)s, 1, 0, %(at)s, %(at)s, 0, ''
    from symptoms_symptomlog l
    where l.patient_id = %(patient)s and {which}
        and not exists (select from symptoms_symptomlog c where c.supersedes_id = l.id)
    order by l.id
    on conflict (log_id, catalogue_version) do update set
        asked = owed.asked + 1,
        owed_since = case when owed.answered = owed.asked then excluded.owed_since else owed.owed_since end,
        due_at = least(owed.due_at, excluded.due_at),
        leased_until = case when owed.answered = owed.asked then null else owed.leased_until end,
        published_at = case when owed.answered = owed.asked then null else owed.published_at end,
        attempts = case when owed.answered = owed.asked then 0 else owed.attempts end,
        paid_at = null
    returning 1
)
select count(*), pg_notify(%(channel)s, '') from (select count(*) from asked) as counted
"""
_FROM_THEN_ON = "l.observed_at >= %(since)s and l.observed_at <= %(until)s"
_OR_THE_NEWEST = """l.id = (
        select n.id from symptoms_symptomlog n
        where n.patient_id = %(patient)s
            and not exists (select from symptoms_symptomlog c where c.supersedes_id = n.id)
        order by n.observed_at desc, n.id desc limit 1)"""
_OWE_FROM = _OWE.format(which=_FROM_THEN_ON)
_OWE_AND_NEWEST = _OWE.format(which=f"({_FROM_THEN_ON} or {_OR_THE_NEWEST})")


def owe_assessments(
    *,
    patient_id: UUID,
    catalogue_version: str,
    since: datetime,
    at: datetime,
    until: datetime | None = None,
    and_newest: bool = False,
) -> None:
    """Ask for every log in force that was observed from `since` on, as far as a report of that moment reaches (or
    to `until`), and wake whoever listens, with the caller's commit. One statement.

    `and_newest`: also for the person's newest log, with whose signs a change of supply is looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OWE_AND_NEWEST if and_newest else _OWE_FROM,
            {
                "patient": patient_id,
                "catalogue": catalogue_version,
                "since": since,
                "until": until or since + WINDOW,
                "at": at,
                "channel": CHANNEL,
            },
        )


_BEGIN = """
update monitoring_assessmentowed set attempts = attempts + 1
where id in (
    select id from monitoring_assessmentowed
    where log_id = any(%s) and answered < asked order by id for update skip locked
)
returning log_id, catalogue_version, asked, attempts
"""


def begin_attempts(log_ids: Sequence[UUID]) -> list[Debt]:
    """What of these is still owed. Counted as tried before anything is tried, since a log that kills its process
    would otherwise never be counted. To be called before the facts are read: `asked` as it was then is what the
    assessment will answer."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [list(log_ids)])
        return [Debt(*row) for row in cursor.fetchall()]


def pay(debt: Debt, at: datetime) -> None:
    """It is answered as far as it had been asked when the work began; a request since keeps it owed, at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """update monitoring_assessmentowed set
                answered = greatest(answered, %(asked)s), attempts = 0, last_error = '',
                paid_at = case when asked <= %(asked)s then %(at)s::timestamptz end,
                leased_until = case when asked <= %(asked)s then leased_until end,
                published_at = case when asked <= %(asked)s then published_at end
            where log_id = %(log)s and catalogue_version = %(catalogue)s""",
            {
                "asked": debt.asked,
                "at": at,
                "log": debt.log_id,
                "catalogue": debt.catalogue_version,
            },
        )


def postpone(debt: Debt, at: datetime, error: str) -> None:
    """It failed: tried again soon, and owed until it succeeds. `error` without anything of the log in it."""
    pause = min(timedelta(seconds=2 ** min(debt.attempts, 5)), LONGEST_PAUSE)
    with connection.cursor() as cursor:
        cursor.execute(
            """update monitoring_assessmentowed
            set last_error = %s, due_at = %s, leased_until = null, published_at = null
            where log_id = %s and catalogue_version = %s and answered < asked""",
            [error[:500], at + pause, debt.log_id, debt.catalogue_version],
        )


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a watch has taken on. `fresh` goes to the queue; `forgotten` is what the queue had its time for."""

    fresh: tuple[UUID, ...]
    fresh_but_suspect: tuple[UUID, ...]
    """Tried before without coming back: each is published alone. After so many tries that a person was asked, a
    log is tried by workers only, lest it end every watch that touches it."""
    forgotten: tuple[UUID, ...]


_CLAIM = """
update monitoring_assessmentowed set
    leased_until = case
        when published_at <= %(long_ago)s then %(swept_until)s::timestamptz
        else %(until)s::timestamptz end,
    published_at = coalesce(published_at, %(at)s)
where id in (
    select id from monitoring_assessmentowed
    where answered < asked and due_at <= %(at)s and (leased_until is null or leased_until <= %(at)s)
    order by due_at limit %(limit)s for update skip locked
)
returning log_id, attempts, published_at <= %(long_ago)s
"""


def claim(at: datetime, limit: int = 500) -> Claimed:
    """Take what is due and not taken. A row is fresh once; asked of the queue that long ago and still owed, it is
    forgotten. The claim ends by itself, so a claimer that dies holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "at": at,
                "long_ago": at - QUEUE_PATIENCE,
                "until": at + QUEUE_PATIENCE,
                "swept_until": at + SWEEP_LEASE,
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    fresh, suspect, forgotten = [], [], []
    for log_id, attempts, is_old in rows:
        if is_old and attempts <= ATTEMPTS_BEFORE_REVIEW:
            forgotten.append(log_id)
        elif attempts >= SUSPECT_AFTER:
            suspect.append(log_id)
        else:
            fresh.append(log_id)
    return Claimed(tuple(fresh), tuple(suspect), tuple(forgotten))


def give_back(log_ids: Sequence[UUID], at: datetime) -> None:
    """The queue could not be asked for these: whoever claims them next does the work itself, at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """update monitoring_assessmentowed
            set leased_until = null, published_at = %s
            where log_id = any(%s) and answered < asked and attempts <= %s""",
            [at - QUEUE_PATIENCE, list(log_ids), ATTEMPTS_BEFORE_REVIEW],
        )
