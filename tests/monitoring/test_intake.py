import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from apps.alerts.models import Alert
from apps.assessments.models import Assessment, Latest
from apps.audit.models import AuditEvent
from apps.core.errors import InvalidInput
from apps.monitoring import intake
from apps.monitoring.intake import LogConflict, submit_dose, submit_symptom_log
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_owed
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import CannotCorrect
from tests.factories import NOON, PatientFactory, PlanFactory, UserFactory, hours

QUIET = {"answers": {"anxiety": 1}, "vital_signs": {}}
FEVER = {
    "answers": {"hypertonia": 3, "severe_rigidity": 3},
    "vital_signs": {"temperature_c": {"value": 39.4, "unit": "degC", "site": "ear"}},
}


def submit(patient, **given):
    by = given.pop("by", None)
    return submit_symptom_log(
        **{
            "patient": patient,
            "by": by,
            "reporter": "patient",
            "at": NOON,
            "observed_at": given.get("at", NOON),
            "client_id": uuid.uuid4(),
            **QUIET,
            **given,
        }
    )


@pytest.mark.django_db
def test_an_emergency_is_an_alert_before_the_sender_has_an_answer():
    patient = PlanFactory().patient

    taken = submit(patient, **FEVER)

    [alert] = [one for one in taken.alerts if one.pattern == "hyperthermia"]
    assert alert.level == 3
    assert alert.assessment is None
    assert alert.escalation_steps.count() == 4
    assert any("39.4" in matched["value"] for hit in alert.hits for matched in hit["matched"])


@pytest.mark.django_db
def test_what_was_taken_in_is_owed_assessed_and_paid():
    patient = PlanFactory().patient
    log = submit(patient, **FEVER).log

    assert AssessmentOwed.objects.get().answered == 0
    assert Latest.objects.get().last_log == log
    assert Latest.objects.get().assessment is None
    assess_owed([log.pk], NOON)

    assert AssessmentOwed.objects.get().answered == 1
    assert Latest.objects.get().assessment == Assessment.objects.get()
    alert = Alert.objects.get(pattern="hyperthermia")
    assert alert.assessment == Assessment.objects.get()
    assert {event.kind for event in alert.events.all()} == {"opened", "explained"}
