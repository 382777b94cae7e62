import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.alerts.models import Alert, AlertEvent
from apps.alerts.services import acknowledge_alert
from apps.audit.models import AuditEvent
from apps.dashboards.alert_page import seen_token
from apps.monitoring.intake import submit_symptom_log
from apps.monitoring.pipeline import assess_and_alert
from apps.rules.catalogue import load
from tests.factories import (
    CATALOGUE,
    NOON,
    AlertFactory,
    AssessmentFactory,
    DutyFactory,
    PatientFactory,
    PlanFactory,
    RiskFactorFactory,
    SymptomLogFactory,
    UserFactory,
    a_hit,
)

pytestmark = pytest.mark.django_db


def url(alert, name="alert"):
    return reverse(f"dashboards:{name}", args=[alert.pk])


def text_of(answer):
    main = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#x27;", "'")


@pytest.fixture
def patient(ward):
    return PatientFactory(stay=ward, stay__bed="4")


@pytest.fixture
def alert(patient):
    return AlertFactory(patient=patient)


@pytest.fixture
def colleague(ward):
    return DutyFactory(ward=ward, user=UserFactory(display_name="Ben Okafor")).user


@pytest.fixture
def fever(patient):
    """A real log through the real intake and the real rules: fever and stiff muscles, two days into a step."""
    PlanFactory(patient=patient)
    RiskFactorFactory(patient=patient, code="infection")
    taken = submit_symptom_log(
        patient=patient,
        by=None,
        reporter="patient",
        at=NOON,
        client_id=patient.pk,
        observed_at=NOON - timedelta(minutes=5),
        answers={"severe_rigidity": 3, "confusion": "too_confused"},
        vital_signs={"temperature_c": {"value": 102.6, "unit": "degF", "site": "mouth"}},
        note="Shivering since the morning.",
    )
    assess_and_alert(taken.log, load(CATALOGUE), NOON)
    return Alert.objects.get(patient=patient, pattern="hyperthermia")


def test_an_alert_opens_to_everything_that_stands_behind_it(desk, fever):
    text = text_of(desk.get(url(fever)))

    for words in (
        "High temperature and rigidity", "bed 4", "Emergency", "Nobody has taken it",
        "39.2 °C (mouth)", "at least 38.5 °C", "20 Nov, 11:55", "patient",
        "3 (hard to bend, needs help), by patient",
        "Rule HYP-E-385", CATALOGUE, "a choice of this project, not published", "docs/evidence.md",
        "Not known, and would have mattered:", "Creatine kinase",
        "After a change of supply within 10 days: may be withdrawal.",
        "On record, and able to bend the reading:", "infection",
        "Can look the same", "Infection (sepsis, meningitis)", "Speaks for it:",
        "entered as 102.6 °F", "too confused", "Shivering since the morning.",
        "What could not be decided", "HYP-E-nms",
        "raised", "nurse in charge", "still to come",
    ):  # fmt: skip
        assert words in text, words


def test_every_hit_of_the_alert_is_on_its_page(desk, fever):
    page = text_of(desk.get(url(fever)))

    assert len(fever.hits) > 2
    for hit in fever.hits:
        assert hit["because"] in page
        assert hit["rule_id"] in page


def test_an_alert_that_only_the_floor_has_raised_says_so(desk, alert):
    text = text_of(desk.get(url(alert)))

    assert "Only the emergency rules have looked at this so far." in text
    assert "Needs review, withdrawal not established: the full assessment is not there yet." in text


@pytest.mark.parametrize(
    ("exposed", "words"),
    [
        (True, "may be withdrawal"),
        (False, "Needs review, withdrawal not established: no change of supply within 10 days is known"),
        (None, "Needs review, withdrawal not established: it is not known whether the supply"),
    ],
)
def test_withdrawal_is_only_named_after_a_change_of_supply(desk, alert, exposed, words):
    alert.assessment = AssessmentFactory(log=alert.log, exposed=exposed)
    alert.save()

    assert words in text_of(desk.get(url(alert)))


def test_of_a_pump_alert_nobody_asks_whether_it_is_withdrawal(desk, alert):
    Alert.objects.update(pattern="pump_failure")

    text = text_of(desk.get(url(alert)))

    assert "withdrawal not established" not in text
    assert "may be withdrawal" not in text


@pytest.mark.parametrize("version", ["baclofen-withdrawal-1999.1", ""])
def test_an_alert_of_a_catalogue_that_is_gone_can_still_be_read(desk, alert, version):
    Alert.objects.update(catalogue_version=version, hits=[a_hit(source=["CAM"], missing=["second_reading_of_x"])])

    text = text_of(desk.get(url(alert)))

    assert "New confusion during a taper." in text
    assert "CAM" in text


def test_a_source_is_told_in_full(desk, alert):
    Alert.objects.update(hits=[a_hit(source=["LEO"], tag="published")])

    text = text_of(desk.get(url(alert)))

    assert "Leo RJ, Baer D. Psychosomatics 2005;46:503-507" in text
    assert "published" in text


def test_a_reason_from_a_log_that_was_corrected_says_so(desk, alert):
    SymptomLogFactory(patient=alert.patient, supersedes=alert.log)
    matched = {
        "code": "confusion",
        "text": "Confusion",
        "value": "3",
        "threshold": "at least 3",
        "log_id": str(alert.log_id),
        "t": 1.0,
    }
    Alert.objects.update(hits=[a_hit(matched=[matched])])

    assert "corrected since" in text_of(desk.get(url(alert)))


@pytest.mark.parametrize("events", [1, 20])
def test_the_page_takes_a_fixed_number_of_statements(desk, alert, events, django_assert_num_queries):
    for _ in range(events):
        AlertEvent.objects.create(alert=alert, kind="noted", at=NOON, level=3, note="seen")

    # Session, person, savepoint, alert, stay, record, the page's, release.
    with django_assert_num_queries(18):
        desk.get(url(alert))


def test_who_read_an_alert_is_recorded(desk, nurse, alert):
    desk.get(url(alert))

    line = AuditEvent.objects.get(type=AuditEvent.Type.PATIENT_VIEWED)
    assert (line.actor_id, line.patient_id, line.subject_id) == (nurse.pk, alert.patient_id, str(alert.pk))


# -- Answering it ------------------------------------------------------------------------------------------------


def test_taking_an_alert_names_who_has_it(desk, nurse, alert):
    answer = desk.post(url(alert, "alert-take"), follow=True)

    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == (Alert.Status.ACKNOWLEDGED, nurse)
    assert "Amina Yusuf took it at 20 Nov, 12:00" in text_of(answer)
    assert "You have taken it." in text_of(answer)


def test_the_second_who_takes_it_is_told_who_was_first_by_the_clock_of_the_ward(desk, ward, alert, colleague):
    ward.time_zone = "Asia/Kolkata"
    ward.save()
    acknowledge_alert(alert=alert, by=colleague, at=NOON)

    answer = desk.post(url(alert, "alert-take"))

    assert answer.status_code == 409
    assert "Ben Okafor took it at 17:30." in text_of(answer)
    alert.refresh_from_db()
    assert alert.acknowledged_by == colleague


def test_handing_back_leaves_it_with_nobody_and_says_why(desk, nurse, alert):
    acknowledge_alert(alert=alert, by=nurse, at=NOON)

    text = text_of(desk.post(url(alert, "alert-release"), {"note": "Called to theatre."}, follow=True))

    alert.refresh_from_db()
    assert alert.status == Alert.Status.OPEN
    assert "Nobody has taken it." in text
    assert "Called to theatre." in text


def test_a_note_is_kept_in_the_story(desk, alert):
    desk.post(url(alert, "alert-note"), {"note": "Cooling begun."})

    assert alert.events.get(kind="noted").note == "Cooling begun."


@pytest.mark.parametrize("note", ["", "   "])
def test_an_empty_note_is_refused(desk, alert, note):
    answer = desk.post(url(alert, "alert-note"), {"note": note})

    assert answer.status_code == 422
    assert not alert.events.exists()


def close(desk, alert, **given):
    return desk.post(
        url(alert, "alert-resolve"), {"seen": seen_token(alert), "outcome": "reviewed", "note": ""} | given
    )


def test_closing_needs_an_outcome(desk, alert):
    answer = close(desk, alert, outcome="")

    alert.refresh_from_db()
    assert answer.status_code == 422
    assert alert.status == Alert.Status.OPEN
    assert "There is a problem" in text_of(answer)


def test_a_false_alarm_needs_a_reason_and_what_was_typed_is_kept(desk, alert):
    answer = close(desk, alert, outcome="false", note="")

    alert.refresh_from_db()
    assert answer.status_code == 422
    assert alert.status == Alert.Status.OPEN
    assert "Say why" in text_of(answer)
    assert re.search(r'value="false"[^>]*checked', answer.content.decode())


def test_an_alert_closes_with_its_outcome(desk, nurse, alert):
    text = text_of(
        desk.post(
            url(alert, "alert-resolve"),
            {"seen": seen_token(alert), "outcome": "transferred", "note": "To the high-care unit."},
            follow=True,
        )
    )

    alert.refresh_from_db()
    assert (alert.status, alert.outcome, alert.resolved_by) == ("resolved", "transferred", nurse)
    assert "Amina Yusuf closed it at 20 Nov, 12:00" in text
    assert "To the high-care unit." in text
    assert "Take it" not in text


def test_an_alert_that_has_risen_since_is_not_closed_by_a_late_click(desk, alert):
    Alert.objects.update(level=2)
    alert.refresh_from_db()
    seen = seen_token(alert)
    Alert.objects.update(level=3, raised_at=NOON + timedelta(seconds=1))

    answer = close(desk, alert, seen=seen)

    alert.refresh_from_db()
    assert answer.status_code == 409
    assert alert.status == Alert.Status.OPEN
    assert "It has got worse since you opened this page: it is now “emergency”." in text_of(answer)
    # What the page shows now has been seen: the next click closes it.
    again = re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]
    assert close(desk, alert, seen=again).status_code == 302


def test_an_emergency_by_another_rule_is_not_closed_by_a_late_click(desk, alert):
    seen = seen_token(alert)
    Alert.objects.update(hits=[a_hit(), a_hit(rule_id="DEL-E-4at")])

    assert close(desk, alert, seen=seen).status_code == 409


def test_the_same_firing_again_does_not_stop_anybody_from_closing(desk, alert):
    seen = seen_token(alert)
    Alert.objects.update(last_fired_at=NOON, hits=[a_hit(), a_hit(rule_id="DEL-W", level=1)])

    assert close(desk, alert, seen=seen).status_code == 302


def test_a_closed_alert_is_not_closed_again(desk, alert, colleague):
    Alert.objects.update(status="resolved", resolved_by=colleague, resolved_at=NOON, outcome="reviewed")

    answer = close(desk, alert, outcome="false", note="no")

    alert.refresh_from_db()
    assert answer.status_code == 409
    assert "Ben Okafor closed it at 12:00." in text_of(answer)
    assert alert.outcome == "reviewed"


@pytest.mark.parametrize("name", ["alert-take", "alert-release", "alert-note", "alert-resolve"])
def test_an_answer_is_never_given_by_a_link(desk, alert, name):
    assert desk.get(url(alert, name)).status_code == 405


def test_an_answer_from_another_site_is_refused(nurse, alert):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(nurse)

    assert browser.post(url(alert, "alert-take")).status_code == 403


# -- While it is open on a screen --------------------------------------------------------------------------------


def test_a_page_that_is_still_true_costs_nothing(desk, alert):
    token = re.search(r"state/\?v=(\w+)", desk.get(url(alert)).content.decode())[1]

    assert desk.get(url(alert, "alert-state"), {"v": token}).status_code == 204


def test_a_page_learns_that_a_colleague_was_faster(desk, alert, colleague):
    token = re.search(r"state/\?v=(\w+)", desk.get(url(alert)).content.decode())[1]
    acknowledge_alert(alert=alert, by=colleague, at=timezone.now())

    piece = desk.get(url(alert, "alert-state"), {"v": token}).content.decode()

    assert "This has changed since you opened the page." in piece
    assert "Ben Okafor" in piece
