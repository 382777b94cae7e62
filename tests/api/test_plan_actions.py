import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.patients.models import Patient
from apps.tapers.models import PlanProposal, PlanVersion, Product, PumpDates, StepRelease, SupplyCount, TaperPlan
from apps.wards.models import Job, Ward
from tests.api.hospital import Caller, Chart, faults, signed_in
from tests.factories import (
    MembershipFactory,
    PatientFactory,
    PlanFactory,
    ProductFactory,
    UserFactory,
    make_version,
)

pytestmark = pytest.mark.django_db
PLAN = "taper-plans"


def now(**shift: float) -> str:
    return (timezone.now() + timedelta(**shift)).isoformat()


def change(**fields: Any) -> dict[str, Any]:
    return {"effective_at": now(), "reason": "A bad night."} | fields


def running(patient: Patient, *, is_gated: bool = False) -> TaperPlan:
    """50 mg a day since two days ago; ten less each week."""
    plan = PlanFactory(
        patient=patient, steps=False, is_gated=is_gated, created_at=timezone.now() - timedelta(days=9)
    )
    version = make_version(plan, starts_at=timezone.now() - timedelta(days=9))
    if is_gated:
        version.steps.filter(number__gte=3).update(is_locked=True)
        version.steps.filter(number=2).update(ends_at=None)
    return plan


def colleague(ward: Ward, job: Job) -> User:
    user = UserFactory()
    MembershipFactory(user=user, ward=ward, job=job)
    return user


def act(caller: Caller, plan: TaperPlan, action: str, body: dict[str, Any]) -> Any:
    return caller.post(f"{PLAN}/{plan.pk}/{action}/", body, If_Match="*")


def newest(response: Any) -> dict[str, Any]:
    assert response.status_code == 201, response.content
    return dict(response.json()["versions"][-1])


@pytest.mark.parametrize(
    ("action", "fields", "doses"),
    [
        ("hold", {"days": 3}, ["60.000", "50.000", "40.000", "30.000", "20.000", "10.000", "0.000"]),
        ("slow", {"days_longer": 2}, ["60.000", "50.000", "40.000", "30.000", "20.000", "10.000", "0.000"]),
        ("reinstate", {}, ["60.000", "50.000", "60.000"]),
    ],
)
def test_each_action_is_a_version_with_its_signature(
    system: Caller, patient: Patient, action: str, fields: dict[str, Any], doses: list[str]
) -> None:
    told = newest(act(system, running(patient), action, change(**fields)))

    assert [step["daily_dose"] for step in told["steps"]] == doses
    assert (told["number"], told["kind"], told["reason"]) == (2, action, "A bad night.")
    assert told["signature"]["overridden"] == []


def test_a_step_back_gives_the_dose_before_and_locks_the_way_down(system: Caller, patient: Patient) -> None:
    told = newest(act(system, running(patient), "step-back", change()))

    steps = [(step["daily_dose"], step["is_locked"]) for step in told["steps"]]
    assert steps[:4] == [("60.000", False), ("50.000", False), ("60.000", False), ("50.000", True)]


def test_an_action_says_which_version_it_has_seen(system: Caller, patient: Patient) -> None:
    plan = running(patient)

    blind = system.post(f"{PLAN}/{plan.pk}/hold/", change(days=2))
    stale = system.post(f"{PLAN}/{plan.pk}/hold/", change(days=2), If_Match='W/"older"')

    assert (blind.status_code, stale.status_code) == (428, 412)
    assert PlanVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "body", "pointer"),
    [
        ("hold", change(days=0), "/days"),
        ("hold", change(days="3"), "/days"),
        ("slow", change(), "/days_longer"),
        ("step-back", change(route="rectal"), "/route"),
        ("reinstate", change(dose="50"), "/dose"),
        ("stop", {"effective_at": "today", "reason": "x"}, "/effective_at"),
        ("transfer", change(), "/steps"),
    ],
)
def test_an_action_that_cannot_be_names_the_field(
    system: Caller, patient: Patient, action: str, body: dict[str, Any], pointer: str
) -> None:
    response = act(system, running(patient), action, body)

    assert response.status_code == 422
    assert pointer in faults(response)


def test_a_stop_is_refused_with_rule_value_limit_and_source(system: Caller, patient: Patient) -> None:
    response = act(system, running(patient), "stop", change())

    assert (response.status_code, response.json()["code"]) == (409, "guard_rail")
    assert faults(response) == {"/steps": "abrupt_stop"}
    [breach] = response.json()["breaches"]
    assert (breach["rule"], breach["value"], breach["tag"]) == (
        "abrupt_stop",
        "from 50 mg/day to nothing",
        "published",
    )
    assert "FDA" in breach["source"]
    assert breach["needs_second_signature"]


def proposal_body(patient: Patient, plan: TaperPlan | None = None, **fields: Any) -> dict[str, Any]:
    body = {"patient": str(patient.pk), "effective_at": now(), "reason": "Ileus.", "steps": []}
    if plan:
        return body | {"plan": str(plan.pk), "kind": "stop"} | fields
    step = {
        "route": "oral",
        "starts_at": now(),
        "daily_dose": "30",
        "unit": "mg/day",
        "times_of_day": ["08:00", "20:00"],
        "amounts": ["10", "20"],
    }
    return body | {"indication": "spasticity", "steps": [step]} | fields


def test_a_stop_is_in_force_once_a_second_clinician_has_signed(ward: Ward, patient: Patient) -> None:
    plan = running(patient)
    nurse, doctor = (signed_in(colleague(ward, job)) for job in (Job.NURSE_IN_CHARGE, Job.DOCTOR))
    proposed = nurse.post("plan-proposals/", proposal_body(patient, plan)).json()
    path = f"plan-proposals/{proposed['id']}/sign/"

    alone = nurse.post(path, {"reason": "I am sure."})
    silent = doctor.post(path, {})
    assert [one["rule"] for one in proposed["breaches"]] == ["abrupt_stop"]
    assert (alone.status_code, alone.json()["code"]) == (409, "second_signature_needed")
    assert silent.status_code == 409
    assert plan.versions.count() == 1

    signed = newest(doctor.post(path, {"reason": "Nothing is absorbed."}))

    assert signed["kind"] == "stop"
    assert signed["signature"]["reason"] == "Nothing is absorbed."
    assert [one["code"] for one in signed["signature"]["overridden"]] == ["abrupt_stop"]
    assert doctor.get(f"plan-proposals/{proposed['id']}/").json()["state"] == "signed"
    assert doctor.post(path, {}).json()["code"] == "proposal_closed"


def test_a_first_plan_is_proposed_and_signed(nurse: User, patient: Patient) -> None:
    caller = signed_in(nurse)
    proposed = caller.post("plan-proposals/", proposal_body(patient))
    assert proposed.status_code == 201, proposed.content
    assert not TaperPlan.objects.exists()

    told = caller.post(f"plan-proposals/{proposed.json()['id']}/sign/", {}).json()

    assert told["is_gated"]
    assert told["versions"][0]["steps"][0]["amounts"] == ["10.000", "20.000"]


def test_a_connected_system_signs_and_releases_nothing(system: Caller, patient: Patient) -> None:
    plan = running(patient, is_gated=True)
    step = plan.versions.get().steps.get(number=3)
    proposed = system.post("plan-proposals/", proposal_body(patient, plan)).json()

    sign = system.post(f"plan-proposals/{proposed['id']}/sign/", {})
    release = system.post(f"{PLAN}/{plan.pk}/steps/{step.pk}/release/", {})

    assert (sign.status_code, release.status_code) == (403, 403)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"indication": ""}, ""), ({"kind": "stop"}, ""), ({"steps": []}, "/steps"), ({"reason": " "}, "/reason")],
)
def test_a_proposal_that_cannot_be_is_refused(
    system: Caller, patient: Patient, fields: dict[str, Any], pointer: str
) -> None:
    response = system.post("plan-proposals/", proposal_body(patient) | fields)

    assert response.status_code == 422
    assert pointer in faults(response)
    assert not PlanProposal.objects.exists()


def test_a_proposal_is_withdrawn_with_a_reason(system: Caller, patient: Patient) -> None:
    proposed = system.post("plan-proposals/", proposal_body(patient)).json()
    path = f"plan-proposals/{proposed['id']}/withdraw/"

    told = system.post(path, {"reason": "Another plan."})

    assert (told.status_code, told.json()["state"]) == (200, "withdrawn")
    assert system.post(path, {"reason": "Again."}).status_code == 409
    assert system.get("plan-proposals/?open=true").json()["results"] == []
    assert len(system.get("plan-proposals/?open=false").json()["results"]) == 1


def test_a_gate_shows_its_checklist_and_is_released_with_a_reason(ward: Ward, patient: Patient) -> None:
    plan = running(patient, is_gated=True)
    doctor = signed_in(colleague(ward, Job.DOCTOR))
    [gate] = doctor.get(f"{PLAN}/{plan.pk}/gates/").json()["gates"]
    path = f"{PLAN}/{plan.pk}/steps/{gate['step']['id']}/release/"

    unmet = doctor.post(path, {})
    released = newest(doctor.post(path, {"override_reason": "Seen and well."}))

    assert [item["code"] for item in gate["checklist"]] == [
        "logs_complete",
        "no_urgent_alert",
        "supply_in_hand",
        "cover_on_duty",
    ]
    assert not gate["is_met"]
    assert (unmet.status_code, unmet.json()["code"]) == (409, "gate_not_met")
    assert (released["kind"], StepRelease.objects.get().override_reason) == ("release", "Seen and well.")


def test_what_was_believed_then_is_told(system: Caller, patient: Patient) -> None:
    plan = running(patient)
    act(system, plan, "reinstate", change(effective_at=now(hours=-4)))
    asked = now(hours=-2).replace("+", "%2B")

    path = f"{PLAN}/{plan.pk}/as-known/?at={asked}"
    then, today = system.get(f"{path}&known_at={asked}").json(), system.get(path).json()

    assert (then["daily_doses"], today["daily_doses"]) == ({"oral": "50.000"}, {"oral": "60.000"})
    assert "arithmetic" in then["notice"]


def preview_body(patient: Patient, **fields: Any) -> dict[str, Any]:
    return {
        "patient": str(patient.pk),
        "route": "oral",
        "method": "linear",
        "start": "60",
        "reduction": "10",
        "starts_on": "2026-11-23",
        "step_days": 7,
        "times_of_day": ["08:00", "20:00"],
    } | fields


def test_a_preview_works_out_steps_totals_and_guard_rails_and_stores_nothing(
    system: Caller, patient: Patient
) -> None:
    product = ProductFactory(name="Ten")
    Product.objects.exclude(pk=product.pk).update(is_active=False)

    response = system.post("plan-preview/", preview_body(patient))

    assert response.status_code == 200, response.content
    told = response.json()
    assert [step["daily_dose"] for step in told["steps"]][:3] == ["60.000", "50.000", "40.000"]
    assert told["steps"][0]["doses"][1]["made_of"] == [
        {"product": str(product.pk), "name": "Ten", "strength": "10", "quantity": "3"}
    ]
    assert told["totals"] == [{"product": str(product.pk), "name": "Ten", "quantity": "147"}]
    assert {one["rule"] for one in told["breaches"]} >= {"step_above_limit", "large_step"}
    assert "advise" in told["notice"]
    assert not TaperPlan.objects.exists()
    assert not PlanProposal.objects.exists()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"reduction": None}, "/reduction"),
        ({"method": "by feel"}, "/method"),
        ({"step_days": 0}, "/step_days"),
        ({"products": [str(uuid.uuid4())]}, "/products/0"),
        ({"start": 60}, "/start"),
        ({"dose": "60"}, "/dose"),
    ],
)
def test_a_preview_that_cannot_be_names_the_field(
    system: Caller, patient: Patient, fields: dict[str, Any], pointer: str
) -> None:
    response = system.post("plan-preview/", preview_body(patient, **fields))

    assert response.status_code == 422
    assert pointer in faults(response)


def test_pump_dates_are_stored_once(system: Caller, patient: Patient) -> None:
    body = {
        "patient": str(patient.pk),
        "client_id": str(uuid.uuid4()),
        "refill_due_on": "2026-12-14",
        "alarm_volume_ml": "4",
    }

    first, again = (system.post("pump-dates/", body) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert system.get(first["Location"]).json()["alarm_volume_ml"] == "4.00"
    assert PumpDates.objects.count() == 1
    too_large = system.post("pump-dates/", body | {"client_id": str(uuid.uuid4()), "alarm_volume_ml": "61"})
    assert faults(too_large) == {"": "reservoir_too_large"}


def test_a_count_of_the_supply_is_stored_once_and_says_when_it_runs_out(ward: Ward, system: Caller) -> None:
    patient = PatientFactory(stay=ward)
    running(patient)
    product = ProductFactory()
    body = {
        "patient": str(patient.pk),
        "client_id": str(uuid.uuid4()),
        "counted_at": now(),
        "counts": [{"product": str(product.pk), "quantity": "10"}],
    }

    first, again = (system.post("supply-counts/", body) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200), first.content
    told = system.get(first["Location"]).json()
    assert told["amount"] == "100.000"
    assert now(days=1) < told["runs_out_at"] < now(days=3)
    assert SupplyCount.objects.count() == 1
    twice = body | {"client_id": str(uuid.uuid4()), "counts": body["counts"] * 2}
    assert system.post("supply-counts/", twice).status_code == 422
    unknown = [{"product": str(uuid.uuid4()), "quantity": "1"}]
    assert faults(system.post("supply-counts/", body | {"counts": unknown})) == {
        "/counts/0/product": "unknown_product"
    }


def test_the_products_of_the_site_are_listed(system: Caller) -> None:
    hidden = ProductFactory(is_active=False)
    shown = ProductFactory()

    names = [one["name"] for one in system.get("products/").json()["results"]]

    assert shown.name in names
    assert hidden.name not in names


def test_what_a_proposed_dose_is_made_of_is_kept_and_has_to_add_up(system: Caller, patient: Patient) -> None:
    product = ProductFactory()
    body = proposal_body(patient)
    step = body["steps"][0]

    def made(*quantities: str) -> dict[str, Any]:
        doses = [[{"product": str(product.pk), "quantity": quantity}] for quantity in quantities]
        return body | {"steps": [step | {"made_of": doses, "asked_dose": "31"}]}

    kept = system.post("plan-proposals/", made("1", "2"))
    wrong = system.post("plan-proposals/", made("1", "1.5"))
    stranger = made("1", "2")
    stranger["steps"][0]["made_of"][0][0]["product"] = str(uuid.uuid4())

    assert kept.status_code == 201, kept.content
    assert PlanProposal.objects.get().steps[0]["made_of"][1][0]["name"] == product.name
    assert faults(wrong) == {"/steps/0/made_of": "do_not_add_up"}
    assert faults(system.post("plan-proposals/", stranger)) == {"/steps/0/made_of/0": "unknown_product"}


def test_a_change_proposed_from_an_older_version_is_refused(system: Caller, patient: Patient) -> None:
    plan = running(patient)
    body = proposal_body(patient) | {"plan": str(plan.pk), "kind": "revise", "seen_version": 1}
    body.pop("indication", None)
    act(system, plan, "hold", change(days=3))

    stale = system.post("plan-proposals/", body)
    fresh = system.post("plan-proposals/", body | {"seen_version": 2})

    assert (stale.status_code, stale.json()["code"]) == (409, "plan_changed")
    assert fresh.status_code == 201, fresh.content


@pytest.mark.parametrize(
    ("product", "quantity", "code"),
    [
        ({"route": "intrathecal", "form": "solution", "strength": 500, "smallest_part": "0.01"}, "0.02", "product_of_other_route"),
        ({"strength": 30, "smallest_part": "0.5"}, "0.333", "no_such_part"),
        ({"form": "capsule", "smallest_part": "1"}, "0.5", "no_such_part"),
        ({}, "0", "no_such_part"),
    ],
)  # fmt: skip
def test_a_dose_is_made_only_of_what_is_given_by_its_route_in_parts_there_are(
    system: Caller, patient: Patient, product: dict[str, Any], quantity: str, code: str
) -> None:
    counted = [{"product": str(ProductFactory(**product).pk), "quantity": quantity}]
    body = proposal_body(patient)
    step = body["steps"][0] | {"made_of": [counted, counted]}

    answer = system.post("plan-proposals/", body | {"steps": [step]})

    assert faults(answer) == {"/steps/0/made_of/0": code}
    assert not PlanProposal.objects.exists()


@pytest.mark.parametrize("kind", ["pump", "supply"])
def test_an_event_is_ended_once_and_not_before_it_began(system: Caller, chart: Chart, kind: str) -> None:
    event = chart.pump_event if kind == "pump" else chart.supply_event
    path = f"{kind}-events/{event.pk}/end/"

    early = system.post(path, {"ended_at": (event.occurred_at - timedelta(hours=1)).isoformat()})
    ended = system.post(path, {"ended_at": now(hours=-1)})

    assert faults(early) == {"/ended_at": "before_it_began"}
    assert ended.status_code == 200
    assert ended.json()["ended_at"] == system.get(f"{kind}-events/{event.pk}/").json()["ended_at"] is not None
