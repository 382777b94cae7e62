"""The rota's page: the week, where nobody is, and each change of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.wards.models import Duty, Job, Membership
from tests.dashboards.test_bedside import text_of
from tests.factories import NOON, AlertFactory, DutyFactory, MembershipFactory, PatientFactory, UserFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def charge(nurse, ward):
    Membership.objects.filter(user=nurse).update(job=Job.NURSE_IN_CHARGE)
    Duty.objects.all().update(starts_at=NOON - hours(4), ends_at=NOON + hours(4))
    return nurse


@pytest.fixture
def other(ward):
    return MembershipFactory(ward=ward, user=UserFactory(display_name="Ben Okafor")).user


def url(ward, **query):
    return reverse("dashboards:rota", args=[ward.pk]) + "".join(
        f"?{name}={value}" for name, value in query.items()
    )


def test_the_week_says_who_is_there_and_where_nobody_is(desk, charge, ward):
    text = text_of(desk.get(url(ward)))

    assert "Who is on duty, 16 Nov to 22 Nov 2026" in text
    assert "08:00–16:00 Amina Yusuf now" in text
    assert "Now: no doctor from Fri 20 Nov, 12:00" in text
    assert "no nurse from Fri 20 Nov, 16:00" in text


def test_i_am_on_duty_until_then(desk, charge, ward):
    Duty.objects.all().delete()

    answer = desk.post(url(ward), {"do": "until", "job": "doctor", "until": "2026-11-20T20:00"}, follow=True)

    duty = Duty.objects.get()
    assert (duty.user, duty.job, duty.starts_at, duty.ends_at) == (charge, "doctor", NOON, NOON + hours(8))
    assert "You are on duty now." in text_of(answer)


def test_somebody_is_put_on_by_shift_or_by_times(desk, charge, ward, other):
    desk.post(url(ward), {"do": "put", "user": other.pk, "job": "nurse", "day": "2026-11-21", "shift": "Night"})
    desk.post(
        url(ward),
        {"do": "put", "user": other.pk, "job": "nurse", "day": "2026-11-23", "starts": "09:30", "ends": "12:00"},
    )

    found = Duty.objects.filter(user=other).order_by("starts_at").values_list("starts_at", "ends_at")
    local = [tuple(f"{timezone.localtime(one):%d %H:%M}" for one in pair) for pair in found]
    assert [pair[0][:2] for pair in local] == ["21", "23"]
    assert [end - start for start, end in found] == [hours(8), hours(2.5)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"do": "put", "job": "nurse", "day": "2026-11-21", "shift": "Night"}, "Who"),
        ({"do": "put", "user": "me", "job": "nurse", "day": "2026-11-21"}, "Choose a shift, or write from when"),
        ({"do": "put", "user": "me", "job": "nurse", "day": "tomorrow", "shift": "Night"}, "Day"),
        ({"do": "put", "user": "me", "job": "cook", "day": "2026-11-21", "shift": "Night"}, "As"),
        ({"do": "put", "user": "me", "job": "nurse", "day": "2026-11-20", "starts": "11:00", "ends": "18:00"},
         "is on duty at that time already"),
        ({"do": "until", "job": "nurse", "until": "2026-11-19T20:00"}, "A duty ends after it starts"),
        ({"do": "swap"}, "This duty"),
    ],
)  # fmt: skip
def test_a_fault_is_named(desk, charge, ward, given, words):
    given = {name: str(charge.pk) if value == "me" else value for name, value in given.items()}

    answer = desk.post(url(ward), given)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert Duty.objects.count() == 1


def test_whoever_leaves_with_an_alert_in_hand_is_named(desk, charge, ward, other):
    duty = DutyFactory(ward=ward, user=other, starts_at=NOON - hours(1), ends_at=NOON + hours(7))
    alert = AlertFactory(patient=PatientFactory(stay=ward))
    alert.status, alert.acknowledged_by, alert.acknowledged_at, alert.acknowledged_level = (
        "acknowledged", other, NOON, alert.level,
    )  # fmt: skip
    alert.save()

    answer = desk.post(url(ward), {"do": "take_off", "duty": duty.pk}, follow=True)

    assert "Ben Okafor still has 1 alert: have it passed on." in text_of(answer)
    duty.refresh_from_db()
    assert (duty.cancelled_at, duty.cancelled_by) == (NOON, charge)


def test_taken_over_and_swapped_and_copied(desk, charge, ward, other):
    duty = DutyFactory(ward=ward, user=other, starts_at=NOON + hours(5), ends_at=NOON + hours(9))
    desk.post(url(ward), {"do": "take_over", "duty": duty.pk})
    later = DutyFactory(ward=ward, user=other, starts_at=NOON + hours(20), ends_at=NOON + hours(24))
    mine = Duty.objects.standing().get(user=charge, starts_at=NOON + hours(5))
    swapped = desk.post(url(ward), {"do": "swap", "one": mine.pk, "other": later.pk}, follow=True)
    copied = desk.post(url(ward), {"do": "copy"}, follow=True)

    assert "Swapped." in text_of(swapped)
    assert Duty.objects.standing().get(starts_at=NOON + hours(20)).user == charge
    assert "3 duties copied to the next week." in text_of(copied)


def test_a_nurse_changes_only_their_own(desk, nurse, ward, other):
    duty = DutyFactory(ward=ward, user=other, starts_at=NOON + hours(5), ends_at=NOON + hours(9))

    refused = desk.post(url(ward), {"do": "take_off", "duty": duty.pk})
    page = text_of(desk.get(url(ward)))

    assert "Only the nurse in charge or a doctor changes other people's duties." in text_of(refused)
    assert Duty.objects.standing().filter(pk=duty.pk).exists()
    assert "Copy this week" not in page
    assert desk.post(url(ward), {"do": "copy"}).status_code == 422


@pytest.mark.parametrize("week", ["nonsense", "9999-12-31", "0001-01-01", "", "2026-11-31"])
def test_a_week_that_is_none_is_this_week(desk, charge, ward, week):
    assert "16 Nov to 22 Nov 2026" in text_of(desk.get(url(ward, week=week)))


@pytest.mark.parametrize("given", [{"do": "burn"}, {"do": "take_off", "duty": "x"}, {"do": "take_over"}])
def test_what_is_not_offered_is_not_there(desk, charge, ward, given):
    assert desk.post(url(ward), given).status_code == 404


def test_a_duty_of_another_ward_is_not_touched(desk, charge, ward):
    elsewhere = DutyFactory(starts_at=NOON + timedelta(hours=1))

    assert desk.post(url(ward), {"do": "take_off", "duty": elsewhere.pk}).status_code == 404


def test_the_board_says_which_job_nobody_has(desk, charge, ward):
    board = text_of(desk.get(reverse("dashboards:board", args=[ward.pk])))

    assert "nobody as doctor, nurse in charge" in board
