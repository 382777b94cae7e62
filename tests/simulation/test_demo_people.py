"""The people of the demo, made once for all tests here: what whoever tries it finds."""

import time
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.test import TestCase, override_settings
from django.utils import timezone

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.monitoring.intake import submit_symptom_log
from apps.monitoring.models import AssessmentOwed
from apps.patients.models import Patient
from apps.rules.catalogue import load
from apps.simulation.demo import SignIn, make_demo
from apps.simulation.stories import STORIES, cases
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Product, PumpDates, SupplyCount, TaperStep
from apps.wards.models import Duty, Ward
from tests.factories import CATALOGUE


@override_settings(DEMO_MODE=True)
class TestTheDemo(TestCase):
    at: datetime
    sign_ins: Iterable[SignIn]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.at, began = timezone.now(), time.monotonic()
        with override_settings(DEMO_MODE=True):
            cls.sign_ins = make_demo(cls.at, load(CATALOGUE))
        print(f"\ndemo people made in {time.monotonic() - began:.1f} s")

    def test_there_are_three_wards_of_ten_with_staff_on_duty_now_and_for_weeks(self) -> None:
        assert {ward.stays.current().count() for ward in Ward.objects.all()} == {10}
        assert Ward.objects.count() == 3
        for ahead in (0, 1, 7, 14):
            assert Duty.objects.current(self.at + timedelta(days=ahead)).count() == 12
        assert {one.username for one in self.sign_ins} >= {"patient", "carer", "nurse", "doctor", "charge"}

    def test_every_log_is_assessed_and_every_alert_has_the_assessment_that_raised_it(self) -> None:
        assert SymptomLog.objects.count() > 1_000
        assert not SymptomLog.objects.filter(assessments=None).exists()
        assert not AssessmentOwed.objects.exists()
        for alert in Alert.objects.select_related("assessment"):
            rules = {hit["rule_id"] for hit in alert.assessment.result["hits"]}
            assert rules & {hit["rule_id"] for hit in alert.hits}, alert

    def test_the_pages_of_plans_pumps_and_supply_have_something_to_show(self) -> None:
        with_pump = Patient.objects.filter(has_pump=True, user=None)
        assert with_pump.exists()
        assert {one.pk for one in with_pump} == set(PumpDates.objects.values_list("patient", flat=True))
        waiting = TaperStep.objects.filter(
            is_locked=True, version__plan__closed_at=None, version__plan__is_gated=True
        )
        assert waiting.count() == 2
        assert all(step.made_of for step in waiting)
        assert SupplyCount.objects.get().patient == waiting[0].version.plan.patient
        assert {"tablet", "liquid", "solution"} <= set(Product.objects.values_list("form", flat=True))

    def test_past_alerts_were_answered_by_people_after_they_came_up(self) -> None:
        closed = Alert.objects.filter(status=Alert.Status.RESOLVED)

        assert {alert.level for alert in closed} == {1, 2, 3}
        assert all(alert.opened_at < alert.resolved_at <= self.at for alert in closed)

    def test_some_of_what_is_urgent_has_been_taken_and_shows_who_has_it(self) -> None:
        taken = Alert.objects.filter(status=Alert.Status.ACKNOWLEDGED)

        assert {alert.acknowledged_by.username for alert in taken} == {"nurse", "doctor"}
        assert {alert.level for alert in taken} == {2}

    def test_every_story_is_on_the_board_with_the_age_that_its_case_tells(self) -> None:
        for story in STORIES:
            patient = Patient.objects.get(family_name=story.family_name)
            told = cases()[story.case_id]["context"]["age_years"]
            assert patient.alerts.open().filter(level__gte=2).exists(), story.case_id
            # The newborn's course ends on day 11; it was seven days old when it began to fit.
            assert patient.age_years(self.at.date()) == pytest.approx(told, abs=0.02), story.case_id
            assert patient.stays.get().admitted_at.date() >= patient.birth_date

    def test_patients_at_home_may_live_by_another_clock(self) -> None:
        zones = set(Patient.objects.values_list("time_zone", flat=True))

        assert len(zones) == 3
        assert not Patient.objects.exclude(time_zone="Europe/London").exclude(stays__ward__code="home").exists()

    def test_a_fever_with_stiff_muscles_of_the_demo_patient_is_an_emergency(self) -> None:
        person = User.objects.get(username="patient")

        taken = submit_symptom_log(
            patient=person.patient,
            by=person,
            reporter="patient",
            at=self.at,
            client_id=uuid.uuid4(),
            observed_at=self.at,
            answers={"severe_rigidity": 3},
            vital_signs={"temperature_c": {"value": 39.2, "unit": "degC", "site": "mouth"}},
        )

        assert [(alert.pattern, alert.level) for alert in taken.alerts] == [("hyperthermia", 3)]

    def test_the_demo_is_made_once(self) -> None:
        people = set(Patient.objects.values_list("id", flat=True))

        assert make_demo(timezone.now(), load(CATALOGUE)) == self.sign_ins
        assert set(Patient.objects.values_list("id", flat=True)) == people

    def test_demo_people_sign_in_in_demo_mode_and_nowhere_else(self) -> None:
        for one in self.sign_ins:
            door = {"login": one.username, "password": one.password}
            assert self.client.post("/accounts/login/", door).status_code == 302, one.username
            assert "_auth_user_id" in self.client.session
            self.client.logout()

        with override_settings(DEMO_MODE=False):
            for one in self.sign_ins:
                self.client.post("/accounts/login/", {"login": one.username, "password": one.password})
                assert "_auth_user_id" not in self.client.session, one.username

    def test_a_session_of_the_demo_ends_with_demo_mode(self) -> None:
        nurse = User.objects.get(username="nurse")
        self.client.force_login(nurse, backend="apps.config.sign_in.PeopleBackend")
        inside = self.client.get("/ward/").status_code

        with override_settings(DEMO_MODE=False):
            outside = self.client.get("/ward/")

        assert inside != outside.status_code
        assert outside.status_code in {302, 403, 404, 503}

    def test_no_demo_account_may_look_after_the_installation(self) -> None:
        assert not User.objects.filter(is_demo=True, is_superuser=True).exists()
        assert not User.objects.filter(is_demo=True, is_staff=True).exists()
        assert not User.objects.filter(is_demo=False).exists()
