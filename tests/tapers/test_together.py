"""Two people at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from apps.core.errors import DomainError
from apps.tapers.living import hold_plan, step_back
from apps.tapers.models import PlanVersion
from apps.tapers.proposals import sign_proposal
from apps.tapers.releasing import release_step
from apps.wards.models import Job
from tests.factories import NOON
from tests.tapers.plans import MET, course, on_plan, works_with
from tests.tapers.test_living import change, locked
from tests.tapers.test_proposals import a_change

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """How many of them were done; the others were refused by name."""

    def call(one):
        try:
            one()
        except DomainError:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return sum(pool.map(call, calls))


def test_a_step_is_released_by_one_of_two():
    plan = on_plan(is_gated=True)
    step, nurses = locked(plan)[0], [works_with(plan.patient) for _ in range(2)]

    done = at_once(
        *(lambda nurse=nurse: release_step(step=step, by=nurse, at=NOON, checklist=MET) for nurse in nurses)
    )

    assert done == 1
    assert course(plan.patient) == [(0.0, 50), (5.0, 40)]


def test_a_proposal_is_signed_by_one_of_two():
    plan = on_plan()
    proposal, doctors = a_change(plan), [works_with(plan.patient, Job.DOCTOR) for _ in range(2)]

    done = at_once(
        *(lambda one=one: sign_proposal(proposal=proposal, by=one, at=NOON, reason="Ileus.") for one in doctors)
    )

    assert done == 1
    assert PlanVersion.objects.filter(plan=plan).count() == 2


def test_of_eight_who_go_back_a_step_at_once_one_does():
    plan = on_plan(daily_doses=(80, 70, 60, 50), step_days=2)

    assert at_once(*[lambda: change(step_back, plan, seen=1)] * 8) == 1
    assert course(plan.patient) == [(0.0, 60)]


def test_a_hold_and_a_step_back_at_once_are_one_after_the_other():
    plan = on_plan()

    assert at_once(lambda: change(hold_plan, plan, days=3), lambda: change(step_back, plan)) == 2
    assert sorted(plan.versions.values_list("number", flat=True)) == [1, 2, 3]
    assert course(plan.patient)[0] == (0.0, 60)
