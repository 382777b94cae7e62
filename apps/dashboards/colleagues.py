"""Whom an alert can be passed on to, in words for a list: who is on duty stands first."""

from datetime import datetime

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.callees import people_who_can_take, staff_of, ward_of
from apps.alerts.models import Alert
from apps.wards.models import Duty, Job


def colleagues_of(alert: Alert, *, but: User, at: datetime) -> list[tuple[str, str]]:
    """(id, name with the job of those on duty)."""
    ward = ward_of(alert)
    if ward is None:
        return []
    on_duty = dict(Duty.objects.current(at).filter(ward=ward).values_list("user", "job"))
    people = [person for person in staff_of(ward) if person.pk != but.pk]
    people.sort(key=lambda person: (person.pk not in on_duty, str(person)))
    return [(str(person.pk), _in_words(person, on_duty.get(person.pk))) for person in people]


def colleague(alert: Alert, user_id: str) -> User | None:
    """None: nobody who works there."""
    return next((person for person in people_who_can_take(alert) if str(person.pk) == user_id), None)


def _in_words(person: User, job: str | None) -> str:
    if job is None:
        return str(person)
    return _("%(name)s (on duty: %(job)s)") % {"name": person, "job": Job(job).label}
