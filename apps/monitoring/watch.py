"""The daemon that remembers what the database owes. Two or more run side by side; each claim is a conditional
statement, so none does what another has."""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import TypeVar
from uuid import UUID

import psycopg
from django.db import DatabaseError, InterfaceError, connection, connections

from apps.alerts.delivery import claim_due, deliver
from apps.alerts.escalation import do_due_steps, release_unfinished, start_missing_ladders
from apps.alerts.silences import end_due_silences
from apps.core.alive import show_alive
from apps.monitoring import owed
from apps.monitoring.beats import SWEEP, beat, note_work, this_process
from apps.monitoring.canary import clear_old_beats, clear_old_canaries, put_canary_when_due
from apps.monitoring.clock import check_due, enrol
from apps.monitoring.pipeline import assess_owed
from apps.monitoring.publisher import ASSESS, DELIVER, Publisher
from apps.monitoring.rounds import ROUNDS, Round

logger = logging.getLogger(__name__)
CHANNELS = (owed.CHANNEL, "taperwatch_due")
IDLE_S = 1.0
"""Longest sleep: what has a time, and what a lost notice would have told, is found after this."""
ASSESS_BATCH = 50
OWN_BATCH = 20
BEAT_EVERY = timedelta(seconds=5)
CLEAR_EVERY = timedelta(seconds=60)
ENROL_EVERY = timedelta(seconds=15)
Item = TypeVar("Item")


class Watch:
    """`now` reads the clock; `stop` ends `run` within a second."""

    def __init__(self, now: Callable[[], datetime], publisher: Publisher | None, stop: Event) -> None:
        self._now = now
        self._publisher = publisher
        self._stop = stop
        self._listener: psycopg.Connection | None = None
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="sender")
        # Apart from the sender of alerts: nobody is called late because of what can wait.
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self._sending: dict[str, Future[None]] = {}
        self._name = this_process("watch")
        self._last: dict[str, datetime] = {}

    def run(self) -> None:
        """Until told to stop. A database that is away is waited for; nothing else ends this."""
        while not self._stop.is_set():
            show_alive("watch")
            try:
                while self.turn(self._now()) and not self._stop.is_set():
                    pass
                self._wait()
            except (DatabaseError, InterfaceError, psycopg.Error, OSError):
                logger.warning("the database is away", extra={"event": "watch_without_database"})
                self._forget_connections()
                self._stop.wait(IDLE_S)
        self._end()

    def run_once(self) -> None:
        """Until nothing is due any more."""
        while self.turn(self._now()):
            pass
        self._sender.shutdown(wait=True)
        self._aside.shutdown(wait=True)

    def turn(self, at: datetime) -> bool:
        """Do once what is due. True when there may be more of it already."""
        busy = self._part("assess", self._assess, at, may_go_on=True)
        busy |= self._part("clock", check_due, at, may_go_on=True)
        busy |= self._part("escalate", self._escalate, at, may_go_on=True)
        busy |= self._part("deliver", self._deliver, at, may_go_on=True)
        if self._is_time("beat", BEAT_EVERY, at):
            self._part("beat", lambda moment: beat(self._name, moment), at)
        self._part("canary", put_canary_when_due, at)
        is_time_to_enrol = self._is_time("enrol", ENROL_EVERY, at)
        if is_time_to_enrol:
            self._part("enrol", enrol, at)
        for extra in ROUNDS.values():
            if is_time_to_enrol:
                self._part(f"{extra.name}_enrol", extra.enrol, at)
            busy |= self._part(extra.name, extra.look, at, may_go_on=True)
            self._part(f"{extra.name}_send", partial(self._send_aside, extra), at)
        if self._is_time("clear", CLEAR_EVERY, at):
            self._part("clear", _clear, at)
        return busy

    def _part(
        self, name: str, work: Callable[[datetime], object], at: datetime, *, may_go_on: bool = False
    ) -> bool:
        """One part that fails stops no other; a database that is away stops them all."""
        try:
            return bool(work(at)) and may_go_on
        except (DatabaseError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
            if not _database_answers():
                raise
            logger.exception("a part of the watch failed", extra={"event": f"watch_{name}_failed"})
        except Exception:
            logger.exception("a part of the watch failed", extra={"event": f"watch_{name}_failed"})
        return False

    # -- assessments ----------------------------------------------------------------------------

    def _assess(self, at: datetime) -> bool:
        self._take_back_what_failed(at)
        claimed = owed.claim(at)
        if self._publisher is None:
            self._assess_here((*claimed.fresh, *claimed.fresh_but_suspect))
        else:
            for batch in _batches(claimed.fresh, ASSESS_BATCH):
                self._publisher.publish(ASSESS, batch)
            for log_id in claimed.fresh_but_suspect:
                self._publisher.publish(ASSESS, [log_id])
        self._assess_here(claimed.forgotten)
        return bool(claimed.fresh or claimed.fresh_but_suspect or claimed.forgotten)

    def _assess_here(self, log_ids: Sequence[UUID]) -> None:
        """What the queue has not brought back."""
        for batch in _batches(log_ids, OWN_BATCH):
            at = self._now()
            assess_owed(batch, at)
            note_work(batch, at, through=SWEEP)
            # Nobody is called late because there is much to assess.
            do_due_steps(at)

    def _take_back_what_failed(self, at: datetime) -> None:
        if self._publisher is None:
            return
        for task, ids in self._publisher.failed():
            logger.warning("the queue took nothing", extra={"event": "publish_failed", "count": len(ids)})
            if task == ASSESS:
                owed.give_back(ids, at)

    # -- people ---------------------------------------------------------------------------------

    def _escalate(self, at: datetime) -> bool:
        # Each of them, whatever the one before it found.
        done = [do(at) for do in (end_due_silences, do_due_steps, release_unfinished, start_missing_ladders)]
        return any(done)

    def _deliver(self, at: datetime) -> bool:
        claimed = claim_due(at)
        deliver(claimed.at_once, at)
        own = claimed.forgotten
        if self._publisher is None:
            own = (*own, *claimed.fresh)
        else:
            self._publisher.publish(DELIVER, claimed.fresh)
        if own:
            # A mail server that hangs holds this thread, not the watch.
            self._sender.submit(_deliver_here, own, self._now)
        return bool(claimed.fresh or claimed.forgotten or claimed.at_once)

    def _send_aside(self, extra: Round, at: datetime) -> None:
        """Begin to send, unless that is still going on since an earlier turn."""
        running = self._sending.get(extra.name)
        if (running is None or running.done()) and extra.waits_to_send(at):
            self._sending[extra.name] = self._aside.submit(_send_here, extra, self._now)

    # -- waiting --------------------------------------------------------------------------------

    def _wait(self) -> None:
        """Until something is owed or due, or IDLE_S have gone."""
        if self._listener is None:
            self._listener = _listen()
        for _notice in self._listener.notifies(timeout=IDLE_S, stop_after=1):
            pass

    def _is_time(self, name: str, every: timedelta, at: datetime) -> bool:
        if name in self._last and at - self._last[name] < every:
            return False
        self._last[name] = at
        return True

    def _forget_connections(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        connections.close_all()

    def _end(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
        self._sender.shutdown(wait=True)
        self._aside.shutdown(wait=True)
        self._forget_connections()


def _listen() -> psycopg.Connection:
    """A connection of its own: one that came from the pool would go back there, deaf."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    listener = psycopg.connect(**parameters, autocommit=True)
    for channel in CHANNELS:
        listener.execute(f"listen {channel}")
    return listener


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def _clear(at: datetime) -> None:
    clear_old_canaries(at)
    clear_old_beats(at)


def _deliver_here(delivery_ids: Sequence[UUID], now: Callable[[], datetime]) -> None:
    try:
        deliver(delivery_ids, now())
    except Exception:
        # They are still owed; the next claim finds them.
        logger.exception("deliveries failed", extra={"event": "watch_deliveries_failed"})
    finally:
        connections.close_all()


def _send_here(extra: Round, now: Callable[[], datetime]) -> None:
    try:
        extra.send(now)
    except Exception:
        # It is still owed; the next turn finds it.
        logger.exception("messages failed", extra={"event": f"watch_{extra.name}_send_failed"})
    finally:
        connections.close_all()


def _batches(items: Sequence[Item], size: int) -> Iterable[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
