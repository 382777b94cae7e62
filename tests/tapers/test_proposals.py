from datetime import time
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from apps.core.errors import InvalidInput
from apps.tapers.courses.steps import StepInput
from apps.tapers.courses.writing import steps_as_json, steps_from_json
from apps.tapers.errors import (
    GuardRailRefused,
    MayNotSign,
    PlanAlreadyOpen,
    PlanClosed,
    ProposalClosed,
    ProposalOutOfDate,
    SecondSignatureNeeded,
)
from apps.tapers.living import hold_plan
from apps.tapers.models import GuardRailSetting, PlanSignature, PlanVersion, TaperPlan
from apps.tapers.planning import close_plan
from apps.tapers.proposals import (
    change_within_guard_rails,
    propose_change,
    propose_plan,
    sign_proposal,
    start_within_guard_rails,
    withdraw_proposal,
)
from apps.tapers.selectors import due_doses, open_proposals, plan_at, present_steps
from apps.wards.models import Job
from tests.factories import NOON, UserFactory, hours
from tests.tapers.plans import DAY, a_patient, course, on_plan, steps_of_doses, works_with

pytestmark = pytest.mark.django_db
GENTLE = (60, 50, 40)


def a_proposal(patient, by=None, doses=GENTLE, **given):
    return propose_plan(
        **{
            "patient": patient,
            "by": by,
            "at": NOON,
            "indication": "Spasticity",
            "use_started_on": None,
            "effective_at": NOON,
            "reason": "Agreed.",
            "steps": steps_of_doses(doses),
            "is_gated": False,
        }
        | given
    )


def a_change(plan, by=None, **given):
    return propose_change(
        **{
            "plan": plan,
            "by": by,
            "at": NOON,
            "kind": "stop",
            "effective_at": NOON,
            "reason": "Ileus.",
            "steps": [],
        }
        | given
    )


def test_what_is_proposed_is_not_in_force():
    patient = a_patient()

    proposal = a_proposal(patient)

    assert not TaperPlan.objects.exists()
    assert plan_at(patient, NOON + DAY) is None
    assert open_proposals(patient) == [proposal]


def test_a_plan_within_the_guard_rails_is_signed_by_its_author():
    patient = a_patient()
    nurse = works_with(patient)

    version = sign_proposal(proposal=a_proposal(patient, nurse), by=nurse, at=NOON + hours(1))

    assert course(patient, NOON + hours(2)) == [(0.08, 60), (7.0, 50), (14.0, 40)]
    assert (version.author, version.effective_at, version.recorded_at) == (nurse, NOON + hours(1), NOON + hours(1))
    signature = PlanSignature.objects.get(version=version)
    assert (signature.by, signature.overridden) == (nurse, [])
    assert open_proposals(patient) == []


def test_a_proposal_is_signed_once():
    patient = a_patient()
    nurse = works_with(patient)
    proposal = a_proposal(patient)
    sign_proposal(proposal=proposal, by=nurse, at=NOON)

    with pytest.raises(ProposalClosed):
        sign_proposal(proposal=proposal, by=nurse, at=NOON)
    with pytest.raises(ProposalClosed):
        withdraw_proposal(proposal=proposal, by=nurse, at=NOON, reason="No.")


@pytest.mark.parametrize("role", ["patient", "carer", "service", "staff"])
def test_nobody_from_outside_the_ward_signs(role):
    proposal = a_proposal(a_patient())

    with pytest.raises(MayNotSign):
        sign_proposal(proposal=proposal, by=UserFactory(role=role), at=NOON)


@pytest.mark.parametrize(
    ("doses", "days", "code"),
    [
        ((60, 0), 7, "abrupt_stop"),
        ((60, 30), 7, "step_above_limit"),
        ((60, 48, 38, 30, 24, 19, 0), 1, "plan_too_short"),
    ],
)
def test_a_broken_guard_rail_needs_a_second_clinician_with_a_reason(doses, days, code):
    patient = a_patient()
    author, doctor, nurse = works_with(patient, Job.DOCTOR), works_with(patient, Job.DOCTOR), works_with(patient)
    proposal = a_proposal(patient, author, steps=steps_of_doses(doses, days=days))

    for somebody, reason in ((author, "I am sure."), (nurse, "I think so."), (doctor, " ")):
        with pytest.raises(SecondSignatureNeeded) as refusal:
            sign_proposal(proposal=proposal, by=somebody, at=NOON, reason=reason)
        assert code in [breach.code for breach in refusal.value.breaches]
    assert not PlanVersion.objects.exists()

    version = sign_proposal(proposal=proposal, by=doctor, at=NOON, reason="Watched in hospital.")

    signature = PlanSignature.objects.get(version=version)
    assert (signature.by, signature.reason, version.author) == (doctor, "Watched in hospital.", author)
    kept = next(one for one in signature.overridden if one["code"] == code)
    assert set(kept) == {"code", "route", "value", "limit", "source", "tag", "text"}


def test_a_signature_is_never_changed():
    patient = a_patient()
    version = sign_proposal(proposal=a_proposal(patient), by=works_with(patient), at=NOON)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        PlanSignature.objects.filter(version=version).update(reason="Because.")


def test_a_pharmacist_of_another_ward_is_no_second_clinician():
    patient = a_patient()
    other = works_with(a_patient(), Job.PHARMACIST)

    with pytest.raises(MayNotSign):
        sign_proposal(proposal=a_proposal(patient, doses=(60, 0)), by=other, at=NOON, reason="Yes.")


def test_a_proposal_gives_way_to_a_change_made_since():
    plan = on_plan()
    doctor = works_with(plan.patient, Job.DOCTOR)
    proposal = a_change(plan)
    hold_plan(plan=plan, by=None, at=NOON, reason="A fall.", effective_at=NOON, days=3)

    with pytest.raises(ProposalOutOfDate):
        sign_proposal(proposal=proposal, by=doctor, at=NOON, reason="Yes.")


def test_two_steps_whose_time_has_passed_are_not_taken_as_one():
    patient = a_patient()
    proposal = a_proposal(patient)

    with pytest.raises(ProposalOutOfDate):
        sign_proposal(proposal=proposal, by=works_with(patient), at=NOON + 7 * DAY)


def test_a_stop_signed_by_two_is_in_force_from_its_signature():
    plan = on_plan(is_gated=True)
    nurse, doctor = works_with(plan.patient), works_with(plan.patient, Job.DOCTOR)
    proposal = a_change(plan, nurse)

    sign_proposal(proposal=proposal, by=doctor, at=NOON + hours(2), reason="Nothing is absorbed.")

    assert present_steps(plan.patient, NOON + hours(1))["oral"].daily_dose == 50
    assert present_steps(plan.patient, NOON + hours(2)) == {}


def test_a_gated_plan_comes_into_force_with_its_reductions_locked():
    patient = a_patient()
    proposal = a_proposal(patient, is_gated=True)

    version = sign_proposal(proposal=proposal, by=works_with(patient), at=NOON)

    assert course(patient) == [(0.0, 60)]
    assert [(int(step.daily_dose), step.is_locked) for step in version.steps.all()] == [
        (60, False),
        (50, True),
        (40, True),
    ]
    assert version.plan.is_gated


def test_a_change_of_a_gated_plan_keeps_the_present_dose_until_somebody_releases_it():
    plan = on_plan(is_gated=True)
    proposal = a_change(plan, kind="revise", steps=steps_of_doses((45, 40)))

    sign_proposal(proposal=proposal, by=works_with(plan.patient), at=NOON)

    assert course(plan.patient) == [(0.0, 50)]


def test_a_plan_that_breaks_a_guard_rail_does_not_start_at_once_either():
    patient = a_patient()
    told = {
        "patient": patient,
        "by": None,
        "at": NOON,
        "effective_at": NOON,
        "indication": "Spasticity",
        "use_started_on": None,
        "reason": "Agreed.",
    }

    with pytest.raises(GuardRailRefused):
        start_within_guard_rails(steps=steps_of_doses((60, 0)), **told)
    assert not TaperPlan.objects.exists()

    version = start_within_guard_rails(steps=steps_of_doses(GENTLE), **told)
    with pytest.raises(GuardRailRefused):
        change_within_guard_rails(
            plan=version.plan,
            by=None,
            at=NOON,
            kind="revise",
            effective_at=NOON + DAY,
            steps=steps_of_doses((20,), starts_at=NOON + DAY),
            reason="Faster.",
        )
    assert version.plan.versions.count() == 1


def test_a_site_that_sets_a_tighter_limit_is_heard():
    patient = a_patient()
    GuardRailSetting.objects.create(
        code=GuardRailSetting.Code.STEP, limit=Decimal("0.1"), source="Pharmacy committee, May 2026"
    )

    with pytest.raises(SecondSignatureNeeded) as refusal:
        sign_proposal(proposal=a_proposal(patient), by=works_with(patient), at=NOON)

    assert refusal.value.breaches[0].source == "Pharmacy committee, May 2026"


def test_a_second_first_plan_and_a_closed_plan_are_refused():
    patient = a_patient()
    nurse = works_with(patient)
    first, second = a_proposal(patient), a_proposal(patient)
    plan = sign_proposal(proposal=first, by=nurse, at=NOON).plan

    with pytest.raises(PlanAlreadyOpen), transaction.atomic():
        sign_proposal(proposal=second, by=nurse, at=NOON)
    with pytest.raises(PlanAlreadyOpen):
        a_proposal(patient)
    with pytest.raises(PlanClosed):
        a_change(close_plan(plan=plan, by=None, at=NOON))


def test_a_proposal_is_withdrawn_with_a_reason_and_signed_no_more():
    patient = a_patient()
    proposal = a_proposal(patient)
    with pytest.raises(InvalidInput):
        withdraw_proposal(proposal=proposal, by=None, at=NOON, reason=" ")

    withdrawn = withdraw_proposal(proposal=proposal, by=None, at=NOON, reason="Another plan.")

    assert (withdrawn.withdrawn_at, withdrawn.is_open) == (NOON, False)
    with pytest.raises(ProposalClosed):
        sign_proposal(proposal=proposal, by=works_with(patient), at=NOON)


# --- doses of each time of day -------------------------------------------------------------------

UNEVEN = StepInput(
    "oral",
    NOON,
    None,
    Decimal(60),
    "mg/day",
    (time(20), time(8)),
    (Decimal(45), Decimal(15)),
    asked_dose=Decimal(58),
)


def test_each_time_of_day_is_due_its_own_dose():
    patient = a_patient()
    sign_proposal(proposal=a_proposal(patient, steps=[UNEVEN]), by=works_with(patient), at=NOON)

    doses = due_doses(patient, (NOON + DAY).date())

    assert [(one.due_at.hour, one.amount, one.unit) for one in doses] == [(8, 15, "mg"), (20, 45, "mg")]


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ((Decimal(60),), "one_for_each_time"),
        ((Decimal(60), Decimal(0)), "amount_of_nothing"),
        ((Decimal("NaN"), Decimal(15)), "amount_of_nothing"),
        ((Decimal(45), Decimal(16)), "do_not_add_up"),
    ],
)
def test_doses_of_a_day_that_do_not_add_up_are_refused(amounts, code):
    step = StepInput("oral", NOON, None, Decimal(60), "mg/day", (time(8), time(20)), amounts)

    with pytest.raises(InvalidInput) as refusal:
        a_proposal(a_patient(), steps=[step])

    assert [(problem.pointer, problem.code) for problem in refusal.value.problems] == [("/steps/0/amounts", code)]


def test_steps_are_kept_exactly_while_they_are_only_proposed():
    assert steps_from_json(steps_as_json([UNEVEN])) == (UNEVEN,)
