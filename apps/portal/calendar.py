"""Due doses as an iCalendar feed (RFC 5545). Each entry is an instant in UTC, worked out by the patient's own
clock, so that no calendar program has to know when the clocks change."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from apps.patients.models import CalendarLink, Patient
from apps.patients.selectors import whereabouts
from apps.tapers.models import Dose, Route
from apps.tapers.selectors import plan_stretches
from apps.tapers.timeline import due_times

AHEAD = timedelta(days=60)
LASTS = timedelta(minutes=15)
ASKED_EVERY = timedelta(hours=1)
THOUSANDTH = Decimal("0.001")


def feed(link: CalendarLink, at: datetime) -> bytes:
    """The next 60 days. Without the patient's leave nothing says what the reminder is for. A dose that was taken
    early is left out: a reminder of it would ask for a second one."""
    calendar = Calendar()
    calendar.add("prodid", "-//taperwatch//reminders//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Reminders"))
    # A plan that was held or changed must not live on in somebody's calendar for days.
    calendar.add("refresh-interval", ASKED_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(ASKED_EVERY).to_ical().decode())
    taken = _taken(link.patient, at)
    for due in due_times(plan_stretches(link.patient), whereabouts(link.patient), at, at + AHEAD):
        if due.due_at in taken:
            continue
        entry = Event()
        entry.add("uid", f"{link.pk}-{due.due_at:%Y%m%dT%H%M%SZ}")
        entry.add("dtstamp", at)
        entry.add("dtstart", due.due_at)
        entry.add("dtend", due.due_at + LASTS)
        entry.add("summary", _title(link, _plain(due.amount)))
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _taken(patient: Patient, at: datetime) -> set[datetime]:
    """Planned doses still to come that somebody has told us of as taken."""
    told = Dose.objects.in_force().filter(
        patient=patient, route=Route.ORAL, status=Dose.Status.TAKEN, due_at__gt=at, due_at__lte=at + AHEAD
    )
    return {dose.due_at for dose in told if dose.due_at is not None}


def _plain(amount: Decimal) -> str:
    """A day that is shared out evenly need not come out even."""
    return f"{amount.quantize(THOUSANDTH).normalize():f}"


def _title(link: CalendarLink, amount: str) -> str:
    return _("Baclofen, prescribed: %(amount)s mg") % {"amount": amount} if link.shows_doses else _("Reminder")
