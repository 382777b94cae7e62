import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.alerts.models import Alert, AlertEvent
from apps.assessments.models import Assessment, Latest
from apps.audit.models import AuditEvent
from apps.core.errors import InvalidInput
from apps.monitoring import intake
from apps.monitoring.intake import LogConflict
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_owed
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import CannotCorrect
from tests.factories import NOON, PatientFactory, PlanFactory, UserFactory, hours
from tests.journeys.reports import FEVER, QUIET, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return PlanFactory().patient


def test_an_emergency_is_an_alert_before_the_sender_has_an_answer(patient):
    taken = report(patient, NOON, **FEVER)

    [alert] = [one for one in taken.alerts if one.pattern == "hyperthermia"]
    assert alert.level == 3
    assert alert.assessment is None
    assert alert.escalation_steps.count() == 4
    assert any("39.4" in matched["value"] for hit in alert.hits for matched in hit["matched"])


def test_what_was_taken_in_is_owed_assessed_and_paid(patient):
    log = report(patient, NOON, **FEVER).log
    assert AssessmentOwed.objects.get().answered == 0
    assert (Latest.objects.get().last_log, Latest.objects.get().assessment) == (log, None)

    assess_owed([log.pk], NOON)

    assert AssessmentOwed.objects.get().answered == 1
    assert Latest.objects.get().assessment == Assessment.objects.get()
    alert = Alert.objects.get(pattern="hyperthermia")
    assert alert.assessment == Assessment.objects.get()
    assert {event.kind for event in alert.events.all()} == {"opened", "explained"}


def test_a_quiet_log_takes_five_statements(patient):
    """Insert, facts for the floor, owe and notify, latest, audit; more cost every log that is ever sent."""
    report(patient, NOON - hours(1))

    with CaptureQueriesContext(connection) as asked:
        report(patient, NOON)

    told = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(told) == 5, told


def test_a_log_sent_twice_is_stored_once_and_answered_alike(patient):
    draft = uuid.uuid4()
    first = report(patient, NOON, client_id=draft, **FEVER)

    again = report(patient, NOON + hours(1), client_id=draft, observed_at=NOON, **FEVER)

    assert (first.created, again.created) == (True, False)
    assert again.log == first.log
    assert {alert.pk for alert in again.alerts} == {alert.pk for alert in first.alerts}
    assert SymptomLog.objects.count() == 1
    assert AssessmentOwed.objects.get().asked == 1


def test_a_client_id_used_for_something_else_is_refused_and_both_are_kept(patient):
    draft = uuid.uuid4()
    report(patient, NOON, client_id=draft)

    with pytest.raises(LogConflict):
        report(patient, NOON, client_id=draft, answers={"anxiety": 4})

    assert SymptomLog.objects.get(client_id=draft).answers == QUIET["answers"]
    kept = SymptomLog.objects.exclude(client_id=draft).get()
    assert kept.answers == {"anxiety": 4}
    assert AuditEvent.objects.get(type="log_conflict").detail["kept_as"] == str(kept.pk)


def test_an_emergency_under_an_id_that_was_used_before_is_raised_all_the_same_and_once(patient):
    client_id = uuid.uuid4()
    report(patient, NOON, client_id=client_id)
    for _sent in range(3):
        with pytest.raises(LogConflict):
            report(patient, NOON, client_id=client_id, **FEVER)

    assert SymptomLog.objects.filter(patient=patient).count() == 2
    assert Alert.objects.filter(patient=patient, level=3).exists()
    assert AuditEvent.objects.filter(type="log_conflict").count() == 1


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"answers": {"anxeity": 2}}, "/answers/anxeity"),
        ({"answers": {"anxiety": 5}}, "/answers/anxiety"),
        ({"answers": {"anxiety": True}}, "/answers/anxiety"),
        ({"answers": {"delirium": True}}, "/answers/delirium"),
        ({"answers": {}}, ""),
        ({"vital_signs": {"temperature_c": {"value": 393, "unit": "degC"}}}, "/vital_signs/temperature_c/value"),
        ({"observed_at": NOON + timedelta(minutes=3)}, "/observed_at"),
        ({"observed_at": NOON - timedelta(days=31)}, "/observed_at"),
        ({"observed_at": NOON.replace(tzinfo=None)}, "/observed_at"),
        ({"note": "x" * 4001}, "/note"),
    ],
)
def test_what_cannot_be_true_is_refused_with_its_place(patient, given, pointer):
    with pytest.raises(InvalidInput) as refusal:
        report(patient, NOON, **given)

    assert [problem.pointer for problem in refusal.value.problems] == [pointer]
    assert not SymptomLog.objects.exists()


def test_all_faults_are_named_at_once(patient):
    with pytest.raises(InvalidInput) as refusal:
        report(patient, NOON, answers={"anxiety": 9, "nonsense": 1}, observed_at=NOON + hours(5))

    assert len(refusal.value.problems) == 3


def test_a_reading_is_kept_in_the_catalogues_unit_beside_what_was_entered(patient):
    taken = report(patient, NOON, vital_signs={"temperature_c": {"value": 100.5, "unit": "degF", "site": "mouth"}})

    assert taken.log.vital_signs["temperature_c"] == {
        "value": 38.1,
        "site": "mouth",
        "entered": {"value": 100.5, "unit": "degF"},
    }


def test_a_floor_that_breaks_down_refuses_no_log_and_asks_for_a_person(patient, monkeypatch, caplog):
    def broken(log, catalogue):
        raise ZeroDivisionError(f"at {log.answers}")

    monkeypatch.setattr(intake, "assess_floor", broken)

    taken = report(patient, NOON, **FEVER)

    assert taken.created
    [alert] = taken.alerts
    assert (alert.pattern, alert.level) == ("not_assessed", 2)
    assert AssessmentOwed.objects.get().answered == 0
    assert "rigidity" not in caplog.text.split("Traceback")[0]


def test_a_floor_that_spoils_the_transaction_refuses_no_log(patient, monkeypatch):
    def broken(log, catalogue):
        with connection.cursor() as cursor:
            cursor.execute("select 1 / 0")

    monkeypatch.setattr(intake, "assess_floor", broken)
    monkeypatch.setattr(intake, "raise_not_assessed", broken_as_well)

    taken = report(patient, NOON, **FEVER)

    assert taken.created
    assert taken.alerts == []
    assert SymptomLog.objects.count() == AssessmentOwed.objects.count() == 1


def broken_as_well(**given):
    with connection.cursor() as cursor:
        cursor.execute("select * from nowhere")


def test_a_correction_takes_the_place_of_what_it_corrects(patient):
    nurse = UserFactory()
    wrong = report(patient, NOON, by=nurse, reporter="staff", **FEVER).log

    right = report(patient, NOON, by=nurse, reporter="staff", observed_at=NOON - hours(1), supersedes=wrong).log

    assert list(SymptomLog.objects.in_force()) == [right]
    assert Latest.objects.get().last_log == right
    alert = Alert.objects.get(pattern="hyperthermia")
    assert alert.status == "open"
    assert alert.events.filter(kind="withdrawn", log=wrong).count() == 1


def test_only_who_wrote_a_log_corrects_it_and_only_once(patient):
    nurse, other = UserFactory(), UserFactory()
    wrong = report(patient, NOON, by=nurse, reporter="staff").log
    with pytest.raises(CannotCorrect):
        report(patient, NOON, by=other, reporter="staff", supersedes=wrong)
    with pytest.raises(CannotCorrect):
        report(PatientFactory(), NOON, by=nurse, reporter="staff", supersedes=wrong)
    report(patient, NOON, by=nurse, reporter="staff", supersedes=wrong)

    with pytest.raises(CannotCorrect):
        report(patient, NOON, by=nurse, reporter="staff", supersedes=wrong)


def test_a_late_log_has_the_later_ones_assessed_again(patient):
    earlier = report(patient, NOON - hours(3)).log
    later = report(patient, NOON).log
    assess_owed([earlier.pk, later.pk], NOON)

    late = report(patient, NOON + hours(1), observed_at=NOON - hours(2)).log

    owed = {debt.log_id: debt.asked - debt.answered for debt in AssessmentOwed.objects.all()}
    assert owed == {earlier.pk: 0, late.pk: 1, later.pk: 1}
    assess_owed(list(owed), NOON + hours(1))
    newest = later.assessments.order_by("-generation").first()
    assert str(late.pk) in newest.facts["logs"]
    assert later.assessments.count() == 2


def at_once(count, work):
    """Run `work(n)` on connections of their own, let go together."""
    barrier = Barrier(count)

    def one(number):
        try:
            barrier.wait(10)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_eight_connections_with_one_client_id_make_one_log(settings):
    patient = PlanFactory().patient
    draft = uuid.uuid4()

    taken = at_once(8, lambda _: report(patient, NOON, client_id=draft, **FEVER))

    assert sorted(one.created for one in taken) == [False] * 7 + [True]
    assert SymptomLog.objects.count() == 1
    assert Alert.objects.filter(pattern="hyperthermia").count() == 1


@pytest.mark.django_db(transaction=True)
def test_emergencies_that_come_in_together_are_one_alert():
    patient = PlanFactory().patient

    at_once(8, lambda number: report(patient, NOON, observed_at=NOON - timedelta(minutes=number), **FEVER))

    assert SymptomLog.objects.count() == 8
    assert Alert.objects.filter(pattern="hyperthermia").count() == 1
    assert AlertEvent.objects.filter(alert__pattern="hyperthermia", kind="opened").count() == 1
