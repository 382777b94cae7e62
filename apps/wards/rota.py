"""Who is on duty and when: put on, swapped, taken over, taken back, a week copied. Nothing is edited or deleted,
so that it can always be said who was on duty at 03:00."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.days import local_day, local_instant
from apps.core.errors import DomainError, InvalidInput, Problem
from apps.wards.models import Duty, Job, Membership, Shift, Ward
from apps.wards.services import people_of_ward

TAG = "project choice"
SHIFTS = (("Early", time(7), time(15)), ("Late", time(15), time(23)), ("Night", time(23), time(7)))
"""Of a ward that has set none of its own."""
LONGEST = timedelta(hours=26)
"""A slip of the pen makes longer ones; a day's duty over a change of clocks is 25 hours."""
NOTED_LATE = timedelta(hours=12)
"""How far back somebody may be put on duty who came without being listed."""
RUN_THE_ROTA = frozenset({Job.NURSE_IN_CHARGE, Job.DOCTOR})
WEEK = timedelta(days=7)


class DutyOverlaps(DomainError):
    code = "duty_overlaps"


class DutyIsOver(DomainError):
    code = "duty_is_over"


class MayNotChangeRota(DomainError):
    code = "may_not_change_rota"
    status = 403


@dataclass(frozen=True, slots=True)
class ShiftTimes:
    label: str
    starts: time
    ends: time

    def on(self, day: date, zone: str) -> tuple[datetime, datetime]:
        """As people work it by the clock on the wall: 23 to 7 is nine hours on the night the clocks go back."""
        last = day if self.ends > self.starts else day + timedelta(days=1)
        return local_instant(day, self.starts, zone), local_instant(last, self.ends, zone)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody of this job, which alerts call, is on duty."""

    job: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Copied:
    made: int
    left_out: tuple[str, ...]
    """Who could not be copied: on duty then already, or no longer working here."""


def shifts_of(ward: Ward) -> list[ShiftTimes]:
    own = [ShiftTimes(one.label, one.starts, one.ends) for one in Shift.objects.filter(ward=ward)]
    return own or [ShiftTimes(*one) for one in SHIFTS]


def job_of(user: User, ward: Ward) -> str | None:
    return Membership.objects.filter(ward=ward, user=user, ended_at=None).values_list("job", flat=True).first()


def may_run_rota(user: User, ward: Ward) -> bool:
    """Change anybody's duty; their own everybody may."""
    return user.is_superuser or job_of(user, ward) in RUN_THE_ROTA


@transaction.atomic
def put_on_duty(
    *, ward: Ward, user: User, job: str, starts_at: datetime, ends_at: datetime, by: User, at: datetime
) -> Duty:
    """Errors: InvalidInput (times, job, somebody who does not work here), DutyOverlaps, MayNotChangeRota."""
    _check_may(by, user, ward)
    _check_times(starts_at, ends_at, at)
    if job not in (*RUN_THE_ROTA, Job.NURSE, Job.PHARMACIST):
        raise _wrong("/job", _("There is no such duty."))
    if user not in people_of_ward(ward) or user.role != User.Role.STAFF:
        raise _wrong("/user", _("Choose somebody who works on this ward."))
    return _make(ward, user, job, starts_at, ends_at, by, at)


@transaction.atomic
def take_off(*, duty: Duty, by: User, at: datetime) -> Duty:
    """Taken back, or from now on if it has begun. Twice is once. Errors: DutyIsOver, MayNotChangeRota."""
    _check_may(by, duty.user, duty.ward)
    locked = Duty.objects.select_for_update(no_key=True).get(pk=duty.pk)
    if locked.cancelled_at is None:
        _cancel(locked, by, at)
    return locked


@transaction.atomic
def take_over(*, duty: Duty, by: User, at: datetime) -> Duty:
    """Whoever says so has this duty, from now or from its start.

    Errors: DutyIsOver, DutyOverlaps, InvalidInput."""
    locked = Duty.objects.select_for_update(no_key=True).get(pk=duty.pk)
    if locked.user_id == by.pk:
        raise _wrong("/duty", _("This is your own duty."))
    if by not in people_of_ward(locked.ward):
        raise _wrong("/user", _("Choose somebody who works on this ward."))
    _cancel(locked, by, at)
    return _make(locked.ward, by, locked.job, max(locked.starts_at, at), locked.ends_at, by, at)


@transaction.atomic
def swap(*, one: Duty, other: Duty, by: User, at: datetime) -> tuple[Duty, Duty]:
    """Each does the other's, from now if it has begun.

    Errors: InvalidInput (the same person, two wards), DutyIsOver, DutyOverlaps, MayNotChangeRota."""
    if one.ward_id != other.ward_id or one.user_id == other.user_id:
        raise _wrong("/other", _("Choose duties of two people on one ward."))
    if by.pk not in (one.user_id, other.user_id):
        _check_may(by, None, one.ward)
    locked = {
        duty.pk: duty
        for duty in Duty.objects.select_for_update(no_key=True).filter(pk__in=(one.pk, other.pk)).order_by("pk")
    }
    first, second = locked[one.pk], locked[other.pk]
    _cancel(first, by, at)
    _cancel(second, by, at)
    return (
        _make(one.ward, second.user, first.job, max(first.starts_at, at), first.ends_at, by, at),
        _make(one.ward, first.user, second.job, max(second.starts_at, at), second.ends_at, by, at),
    )


@transaction.atomic
def copy_week(*, ward: Ward, monday: date, to_monday: date, by: User, at: datetime) -> Copied:
    """Every duty that begins in that week, again by the same clock in the other. Errors: MayNotChangeRota,
    InvalidInput (a week that is over)."""
    _check_may(by, None, ward)
    zone, ahead = ward.time_zone, to_monday - monday
    if local_instant(to_monday + WEEK, time(0), zone) <= at:
        raise _wrong("/to", _("That week is over."))
    people, made, left_out = set(people_of_ward(ward)), 0, []
    for duty in duties_of_week(ward, monday):
        starts_at, ends_at = (_moved(moment, ahead, zone) for moment in (duty.starts_at, duty.ends_at))
        if ends_at <= at or duty.user not in people or not _made_unless_busy(duty, starts_at, ends_at, by, at):
            left_out.append(f"{duty.user}, {starts_at.astimezone(ZoneInfo(zone)):%d.%m. %H:%M}")
        else:
            made += 1
    return Copied(made, tuple(left_out))


def duties_of_week(ward: Ward, monday: date) -> list[Duty]:
    """That begin in the week by the ward's clock, in order."""
    since, until = (local_instant(day, time(0), ward.time_zone) for day in (monday, monday + WEEK))
    standing = Duty.objects.standing().filter(ward=ward, starts_at__gte=since, starts_at__lt=until)
    return list(standing.select_related("user", "ward").order_by("starts_at", "user__display_name"))


def duties_between(ward: Ward, since: datetime, until: datetime) -> list[Duty]:
    """That touch the time between, in order."""
    standing = Duty.objects.standing().filter(ward=ward, ends_at__gt=since, starts_at__lt=until)
    return list(standing.select_related("user", "ward").order_by("starts_at", "user__display_name"))


def gaps(ward: Ward, jobs: Iterable[str], since: datetime, until: datetime) -> list[Gap]:
    """When nobody of a job is on duty who can sign in and works here, in order of time."""
    people = {user.pk for user in people_of_ward(ward)}
    duties = [duty for duty in duties_between(ward, since, until) if duty.user_id in people]
    found = []
    for job in jobs:
        found += _gaps_of(job, [duty for duty in duties if duty.job == job], since, until)
    return sorted(found, key=lambda gap: (gap.starts_at, gap.job))


def monday_of(at: datetime, zone: str) -> date:
    day = local_day(at, zone)
    return day - timedelta(days=day.weekday())


def _gaps_of(job: str, duties: Sequence[Duty], since: datetime, until: datetime) -> list[Gap]:
    found, covered = [], since
    for duty in duties:
        if duty.starts_at > covered:
            found.append(Gap(job, covered, duty.starts_at))
        covered = max(covered, duty.ends_at)
    if covered < until:
        found.append(Gap(job, covered, until))
    return found


def _make(
    ward: Ward, user: User, job: str, starts_at: datetime, ends_at: datetime, by: User, at: datetime
) -> Duty:
    try:
        with transaction.atomic():
            duty = Duty.objects.create(
                ward=ward, user=user, job=job, starts_at=starts_at, ends_at=ends_at, noted_by=by
            )
    except IntegrityError as error:
        raise DutyOverlaps(_("%(name)s is on duty at that time already.") % {"name": user}) from error
    _tell(duty, by, at, "on")
    return duty


def _made_unless_busy(like: Duty, starts_at: datetime, ends_at: datetime, by: User, at: datetime) -> bool:
    try:
        _make(like.ward, like.user, like.job, starts_at, ends_at, by, at)
    except DutyOverlaps:
        return False
    return True


def _cancel(duty: Duty, by: User, at: datetime) -> None:
    if duty.cancelled_at is not None or duty.ends_at <= at:
        raise DutyIsOver(_("This duty is over, or was taken back already."))
    duty.cancelled_at, duty.cancelled_by = at, by
    duty.save(update_fields=["cancelled_at", "cancelled_by"])
    _tell(duty, by, at, "off")


def _tell(duty: Duty, by: User, at: datetime, what: str) -> None:
    detail = {
        "what": what, "ward": str(duty.ward_id), "user": str(duty.user_id), "job": str(duty.job),
        "starts_at": duty.starts_at.isoformat(), "ends_at": duty.ends_at.isoformat(),
    }  # fmt: skip
    record_event(AuditEvent.Type.DUTY_CHANGED, subject=duty, by=by, at=at, detail=detail)


def _check_may(by: User, whose: User | None, ward: Ward) -> None:
    is_own = whose is not None and whose.pk == by.pk and job_of(by, ward) is not None
    if not is_own and not may_run_rota(by, ward):
        raise MayNotChangeRota(_("Only the nurse in charge or a doctor changes other people's duties."))


def _check_times(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at:
        raise _wrong("/ends_at", _("A duty ends after it starts."))
    if ends_at - starts_at > LONGEST:
        raise _wrong("/ends_at", _("A duty lasts a day at most."))
    if starts_at < at - NOTED_LATE or ends_at <= at:
        raise _wrong("/starts_at", _("This time is over."))


def _wrong(pointer: str, message: str) -> InvalidInput:
    return InvalidInput(message, (Problem(pointer, "invalid", message),))


def _moved(moment: datetime, ahead: timedelta, zone: str) -> datetime:
    there = moment.astimezone(ZoneInfo(zone))
    return local_instant(there.date() + ahead, there.time(), zone)
