from datetime import timedelta

import pytest

from apps.wards.models import Job
from apps.wards.services import people_on_duty
from tests.factories import NOON, DutyFactory, MembershipFactory, WardFactory, hours

pytestmark = pytest.mark.django_db


def test_on_duty_is_who_has_that_job_there_now_and_can_sign_in():
    ward = WardFactory()
    here = DutyFactory(ward=ward)
    DutyFactory(ward=ward, job=Job.DOCTOR)
    DutyFactory()
    DutyFactory(ward=ward, starts_at=NOON + timedelta(seconds=1))
    DutyFactory(ward=ward, ends_at=NOON)
    DutyFactory(ward=ward, user__is_active=False)
    left = DutyFactory(ward=ward)
    left.user.memberships.update(ended_at=NOON - hours(1))
    MembershipFactory(ward=ward)

    assert people_on_duty(ward=ward, job=Job.NURSE, at=NOON) == [here.user]


def test_a_person_with_two_duties_is_named_once():
    duty = DutyFactory(ends_at=NOON + hours(1))
    DutyFactory(ward=duty.ward, user=duty.user, starts_at=NOON + hours(1))

    assert people_on_duty(ward=duty.ward, job=Job.NURSE, at=NOON) == [duty.user]
    assert people_on_duty(ward=duty.ward, job=Job.NURSE, at=NOON + hours(1)) == [duty.user]
