"""What a machine sends does not stand for a person."""

import pytest

from apps.alerts.models import Alert
from apps.monitoring.clock import check_due, enrol
from tests.factories import NOON, PatientFactory, PlanFactory, SymptomLogFactory, hours

pytestmark = pytest.mark.django_db


def run(patient, until):
    at = NOON
    while at <= until:
        enrol(at)
        check_due(at)
        at += hours(2)


@pytest.mark.parametrize("reporter", [None, "system"])
def test_vital_signs_sent_by_a_machine_do_not_hide_that_nobody_logs(reporter):
    """None: the control, silence alone."""
    patient = PatientFactory()
    PlanFactory(patient=patient)
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(1), recorded_at=NOON - hours(1))
    if reporter:
        for hour in range(0, 72, 4):
            at = NOON + hours(hour)
            SymptomLogFactory(
                patient=patient,
                observed_at=at,
                recorded_at=at,
                reporter=reporter,
                answers={},
                vital_signs={
                    "heart_rate_bpm": {"value": 80, "site": None, "entered": {"value": 80, "unit": "/min"}}
                },
            )
    run(patient, NOON + hours(72))
    assert (
        Alert.objects.filter(patient=patient, hits__0__rule_id__startswith="SILENCE")
        .exclude(hits__0__rule_id="SILENCE-DOSES")
        .exists()
    )
