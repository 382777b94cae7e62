"""The page of the timeline: who sees it, what it costs, what it says without a script."""

import json
import re
import time
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.patients.models import ZoneChange
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Dose
from tests.dashboards.timelines import an_alert, happened, look
from tests.factories import NOON, DoseFactory, PatientFactory, PlanFactory, SymptomLogFactory, hours

pytestmark = pytest.mark.django_db
QUICK_SECONDS = 3
"""For 90 days of four logs a day on a machine that does other things too; alone it is a fraction of it."""


@pytest.fixture
def patient(ward):
    return PatientFactory(stay=ward, stay__admitted_at=NOON - hours(24), family_name="Lovegrove")


def address(patient, **asked):
    return reverse("dashboards:timeline", args=[patient.pk], query=asked)


def drawing(page):
    return json.loads(re.search(r'<script id="timeline-drawing"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_the_patient_s_page_leads_to_the_timeline(desk, patient):
    assert address(patient) in desk.get(reverse("dashboards:patient", args=[patient.pk])).content.decode()


def test_looking_at_it_goes_into_the_record(desk, patient, nurse):
    desk.get(address(patient, period="48h"))

    line = AuditEvent.objects.get(type=AuditEvent.Type.PATIENT_VIEWED)
    assert (line.actor_id, line.patient_id, line.detail["page"]) == (nurse.pk, patient.pk, "timeline")


def test_the_drawing_and_the_table_are_of_the_same_facts(desk, patient):
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(2), answers={"tremor": 3}, note="<b>shaky</b>")

    page = desk.get(address(patient)).content.decode()

    drawn = drawing(page)
    (tremor,) = [row for panel in drawn["panels"] if panel["key"] == "symptoms" for row in panel["rows"][1:]]
    assert (tremor["label"], tremor["cells"][0]["text"]) == ("Tremor", "3")
    assert drawn["now"] == NOON.timestamp()
    assert "<bdi>Tremor 3</bdi>" in page
    assert f'data-at="{int((NOON - hours(2)).timestamp())}"' in page
    assert "<b>shaky</b>" not in page


@pytest.mark.parametrize(
    ("period", "hours_shown"), [("48h", 54), ("14d", 16 * 24), ("taper", None), ("nonsense", 16 * 24)]
)
def test_how_long_is_shown_is_chosen(desk, patient, period, hours_shown):
    PlanFactory(patient=patient)

    drawn = drawing(desk.get(address(patient, period=period)).content.decode())

    shown = (drawn["until"] - drawn["since"]) / 3600
    if hours_shown:
        assert shown == hours_shown
    else:
        # A week before the plan of nine days ago, to two days after its last change in five weeks.
        assert 45 * 24 < shown < 60 * 24


def test_as_known_at_is_by_the_patient_s_clock_and_says_so(desk, patient):
    patient.time_zone = "Asia/Tokyo"
    patient.save()
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(9), recorded_at=NOON - hours(8))

    then = desk.get(address(patient, known_at="2026-11-20T12:30")).content.decode()
    now = desk.get(address(patient)).content.decode()

    # 12:30 in Tokyo is 03:30 UTC.
    assert "As it was known at Fri 20 Nov 2026, 12:30 (Asia/Tokyo)." in then
    assert drawing(then)["now"] == (NOON - hours(8.5)).timestamp()
    assert "Anxiety 1" not in then
    assert "Anxiety 1" in now
    assert "The ward&#x27;s clock is another" in now or "The ward's clock is another" in now


def test_a_move_that_was_not_known_yet_has_moved_no_clock_of_the_page(desk, patient):
    ZoneChange.objects.create(
        patient=patient, from_at=NOON - hours(20), zone_before="Europe/London", zone="Asia/Tokyo",
        recorded_at=NOON - hours(1),
    )  # fmt: skip
    patient.time_zone = "Asia/Tokyo"
    patient.save()
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(9))

    then = desk.get(address(patient, known_at="2026-11-20T08:00Z")).content.decode()
    now = desk.get(address(patient)).content.decode()

    assert "As it was known at Fri 20 Nov 2026, 08:00 (Europe/London)." in then
    assert 'value="2026-11-20T17:00"' in then
    assert "Fri 20 Nov, 03:00</th>" in then
    assert "Fri 20 Nov, 12:00</th>" in now


def test_one_entry_earlier_and_later_are_links(desk, patient):
    for back in (9, 5):
        SymptomLogFactory(patient=patient, observed_at=NOON - hours(back))

    then = desk.get(address(patient, known_at="2026-11-20T05:00")).content.decode()

    assert "known_at=2026-11-20T03:00" in then
    assert "known_at=2026-11-20T07:00" in then
    assert "What is known now" in then


def test_a_moment_ahead_is_now_and_nonsense_is_refused_in_words(desk, patient):
    assert (
        drawing(desk.get(address(patient, known_at="2030-01-01T00:00")).content.decode())["now"]
        == NOON.timestamp()
    )
    assert "Enter a valid date/time" in desk.get(address(patient, known_at="soon")).content.decode()


def test_nothing_on_record_is_not_called_well(desk, ward):
    patient = PatientFactory(stay=ward, stay__admitted_at=NOON - hours(1))

    page = desk.get(address(patient)).content.decode()

    assert "Nothing is on record in this time." in page
    assert "No record does not mean that the person was well." in page


def a_long_story(patient, days=90):
    since = NOON - timedelta(days=days)
    patient.stays.update(admitted_at=since)
    PlanFactory(patient=patient, created_at=since, steps__starts_at=since, steps__step_days=13)
    moments = [since + hours(6 * place) for place in range(days * 4)]
    made = SymptomLogFactory.build_batch(len(moments), patient=patient)
    for place, (log, at) in enumerate(zip(made, moments, strict=True)):
        log.observed_at = log.recorded_at = at
        log.answers = {code: (place + shift) % 5 for shift, code in enumerate(CODES)}
        log.vital_signs = {
            "temperature_c": {"value": 36.5 + place % 3},
            "heart_rate_bpm": {"value": 70 + place % 20},
        }
    SymptomLog.objects.bulk_create(made)
    due = [since + hours(24 * day + hour) for day in range(days) for hour in (-4, 2, 8)]
    Dose.objects.bulk_create(DoseFactory.build(patient=patient, due_at=at, recorded_at=at) for at in due)
    for back in range(12):
        happened(
            an_alert(patient, NOON - hours(24 * back + 5), pattern=f"pattern {back}"), ("opened", NOON - hours(24 * back + 5))
        )  # fmt: skip


CODES = (
    "confusion", "visual_hallucinations", "auditory_hallucinations", "agitation", "insomnia", "anxiety", "tremor",
    "sweating", "myoclonus", "muscle_spasms", "pruritus", "nausea",
)  # fmt: skip


@pytest.mark.parametrize("period", ["48h", "14d", "taper"])
def test_it_takes_the_same_statements_however_long_the_story(patient, desk, django_assert_num_queries, period):
    SymptomLogFactory(patient=patient)
    PlanFactory(patient=PatientFactory())
    with django_assert_num_queries(STATEMENTS_WITHOUT_A_PLAN):
        look(patient)

    a_long_story(patient)
    with django_assert_num_queries(STATEMENTS):
        look(patient, period)


STATEMENTS_WITHOUT_A_PLAN, STATEMENTS = 11, 14
"""Zones, plans (with versions and steps), doses, pump and supply events and their ends, pump dates, logs, alerts (with
their events), the usual state, stays."""


def test_90_days_of_four_logs_a_day_stay_quick(patient, desk):
    a_long_story(patient)
    desk.get(address(patient, period="48h"))

    began = time.perf_counter()
    answer = desk.get(address(patient, period="taper"))
    took = time.perf_counter() - began

    assert answer.content.count(b"data-at=") > 90 * 4 + 90 * 3
    assert len(drawing(answer.content.decode())["panels"]) == 7
    assert took < QUICK_SECONDS


def test_moments_are_written_by_the_patient_s_clock_over_a_change_of_it(desk, patient, monkeypatch):
    """Between 01:30 and 01:30 of the night in which the clocks go back lies an hour."""
    at = datetime.fromisoformat("2026-10-25T09:00:00+00:00")
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    patient.stays.update(admitted_at=at - hours(20))
    for hour, grade in ((0.5, 1), (1.5, 4)):
        SymptomLogFactory(
            patient=patient, observed_at=at.replace(hour=0) + hours(hour), answers={"tremor": grade}
        )  # fmt: skip

    page = desk.get(address(patient, period="48h")).content.decode()

    assert page.count("Sun 25 Oct, 01:30 BST") == 1
    assert page.count("Sun 25 Oct, 01:30 GMT") == 1
    assert "Sun 25 Oct, 01:00 GMT" in page
    assert "Clocks go back: this day has 25 hours" in page
    (tremor,) = [
        row for panel in drawing(page)["panels"] if panel["key"] == "symptoms" for row in panel["rows"][1:]
    ]
    assert [cell["text"] for cell in tremor["cells"]] == ["1", "4"]
