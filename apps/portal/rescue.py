"""A report with a red flag in it reaches the ward even when another field of the form cannot be read: who has had
a fit and mistyped a temperature may never come back to mend it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.assessments.active import active_catalogue
from apps.assessments.services import assess_floor
from apps.core.errors import DomainError
from apps.monitoring.intake import SubmittedLog, submit_symptom_log
from apps.monitoring.log_checks import LONGEST_NOTE, canonical_readings
from apps.patients.models import Patient
from apps.portal.forms.symptom_log import SymptomLogForm
from apps.rules import check_answers
from apps.rules.catalogue import load
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import LogConflict

PART = UUID("6f0f4f3e-6a0c-5d1e-9a38-5a1c2f8d7b10")
"""Names the part of a form that could be read, so that it is a log of its own beside the mended one."""


def send_what_can_be_read(patient: Patient, form: SymptomLogForm, *, by: User) -> SubmittedLog | None:
    """Hand over the readable part of a refused form if an emergency rule fires on it; None when none does. What
    could not be read goes along in the note, as it was typed. Sent again, it is the same log."""
    given = form.cleaned_data
    answers = given.get("answers") or {}
    vital_signs = _readable(form, given.get("vital_signs") or {})
    observed_at = given.get("moment") or form.at
    part = SymptomLog(
        pk=uuid4(),
        patient=patient,
        observed_at=observed_at,
        reporter=str(form.reporter),
        answers=answers,
        vital_signs=canonical_readings(load(form.catalogue.version), vital_signs),
    )
    try:
        if not (answers or vital_signs) or not assess_floor(part, active_catalogue()).hits:
            return None
        return submit_symptom_log(
            patient=patient,
            by=by,
            reporter=form.reporter,
            at=form.at,
            client_id=uuid5(PART, f"{given.get('client_id')}:{form.reporter}"),
            observed_at=observed_at,
            answers=answers,
            vital_signs=vital_signs,
            note=_note(form),
            channel="browser",
            asked_by=form.catalogue.version,
        )
    except LogConflict as conflict:
        return SubmittedLog(conflict.kept, created=False, alerts=[])
    except DomainError:
        # Not even this part can be taken in; the page still says what to do.
        return None


def _readable(form: SymptomLogForm, vital_signs: Mapping[str, Any]) -> dict[str, Any]:
    """Without the readings that the catalogue refuses."""
    catalogue = load(form.catalogue.version)
    return {
        code: reading
        for code, reading in vital_signs.items()
        if not check_answers(catalogue, str(form.reporter), {}, {code: reading})
    }


def _note(form: SymptomLogForm) -> str:
    unread = [
        f"{form.fields[name].label or name}: {form.data.get(name, '')}"
        for name in form.errors
        if name in form.fields
    ]
    said = str(form.cleaned_data.get("note") or "")
    told = _("Sent although parts could not be read: %(parts)s") % {"parts": "; ".join(unread)}
    return f"{said}\n{told}".strip()[:LONGEST_NOTE]
