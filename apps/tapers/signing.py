"""Guard rails as they stand for one patient, and who answers for overriding them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.patients.models import Patient
from apps.tapers.courses.steps import StepInput
from apps.tapers.errors import GuardRailRefused
from apps.tapers.guard_rails import Breach, check_guard_rails
from apps.tapers.models import PlanSignature, PlanVersion
from apps.tapers.selectors import doses_before, guard_rails_here
from apps.wards.models import Job, Membership

SIGNING_JOBS = frozenset({Job.DOCTOR, Job.PHARMACIST, Job.NURSE_IN_CHARGE})
"""Who may override a guard rail: project choice. Whoever proposes is never the one who does."""


def find_breaches(
    *, patient: Patient, kind: str, steps: Sequence[StepInput], effective_at: datetime
) -> tuple[Breach, ...]:
    """Every guard rail that these steps break if they take effect then, refusals first. Stores nothing."""
    return check_guard_rails(
        steps=steps,
        effective_at=effective_at,
        kind=kind,
        before=doses_before(patient, effective_at),
        rails=guard_rails_here(),
    )


def refuse_breaches(patient: Patient, kind: str, steps: Sequence[StepInput], effective_at: datetime) -> None:
    """Errors: GuardRailRefused."""
    breaches = find_breaches(patient=patient, kind=kind, steps=steps, effective_at=effective_at)
    refusals = tuple(breach for breach in breaches if breach.is_refusal)
    if refusals:
        message = _("A second clinician has to sign this: propose it. %(first)s") % {"first": refusals[0].text}
        raise GuardRailRefused(message, refusals)


def sign_version(
    version: PlanVersion, by: User | None, at: datetime, reason: str = "", overridden: Sequence[Breach] = ()
) -> PlanSignature:
    """Who answers for this version, and what they overrode."""
    return PlanSignature.objects.create(
        version=version,
        by=by,
        at=at,
        reason=reason,
        overridden=[
            {
                "code": breach.code,
                "route": breach.route,
                "value": breach.value,
                "limit": breach.limit,
                "source": breach.source,
                "tag": breach.tag,
                "text": breach.text,
            }
            for breach in overridden
        ],
    )


def may_override(user: User, patient: Patient) -> bool:
    """Works on the patient's ward in a job that answers for doses."""
    return (
        user.role == User.Role.STAFF
        and user.is_active
        and Membership.objects.filter(
            user=user,
            ended_at=None,
            job__in=SIGNING_JOBS,
            ward__stays__patient=patient,
            ward__stays__discharged_at=None,
        ).exists()
    )
