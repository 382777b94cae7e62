"""Due doses as an iCalendar feed (RFC 5545). Each entry is an instant in UTC, worked out by the patient's own
clock, so that no calendar program has to know when the clocks change."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from apps.patients.models import CalendarLink
from apps.patients.selectors import whereabouts
from apps.tapers.selectors import plan_stretches
from apps.tapers.timeline import due_times

AHEAD = timedelta(days=60)
LASTS = timedelta(minutes=15)


def feed(link: CalendarLink, at: datetime) -> bytes:
    """The next 60 days. Without the patient's leave nothing says what the reminder is for."""
    calendar = Calendar()
    calendar.add("prodid", "-//taperwatch//reminders//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Reminders"))
    for due in due_times(plan_stretches(link.patient), whereabouts(link.patient), at, at + AHEAD):
        entry = Event()
        entry.add("uid", f"{link.pk}-{due.due_at:%Y%m%dT%H%M%SZ}")
        entry.add("dtstamp", at)
        entry.add("dtstart", due.due_at)
        entry.add("dtend", due.due_at + LASTS)
        entry.add("summary", _title(link, f"{due.amount.normalize():f}"))
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _title(link: CalendarLink, amount: str) -> str:
    return _("Baclofen, prescribed: %(amount)s mg") % {"amount": amount} if link.shows_doses else _("Reminder")
