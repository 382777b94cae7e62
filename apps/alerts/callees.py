"""Whom a step of the calling reaches: by job or by name, now, on the ward where the patient is now."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.models import Alert, AlertEvent, EscalationStep
from apps.patients.models import Stay
from apps.wards.models import Job, Ward
from apps.wards.services import people_of_ward, people_on_duty

Kind = AlertEvent.Kind
CALLING_BEGINS = (Kind.OPENED, Kind.WORSENED, Kind.RELEASED, Kind.UNSILENCED)


def ward_of(alert: Alert) -> Ward | None:
    """Where the patient is now; for one who has left, where the alert was raised."""
    stay = Stay.objects.current().filter(patient_id=alert.patient_id).select_related("ward").first()
    return stay.ward if stay else alert.ward


def people_who_can_take(alert: Alert) -> list[User]:
    """Everybody who works on the ward and can sign in. In a fixed order."""
    ward = ward_of(alert)
    return staff_of(ward) if ward else []


def staff_of(ward: Ward) -> list[User]:
    return [user for user in people_of_ward(ward) if user.role == User.Role.STAFF]


def people_to_tell(step: EscalationStep, alert: Alert, at: datetime, *, is_last: bool) -> list[User]:
    """Who said that they cannot go are left out, but for the last rung: then everybody is asked again, and where
    nobody of the job is on duty, all who work there."""
    ward = ward_of(alert)
    if ward is None:
        return []
    if step.person is not None:
        return [step.person] if step.person in people_of_ward(ward) else []
    on_duty = people_on_duty(ward=ward, job=step.job, at=at)
    if is_last:
        return on_duty or people_of_ward(ward)
    declined = who_declined(alert)
    return [person for person in on_duty if person.pk not in declined]


def who_declined(alert: Alert) -> set[object]:
    """Ids of who said that they cannot go, since the calling last began."""
    began = alert.events.filter(kind__in=CALLING_BEGINS).aggregate(at=Max("at"))["at"]
    declined = alert.events.filter(kind=Kind.DECLINED)
    if began is not None:
        declined = declined.filter(at__gte=began)
    return set(declined.values_list("by", flat=True))


def why_nobody(step: EscalationStep, alert: Alert, at: datetime) -> str:
    """For the alert's story, where a step reaches nobody."""
    if step.person is not None:
        return _("%(name)s cannot be called any more.") % {"name": step.person}
    ward = ward_of(alert)
    job = Job(step.job).label
    if ward is not None and people_on_duty(ward=ward, job=step.job, at=at):
        return _("Every %(job)s on duty has said that they cannot go.") % {"job": job}
    return _("No %(job)s is on duty.") % {"job": job}


def names(people: Sequence[User]) -> str:
    return ", ".join(str(person) for person in people)
