"""A plan is typed, looked at, proposed and signed. Forms are sent as a page without JavaScript sends them."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.dashboards.plan_breaches import broken_rails
from apps.tapers.guard_rails import Breach
from apps.tapers.models import PlanProposal, PlanVersion, TaperPlan
from tests.dashboards.plan_words import address, words_of
from tests.factories import (
    NOON,
    DutyFactory,
    PatientFactory,
    PlanFactory,
    ProductFactory,
    RiskFactorFactory,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(ward):
    return PatientFactory(stay=ward, stay__bed="4", given_name="Ada", family_name="Lovegrove")


@pytest.fixture
def tablet():
    return ProductFactory(name="Baclofen 10 mg tablet")


@pytest.fixture
def typed(tablet):
    """60 mg, ten less each week down to 40 mg, three times a day."""
    return {
        "starts_on": "2026-11-23",
        "indication": "Spasticity after a spinal injury",
        "use_started_on": "2020-01-01",
        "is_gated": "on",
        "reason": "Agreed with the patient.",
        "oral-is_included": "on",
        "oral-method": "linear",
        "oral-start": "60",
        "oral-target": "40",
        "oral-reduction": "10",
        "oral-step_days": "7",
        "oral-times": "08:00 14:00 20:00",
        "oral-products": [str(tablet.pk)],
        "oral-rows": ["0", "1"],
        "intrathecal-method": "linear",
        "intrathecal-target": "0",
    }


def test_the_editor_shows_who_it_is_and_fills_in_no_dose(desk, patient, tablet):
    RiskFactorFactory(patient=patient, code="epilepsy")

    answer = desk.get(address("plan-edit", patient))

    text = words_of(answer)
    assert "epilepsy or an earlier seizure" in text
    assert "This is arithmetic" in text
    assert 'name="oral-start"' in answer.content.decode()
    assert not re.search(r'name="oral-(?:start|reduction|step_days)"[^>]*value=', answer.content.decode())


def test_the_preview_shows_every_step_with_its_tablets_and_what_is_to_be_dispensed(desk, patient, typed):
    answer = desk.post(address("plan-preview", patient), typed)

    text = words_of(answer)
    for words in (
        "3 steps, the last from 7 Dec 2026. No guard rail is broken.",
        "Mon 23 Nov 2026",
        "08:00 20 mg: 2 × Baclofen 10 mg tablet",
        "08:00 15 mg: 1.5 × Baclofen 10 mg tablet",
        "77 × Baclofen 10 mg tablet",
        "This is arithmetic",
    ):
        assert words in text, words
    assert "<svg" in answer.content.decode()
    assert not PlanProposal.objects.exists()


def test_a_dose_that_cannot_be_made_is_shown_with_what_was_asked_for(desk, patient, typed):
    typed |= {"oral-method": "percent_of_start", "oral-percent": "12", "oral-target": "20"}

    text = words_of(desk.post(address("plan-preview", patient), typed))

    assert "asked for 52.8" in text


def test_a_guard_rail_that_is_broken_is_named_with_its_limit_and_source(desk, patient, typed):
    text = words_of(desk.post(address("plan-preview", patient), typed | {"oral-reduction": "30"}))

    for words in ("1 guard rail", "One step takes too large a part of the dose", "33 %", "below 33 %"):
        assert words in text, words


def test_what_is_missing_is_asked_for(desk, patient, typed):
    typed.pop("oral-reduction")
    text = words_of(desk.post(address("plan-preview", patient), typed | {"oral-times": "8 o'clock"}))

    assert "Not enough to work out a plan yet." in text
    assert "Times of day: Write each time as 08:00." in text


@pytest.mark.parametrize("field", ["starts_on", "use_started_on"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_nobody_can_reckon_with_is_asked_for_again(desk, patient, typed, field, day):
    answer = desk.post(address("plan-edit", patient), typed | {field: day, "propose": "1"})

    assert answer.status_code == 422
    assert not PlanProposal.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"oral-times": "08:00 08:00"}, "A time is there twice."),
        ({"oral-weights": "1 1"}, "Give one share for each time."),
        ({"oral-weights": "one"}, "Write whole numbers, one for each time."),
        ({"oral-target": "60"}, "The target is below the starting dose."),
        ({"oral-start": "-5"}, "Starting dose a day: Ensure this value is greater than or equal to 0."),
        ({"oral-step_days": "0"}, "This is out of range."),
        ({"oral-reduction": "0.1"}, "This makes more steps than a plan can have."),
        ({"oral-products": []}, "Made of: This is needed."),
        ({"oral-method": "proportional", "oral-percent": "10"}, "Below this dose, to the target: This is needed."),
    ],
)
def test_what_is_no_course_is_told_at_its_field(desk, patient, typed, told, words):
    assert words in words_of(desk.post(address("plan-preview", patient), typed | told))


def test_steps_written_by_hand_are_rows_that_come_and_go_without_a_script(desk, patient, typed):
    typed |= {"oral-method": "by_hand", "oral-row-0-dose": "45", "oral-row-1-dose": "30", "add-row": "oral"}
    page = desk.post(address("plan-edit", patient), typed).content.decode()
    assert 'name="oral-row-2-dose"' in page
    assert 'name="oral-row-0-dose" value="45"' in page

    typed.pop("add-row")
    page = desk.post(address("plan-edit", patient), typed | {"remove-row": "oral-0"}).content.decode()
    assert 'name="oral-row-0-dose"' not in page
    assert 'name="oral-row-1-dose" value="30"' in page


def test_a_plan_by_hand_keeps_its_last_dose(desk, patient, typed):
    typed |= {"oral-method": "by_hand", "oral-row-0-dose": "45", "oral-row-1-dose": "30", "propose": "1"}
    typed |= {"oral-row-0-days": "3"}

    desk.post(address("plan-edit", patient), typed)

    steps = PlanProposal.objects.get().steps
    assert [Decimal(step["daily_dose"]) for step in steps] == [60, 45, 30]
    assert [step["starts_at"][:10] for step in steps] == ["2026-11-23", "2026-11-30", "2026-12-03"]
    assert steps[-1]["ends_at"] is None


def test_without_a_reason_nothing_is_proposed(desk, patient, typed):
    answer = desk.post(address("plan-edit", patient), typed | {"reason": " ", "propose": "1"})

    assert answer.status_code == 422
    assert "Reason for this plan: This field is required." in words_of(answer)
    assert not PlanProposal.objects.exists()


def test_a_proposal_is_not_in_force_until_it_is_signed(desk, patient, typed, nurse):
    answer = desk.post(address("plan-edit", patient), typed | {"propose": "1"})

    proposal = PlanProposal.objects.get()
    assert answer.url == reverse("dashboards:proposal", args=[proposal.pk])
    assert (proposal.author, proposal.use_started_on, len(proposal.steps)) == (nurse, date(2020, 1, 1), 3)
    assert not TaperPlan.objects.exists()
    assert "Waits for a signature: Plan started: Spasticity after a spinal injury" in words_of(
        desk.get(address("plan", patient))
    )

    desk.post(reverse("dashboards:proposal-sign", args=[proposal.pk]), {"reason": ""})

    version = PlanVersion.objects.get()
    assert (version.plan.patient, version.signature.by, version.plan.is_gated) == (patient, nurse, True)


def test_the_author_does_not_sign_what_breaks_a_guard_rail(desk, patient, typed):
    desk.post(address("plan-edit", patient), typed | {"oral-reduction": "30", "propose": "1"})
    proposal = PlanProposal.objects.get()
    assert "signs, who did not write it" in words_of(desk.get(reverse("dashboards:proposal", args=[proposal.pk])))

    answer = desk.post(reverse("dashboards:proposal-sign", args=[proposal.pk]), {"reason": "It is right."})

    assert answer.status_code == 409
    assert "so a second person signs" in words_of(answer)
    assert not TaperPlan.objects.exists()


def test_a_second_clinician_signs_it_with_a_reason(desk, patient, typed, ward):
    desk.post(address("plan-edit", patient), typed | {"oral-reduction": "30", "propose": "1"})
    proposal = PlanProposal.objects.get()
    doctor = Client()
    doctor.force_login(DutyFactory(ward=ward, job="doctor").user)
    sign = reverse("dashboards:proposal-sign", args=[proposal.pk])

    refused = doctor.post(sign, {"reason": ""})
    assert refused.status_code == 409
    assert "say why it is right all the same" in words_of(refused)

    doctor.post(sign, {"reason": "Seizures on the present dose."})
    assert PlanVersion.objects.get().signature.overridden[0]["code"] == "step_above_limit"


def test_a_proposal_is_withdrawn_with_a_reason_once(desk, patient, typed):
    desk.post(address("plan-edit", patient), typed | {"propose": "1"})
    proposal = PlanProposal.objects.get()
    withdraw = reverse("dashboards:proposal-withdraw", args=[proposal.pk])

    assert "Say why." in words_of(desk.post(withdraw, {"reason": ""}))
    desk.post(withdraw, {"reason": "Written for somebody else."})
    again = desk.post(withdraw, {"reason": "Again."})

    assert again.status_code == 409
    assert "signed or withdrawn before" in words_of(again)
    proposal.refresh_from_db()
    assert proposal.withdrawn_reason == "Written for somebody else."


def test_a_change_of_a_plan_starts_from_the_present_dose(desk, patient, typed):
    plan = PlanFactory(patient=patient)
    page = desk.get(address("plan-edit", patient)).content.decode()
    assert 'name="oral-start" value="50"' in page

    answer = desk.post(address("plan-edit", patient), typed | {"oral-start": "50", "propose": "1"})

    assert answer.status_code == 302
    proposal = PlanProposal.objects.get()
    assert (proposal.plan, proposal.kind) == (plan, "revise")


def test_what_was_typed_before_a_colleague_changed_the_plan_is_not_proposed_unseen(desk, patient, typed):
    plan = PlanFactory(patient=patient)
    opened = desk.get(address("plan-edit", patient)).content.decode()
    assert 'name="seen" value="1"' in opened
    typed |= {"oral-start": "50", "seen": "1"}
    make_version(plan, number=2, kind="hold")

    looked = desk.post(address("plan-edit", patient), typed | {"preview": "1"})
    refused = desk.post(address("plan-edit", patient), typed | {"propose": "1"})

    assert "Somebody has changed this plan while you were writing." in words_of(looked)
    assert refused.status_code == 422
    assert "Somebody has changed this plan since you read it." in words_of(refused)
    assert not PlanProposal.objects.exists()
    page = refused.content.decode()
    assert 'name="oral-start" value="50"' in page, "nothing that was typed is lost"
    assert 'name="seen" value="2"' in page

    desk.post(address("plan-edit", patient), typed | {"seen": "2", "propose": "1"})
    assert PlanProposal.objects.get().based_on.number == 2


def test_a_first_plan_is_not_taken_for_a_change_of_one_that_a_colleague_has_started(desk, patient, typed):
    PlanFactory(patient=patient)

    refused = desk.post(address("plan-edit", patient), typed | {"seen": "0", "propose": "1"})

    assert refused.status_code == 422
    assert not PlanProposal.objects.exists()


@pytest.mark.parametrize("seen", ["-1", "x", "9" * 30, "²"])
def test_a_version_that_no_page_of_ours_has_told_is_nobodys_fault(desk, patient, typed, seen):
    PlanFactory(patient=patient)

    answer = desk.post(address("plan-edit", patient), typed | {"oral-start": "50", "seen": seen, "propose": "1"})

    assert answer.status_code == 302


def test_the_plan_page_marks_the_step_of_today(desk, patient):
    PlanFactory(patient=patient)

    answer = desk.get(address("plan", patient))

    text = words_of(answer)
    assert "2 now" in text
    assert "50 mg/day" in text
    assert "<svg" in answer.content.decode()


def test_a_guard_rail_is_said_once_with_every_time_that_it_is_broken():
    at = [NOON + timedelta(days=days) for days in range(3)]
    common = {"limit": "below 33 %", "source": "x", "tag": "project choice", "title": "A step"}
    made = [
        Breach(code=code, route="oral", value=value, is_refusal=refuses, at=when, **common)
        for code, value, refuses, when in (
            ("step_above_limit", "40 %", True, at[0]),
            ("large_step", "26 %", False, at[1]),
            ("step_above_limit", "50 %", True, at[2]),
        )
    ]

    rails = broken_rails(made)

    assert [(rail.breach.code, rail.times) for rail in rails] == [
        ("step_above_limit", ((at[0], "40 %"), (at[2], "50 %"))),
        ("large_step", ((at[1], "26 %"),)),
    ]
