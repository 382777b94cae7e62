"""Living with a plan: each change shows what it comes to, is done with a reason, and every refusal is in words."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.alerts.models import Alert
from apps.audit.models import AuditEvent
from apps.tapers.models import PlanProposal, PlanVersion, StepRelease, TaperPlan
from apps.tapers.selectors import plan_at
from tests.dashboards.plan_words import address, words_of
from tests.factories import (
    NOON,
    AlertFactory,
    DutyFactory,
    PatientFactory,
    PlanFactory,
    make_version,
)
from tests.tapers.plans import lock_from, on_plan

pytestmark = pytest.mark.django_db
WHY = {"reason": "Spasms are back.", "seen": "1", "do": "1"}


@pytest.fixture
def patient(ward):
    return PatientFactory(stay=ward, stay__bed="4", given_name="Ada", family_name="Lovegrove")


@pytest.fixture
def plan(patient):
    """50 mg a day since two days, 40 mg in five."""
    return PlanFactory(patient=patient)


def dose_now(patient):
    return plan_at(patient, NOON).daily_doses["oral"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("hold", "50"),
        ("back", "60"),
        ("reinstate", "60"),
        ("stop", "Abrupt stop"),
    ],
)
def test_a_change_shows_what_it_comes_to_before_it_is_done(desk, patient, plan, name, shown):
    text = words_of(desk.get(address("plan-change", patient, name)))

    assert shown in text.split("What it comes to")[1]
    assert "This is arithmetic" in text
    assert PlanVersion.objects.count() == 1
    assert not AuditEvent.objects.filter(type=AuditEvent.Type.PLAN_CHANGED).exists()


@pytest.mark.parametrize(
    ("name", "asked", "kind", "dose"),
    [
        ("hold", {"days": "7"}, "hold", 50),
        ("slower", {"days_longer": "3"}, "slow", 50),
        ("back", {"days": "7"}, "step_back", 60),
        ("reinstate", {}, "reinstate", 60),
        ("reinstate", {"route": "oral", "dose": "55"}, "reinstate", 55),
    ],
)
def test_a_change_is_in_force_at_once_with_its_reason(desk, patient, plan, nurse, name, asked, kind, dose):
    answer = desk.post(address("plan-change", patient, name), WHY | asked)

    assert answer.url == address("plan", patient)
    version = plan.versions.get(number=2)
    assert (version.kind, version.reason, version.author) == (kind, "Spasms are back.", nurse)
    assert (version.effective_at, dose_now(patient)) == (NOON, dose)


def test_looking_changes_nothing(desk, patient, plan):
    answer = desk.post(address("plan-change", patient, "slower"), {"days_longer": "3", "seen": "1", "look": "1"})

    assert "Sat 28 Nov 2026" in words_of(answer)
    assert PlanVersion.objects.count() == 1


def test_without_a_reason_nothing_is_done_and_it_is_said(desk, patient, plan):
    answer = desk.post(address("plan-change", patient, "hold"), WHY | {"reason": ""})

    assert answer.status_code == 409
    assert "Reason: Say why." in words_of(answer)
    assert PlanVersion.objects.count() == 1


def test_a_change_of_a_plan_that_somebody_has_changed_since_is_refused(desk, patient, plan):
    desk.post(address("plan-change", patient, "back"), WHY)

    answer = desk.post(address("plan-change", patient, "back"), WHY)

    assert answer.status_code == 409
    assert "Somebody has changed this plan since you read it." in words_of(answer)


def test_from_when_is_by_the_patient_s_clock(desk, patient, plan):
    patient.time_zone = "Asia/Tokyo"
    patient.save()

    page = words_of(desk.get(address("plan-change", patient, "hold")))
    desk.post(address("plan-change", patient, "hold"), WHY | {"effective_at": "2026-11-20T20:30"})

    assert "by the patient's clock: Fri 20 Nov, 21:00 (Asia/Tokyo)" in page
    assert plan.versions.get(number=2).effective_at == NOON - timedelta(minutes=30)


def test_reinstating_never_lowers_a_dose(desk, patient, plan):
    answer = desk.post(address("plan-change", patient, "reinstate"), WHY | {"route": "oral", "dose": "20"})

    assert answer.status_code == 409
    assert "Reinstating never lowers a dose" in words_of(answer)


def test_a_stop_is_proposed_and_a_second_clinician_signs(desk, patient, plan, ward):
    answer = desk.post(address("plan-change", patient, "stop"), WHY)

    proposal = PlanProposal.objects.get()
    assert (proposal.kind, answer.url) == ("stop", reverse("dashboards:proposal", args=[proposal.pk]))
    assert dose_now(patient) == 50
    assert "Waits for a signature: Stopped" in words_of(desk.get(address("patient", patient)))
    doctor = Client()
    doctor.force_login(DutyFactory(ward=ward, job="doctor").user)
    assert "from 50 mg/day to nothing" in words_of(doctor.get(reverse("dashboards:proposal", args=[proposal.pk])))
    doctor.post(reverse("dashboards:proposal-sign", args=[proposal.pk]), {"reason": "Severe poisoning."})
    assert dose_now(patient) == 0


def test_a_transfer_names_its_dose_and_waits_for_a_second_signature(desk, patient, plan):
    assert "Dose a day: This field is required." in words_of(
        desk.post(address("plan-change", patient, "transfer"), WHY | {"route": "intrathecal"})
    )

    desk.post(address("plan-change", patient, "transfer"), WHY | {"route": "intrathecal", "dose": "120"})

    steps = PlanProposal.objects.get(kind="transfer").steps
    assert [(step["route"], Decimal(step["daily_dose"])) for step in steps if step["route"] == "intrathecal"] == [
        ("intrathecal", 120)
    ]


def test_reinstating_is_one_click_from_an_alert_and_closing_it_stays_an_act_of_its_own(desk, patient, plan):
    alert = AlertFactory(patient=patient, pattern="delirium")
    link = f"{address('plan-change', patient, 'reinstate')}?alert={alert.pk}"
    assert link in desk.get(reverse("dashboards:alert", args=[alert.pk])).content.decode()
    page = desk.get(link)
    assert "Alert: Delirium." in page.content.decode()

    answer = desk.post(link, WHY | {"reason": "Alert: Delirium.", "alert": str(alert.pk)})

    assert answer.url == reverse("dashboards:alert", args=[alert.pk])
    assert dose_now(patient) == 60
    assert Alert.objects.get().status == "open"


def test_an_alert_of_somebody_else_is_not_found(desk, patient, plan, ward):
    alert = AlertFactory(patient=PatientFactory(stay=ward))

    assert desk.get(address("plan-change", patient, "reinstate") + f"?alert={alert.pk}").status_code == 404
    assert desk.get(address("plan-change", patient, "reinstate") + "?alert=x").status_code == 404


def test_without_a_plan_there_is_nothing_to_change(desk, patient):
    assert desk.get(address("plan-change", patient, "hold")).url == address("plan-edit", patient)


def test_who_was_never_reduced_has_no_dose_to_go_back_to_and_may_be_given_another(desk, patient):
    long_ago = NOON - timedelta(days=9)
    PlanFactory(patient=patient, steps__daily_doses=(60,), steps__starts_at=long_ago)
    assert "No higher dose is known to go back to." in words_of(
        desk.get(address("plan-change", patient, "reinstate"))
    )

    desk.post(address("plan-change", patient, "reinstate"), WHY | {"route": "oral", "dose": "70"})

    assert dose_now(patient) == 70


def test_a_change_nobody_knows_is_not_found(desk, patient, plan):
    assert desk.get(address("plan-change", patient, "double")).status_code == 404


def test_baclofen_is_given_again_after_the_plan_was_closed(desk, patient, plan):
    TaperPlan.objects.update(closed_at=NOON - timedelta(hours=3))
    assert "Baclofen given again" in words_of(desk.get(address("plan", patient)))

    desk.post(address("plan-change", patient, "reinstate"), WHY)

    assert TaperPlan.objects.count() == 2
    assert dose_now(patient) == 50


@pytest.fixture
def locked(patient):
    return on_plan(patient, is_gated=True)


def test_a_locked_step_shows_its_checklist_with_what_was_found(desk, patient, locked):
    text = words_of(desk.get(address("plan", patient)))

    for words in (
        "The next step is locked", "Step 3, 40 mg/day, foreseen from Wed 25 Nov", "✗ not met Logs complete",
        "no log in 3 of the last 3 days", "✓ met No urgent alert in 72 hours", "nobody has counted what is in hand",
    ):  # fmt: skip
        assert words in text, words
    assert "foreseen from Wed 25 Nov, is locked" in words_of(desk.get(address("patient", patient)))


def test_a_step_whose_time_has_come_is_said_to_wait(desk, patient):
    plan = PlanFactory(patient=patient, is_gated=True, steps=False)
    lock_from(make_version(plan, starts_at=NOON - timedelta(days=15)), 3)

    assert "A step waits to be released" in words_of(desk.get(address("plan", patient)))
    assert "A step waits to be released" in words_of(desk.get(address("patient", patient)))


def test_a_step_is_not_released_while_something_is_not_met(desk, patient, locked):
    step = plan_at(patient, NOON).next_gate.step

    answer = desk.post(address("plan-release", patient), {"step": str(step.pk), "override_reason": ""})

    assert answer.status_code == 409
    text = words_of(answer)
    assert "Not everything on the checklist is met" in text
    assert "Supply in hand: nobody has counted what is in hand" in text
    assert not StepRelease.objects.exists()


def test_a_doctor_releases_it_all_the_same_and_says_why(desk, patient, locked, ward):
    step = plan_at(patient, NOON).next_gate.step
    doctor = Client()
    doctor.force_login(DutyFactory(ward=ward, job="doctor").user)

    doctor.post(address("plan-release", patient), {"step": str(step.pk), "override_reason": "Seen by me."})

    release = StepRelease.objects.get()
    assert (release.override_reason, release.by.duties.get().job) == ("Seen by me.", "doctor")
    assert "released by" in words_of(desk.get(address("plan-history", patient)))


@pytest.mark.parametrize("step", ["x", "0b8f4c5e-3f0e-4e0e-9d0c-6f2d8f7f1a11"])
def test_a_step_that_is_not_there_is_not_released(desk, patient, locked, step):
    assert desk.post(address("plan-release", patient), {"step": step}).status_code in {409, 422}


def test_versions_lie_side_by_side_with_who_and_why(desk, patient, plan, nurse):
    desk.post(address("plan-change", patient, "hold"), WHY | {"days": "7"})

    text = words_of(desk.get(address("plan-history", patient)))

    for words in (
        "2, held", "Amina Yusuf", "Spasms are back.", "Version 1 Version 2",
        "Wed 25 Nov 2026, 12:00 by mouth 40 mg/day 50 mg/day changed",
    ):  # fmt: skip
        assert words in text, words


def test_what_the_ward_believed_then_leaves_out_what_was_entered_later(desk, patient, plan):
    make_version(
        plan,
        number=2,
        daily_doses=(30,),
        starts_at=NOON - timedelta(hours=12),
        recorded_at=NOON - timedelta(hours=1),
    )

    text = words_of(desk.get(address("plan-history", patient) + "?known_at=2026-11-20T03:00"))

    assert "What the ward believed at Fri 20 Nov 2026, 03:00 Version 1, plan started: 50 mg/day by mouth" in text
    assert "Not known yet: version 2, entered Fri 20 Nov, 11:00, counts from Fri 20 Nov, 00:00." in text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "yesterday"])
def test_a_moment_nobody_can_reckon_with_is_asked_for_again(desk, patient, plan, moment):
    assert desk.get(address("plan-history", patient) + f"?known_at={moment}").status_code == 200
    assert desk.post(address("plan-change", patient, "hold"), WHY | {"effective_at": moment}).status_code == 422


def test_a_time_that_the_clocks_skip_is_asked_for_again(desk, patient, plan):
    answer = desk.post(address("plan-change", patient, "hold"), WHY | {"effective_at": "2027-03-28T01:30"})

    assert answer.status_code == 422
    assert "From when:" in words_of(answer)


def test_before_any_plan_the_ward_believed_nothing(desk, patient, plan):
    text = words_of(desk.get(address("plan-history", patient) + "?known_at=2026-01-01T03:00"))

    assert "No plan was on record." in text


@pytest.mark.parametrize("name", ["plan", "plan-edit", "plan-history", "doses", "supply"])
def test_who_looked_is_recorded(desk, patient, nurse, name):
    desk.get(address(name, patient))

    line = AuditEvent.objects.get(type=AuditEvent.Type.PATIENT_VIEWED)
    assert (line.actor_id, line.patient_id, line.detail["page"]) == (nurse.pk, patient.pk, name)


def test_whoever_was_slower_is_told_and_can_go_on_from_what_is_there_now(desk, patient, plan):
    make_version(plan, number=2, kind="hold")
    give = address("plan-change", patient, "reinstate")

    refused = desk.post(give, WHY)
    assert refused.status_code == 409
    assert "Somebody has changed this plan since you read it." in words_of(refused)
    assert 'name="seen" value="2"' in refused.content.decode()

    assert desk.post(give, WHY | {"seen": "2"}).status_code == 302
    assert dose_now(patient) == 60
