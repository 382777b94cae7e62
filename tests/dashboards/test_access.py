"""Every address of this door, with real ids, for everybody who has no business there."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from apps.accounts.models import User
from tests.factories import (
    NOON,
    AlertFactory,
    CarerFactory,
    MembershipFactory,
    PatientFactory,
    PlanProposalFactory,
    UserFactory,
    WardFactory,
)

pytestmark = pytest.mark.django_db

ROUTES = {
    "board": ("get", "ward_id"),
    "patient": ("get", "patient_id"),
    "alert": ("get", "alert_id"),
    "alert-state": ("get", "alert_id"),
    "alert-take": ("post", "alert_id"),
    "alert-release": ("post", "alert_id"),
    "alert-note": ("post", "alert_id"),
    "alert-pass-on": ("post", "alert_id"),
    "alert-decline": ("post", "alert_id"),
    "alert-silence": ("post", "alert_id"),
    "alert-unsilence": ("post", "alert_id"),
    "alert-resolve": ("post", "alert_id"),
    "plan": ("get", "patient_id"),
    "plan-edit": ("get", "patient_id"),
    "plan-preview": ("post", "patient_id"),
    "plan-history": ("get", "patient_id"),
    "plan-release": ("post", "patient_id"),
    "plan-change": ("get", "patient_id", "reinstate"),
    "doses": ("get", "patient_id"),
    "people": ("get", "patient_id"),
    "record": ("get", "patient_id"),
    "bedside-log": ("get", "patient_id"),
    "timeline": ("get", "patient_id"),
    "usual": ("get", "patient_id"),
    "admit": ("get", "ward_id"),
    "sound": ("post", "ward_id"),
    "rota": ("get", "ward_id"),
    "figures": ("get", "ward_id"),
    "figure-rows": ("get", "ward_id", "closed"),
    "escalation": ("get", "ward_id"),
    "screens": ("get", "ward_id"),
    "import": ("get", "ward_id"),
    "supply": ("get", "patient_id"),
    "proposal": ("get", "proposal_id"),
    "proposal-sign": ("post", "proposal_id"),
    "proposal-withdraw": ("post", "proposal_id"),
}


@pytest.fixture
def ids(ward):
    patient = PatientFactory(with_account=True, stay=ward)
    return {
        "ward_id": ward.pk,
        "patient_id": patient.pk,
        "alert_id": AlertFactory(patient=patient).pk,
        "proposal_id": PlanProposalFactory(patient=patient, kind="stop").pk,
    }


def ask(user, name, ids):
    method, kind, *more = ROUTES[name]
    browser = Client()
    if user:
        browser.force_login(user)
    return getattr(browser, method)(reverse(f"dashboards:{name}", args=[ids[kind], *more]), {"note": "x"})


def of_another_ward(ids):
    return MembershipFactory().user


def who_left(ids):
    return MembershipFactory(ward_id=ids["ward_id"], ended_at=NOON).user


def the_patient(ids):
    return User.objects.get(patient=ids["patient_id"])


def the_carer(ids):
    return CarerFactory(patient_id=ids["patient_id"]).user


def a_connected_system(ids):
    return MembershipFactory(ward_id=ids["ward_id"], user=UserFactory(role=User.Role.SERVICE)).user


STRANGERS = [of_another_ward, who_left, the_patient, the_carer, a_connected_system]


def test_no_address_is_left_out():
    named = {
        pattern.name
        for door in get_resolver().url_patterns
        for pattern in getattr(door, "url_patterns", ())
        if getattr(door, "app_name", "") == "dashboards"
    }

    of_no_ward = {
        "wards",
        "wall",
        "wall-open",
        "catalogue",
        "rule-book",
        "catalogue-activate",
        "shadow-runs",
        "shadow-run",
    }
    assert named - of_no_ward == set(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_gets_nowhere(ids, name, stranger):
    assert ask(stranger(ids), name, ids).status_code == 404


@pytest.mark.parametrize("name", ROUTES)
def test_nobody_gets_in_without_signing_in(ids, name):
    answer = ask(None, name, ids)

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ROUTES)
def test_somebody_of_the_ward_gets_in(ids, name, nurse):
    assert ask(nurse, name, ids).status_code in {200, 302, 409, 422}


@pytest.mark.parametrize("name", ["patient", "alert", "alert-take"])
def test_a_patient_who_went_home_is_nobody_s_any_more_once_their_alerts_are_closed(ids, name, nurse):
    from apps.alerts.models import Alert
    from apps.patients.models import Stay

    Stay.objects.update(discharged_at=NOON)
    assert ask(nurse, name, ids).status_code in {200, 302}
    Alert.objects.update(status="resolved", resolved_by=nurse, resolved_at=NOON, outcome="reviewed")

    assert ask(nurse, name, ids).status_code == 404


def test_an_alert_goes_with_the_patient_to_the_next_ward(ids, nurse):
    from apps.patients.models import Patient, Stay

    there = MembershipFactory().ward
    Stay.objects.update(discharged_at=NOON)
    Patient.objects.get().stays.create(ward=there, admitted_at=NOON)

    assert ask(there.memberships.get().user, "alert", ids).status_code == 200
    assert ask(nurse, "alert", ids).status_code == 404


@pytest.mark.parametrize("person", [the_patient, the_carer, a_connected_system])
def test_the_list_of_wards_is_for_staff(ids, person):
    browser = Client()
    browser.force_login(person(ids))

    assert browser.get(reverse("dashboards:wards")).status_code == 404


def test_somebody_of_one_ward_goes_straight_to_its_board(desk, ward):
    assert desk.get(reverse("dashboards:wards")).url == reverse("dashboards:board", args=[ward.pk])


def test_somebody_of_two_wards_chooses_and_sees_no_third(desk, nurse, ward):
    other, third = MembershipFactory(user=nurse).ward, WardFactory(name="Not yours")
    MembershipFactory(user=nurse, ward=WardFactory(name="The canary's", is_synthetic=True))

    page = desk.get(reverse("dashboards:wards")).content.decode()

    assert ward.name in page
    assert other.name in page
    assert third.name not in page
    assert "The canary's" not in page


def test_the_list_of_wards_counts_what_nobody_has_taken(desk, nurse, ward, django_assert_num_queries):
    other = MembershipFactory(user=nurse).ward
    patient = PatientFactory(stay=other)
    AlertFactory(patient=patient, pattern="delirium")
    AlertFactory(patient=patient, pattern="autonomic", level=2)
    AlertFactory(patient=patient, pattern="day_score", level=1)
    gone = PatientFactory(stay=other, stay__discharged_at=NOON, stay__bed="9")
    AlertFactory(patient=gone)

    with django_assert_num_queries(6):  # session, person, savepoint, wards, counts, release
        page = desk.get(reverse("dashboards:wards")).content.decode()

    assert page.count("nobody has taken") == 1
    assert "2 alerts nobody has taken" in page


def test_somebody_of_no_ward_is_told_so():
    browser = Client()
    browser.force_login(UserFactory())

    assert "You work on no ward" in browser.get(reverse("dashboards:wards")).content.decode()


def test_a_board_that_is_signed_out_is_refused_and_not_given_the_page_to_sign_in(ids):
    answer = Client().get(reverse("dashboards:board", args=[ids["ward_id"]]), headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "X-Board-At" not in answer
