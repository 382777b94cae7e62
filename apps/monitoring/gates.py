"""The checklist of a step: what has to be so before the next reduction is released. Worked out from what is on
record at that moment; a person judges it and releases, or does not.

Every number here is a project choice (product notes on the step gate), named and in this one place."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.alerts.models import Alert, Level
from apps.assessments.models import Latest
from apps.core.days import day_bounds, local_day
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Route, TaperStep
from apps.tapers.releasing import Checklist, ChecklistItem
from apps.tapers.selectors import pump_dates
from apps.tapers.stock import newest_count, runs_out_at
from apps.wards.models import Job
from apps.wards.services import people_on_duty

QUIET = timedelta(hours=72)
"""So long without an urgent alert, as long as a watch window."""
DAYS_LOGGED = 3
"""At least one log in each of so many stretches of 24 hours."""
DAY = timedelta(days=1)
SUPPLY_AHEAD = timedelta(days=7)
"""A step without an end is stocked for so long; a refill within it comes first (a refill opens a watch window)."""
COVER = (Job.DOCTOR, Job.NURSE_IN_CHARGE)


def gate_checklist(step: TaperStep, at: datetime) -> Checklist:
    """Each item with what was found. What nobody has recorded is not met."""
    patient = step.version.plan.patient
    supply = _refill if step.route == Route.INTRATHECAL else _tablets
    checks: tuple[Callable[[Patient, TaperStep, datetime], ChecklistItem], ...] = (_logs, _alerts, supply, _cover)
    return Checklist(tuple(check(patient, step, at) for check in checks))


def _logs(patient: Patient, _step: TaperStep, at: datetime) -> ChecklistItem:
    moments = list(
        SymptomLog.objects.filter(
            patient=patient, observed_at__gt=at - DAYS_LOGGED * DAY, observed_at__lte=at, superseded_by=None
        ).values_list("observed_at", flat=True)
    )
    days = {(at - moment) // DAY for moment in moments}
    latest = Latest.objects.filter(patient=patient).select_related("assessment").first()
    is_whole = bool(latest and latest.assessment and latest.assessment.score_complete)
    missing = DAYS_LOGGED - len(days)
    if missing:
        detail = ngettext(
            "no log in %(missing)d of the last %(days)d days",
            "no log in %(missing)d of the last %(days)d days",
            missing,
        ) % {"missing": missing, "days": DAYS_LOGGED}
    elif not is_whole:
        detail = _("the newest log leaves questions open")
    else:
        detail = _("a log on each of the last %(days)d days, the newest complete") % {"days": DAYS_LOGGED}
    return ChecklistItem("logs_complete", _("Logs complete"), not missing and is_whole, detail)


def _alerts(patient: Patient, _step: TaperStep, at: datetime) -> ChecklistItem:
    recent = Q(last_fired_at__gt=at - QUIET) | Q(opened_at__gt=at - QUIET) | ~Q(status=Alert.Status.RESOLVED)
    count = Alert.objects.filter(recent, patient=patient, level__gte=Level.URGENT).count()
    hours = int(QUIET.total_seconds() // 3600)
    detail = (
        ngettext(
            "%(count)d urgent alert is open or fired within %(hours)d hours",
            "%(count)d urgent alerts are open or fired within %(hours)d hours",
            count,
        )
        if count
        else _("no urgent alert is open, and none fired within %(hours)d hours")
    ) % {"count": count, "hours": hours}
    return ChecklistItem("no_urgent_alert", _("No urgent alert in 72 hours"), not count, detail)


def _tablets(patient: Patient, step: TaperStep, at: datetime) -> ChecklistItem:
    label = _("Supply in hand")
    if newest_count(patient) is None:
        return ChecklistItem("supply_in_hand", label, False, _("nobody has counted what is in hand"))
    runs_out = runs_out_at(patient, at)
    lasts = SUPPLY_AHEAD if step.ends_at is None else step.ends_at - step.starts_at
    needed = max(step.starts_at, at) + lasts
    if runs_out is None:
        return ChecklistItem("supply_in_hand", label, True, _("lasts for all that is planned"))
    day = local_day(runs_out, patient.time_zone).isoformat()
    return ChecklistItem("supply_in_hand", label, runs_out >= needed, _("lasts until %(day)s") % {"day": day})


def _refill(patient: Patient, _step: TaperStep, at: datetime) -> ChecklistItem:
    label = _("Supply in hand")
    told = pump_dates(patient)
    if told is None or told.refill_due_on is None:
        return ChecklistItem("supply_in_hand", label, False, _("nobody has recorded when the refill is due"))
    due_at = day_bounds(told.refill_due_on, patient.time_zone)[0]
    detail = _("refill due on %(day)s") % {"day": told.refill_due_on.isoformat()}
    return ChecklistItem("supply_in_hand", label, due_at > at + SUPPLY_AHEAD, detail)


def _cover(patient: Patient, _step: TaperStep, at: datetime) -> ChecklistItem:
    stay = patient.stays.current().select_related("ward").first()
    people = (
        [] if stay is None else [one for job in COVER for one in people_on_duty(ward=stay.ward, job=job, at=at)]
    )
    detail = (
        _("on duty: %(names)s") % {"names": ", ".join(sorted({one.display_name for one in people}))}
        if people
        else _("no doctor and no nurse in charge is on duty")
    )
    return ChecklistItem("cover_on_duty", _("Cover on duty"), bool(people), detail)
