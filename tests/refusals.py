"""One way of breaking each named constraint: name -> what the database must refuse."""

import uuid
from collections.abc import Callable
from datetime import time
from decimal import Decimal
from typing import Any

from apps.accounts.models import Passkey
from apps.alerts.models import Alert, Delivery, EscalationStep
from apps.api.models import Client
from apps.core.models import Installation
from apps.messaging.models import PushSubscription
from apps.monitoring.models import AssessmentOwed, Trouble
from apps.patients.models import Invitation
from apps.reminders.models import CarerReminders, Reminder
from apps.tapers.models import (
    Dose,
    GuardRailSetting,
    PlanSignature,
    PlanVersion,
    Product,
    Route,
    TaperStep,
    Unit,
)
from apps.wards.models import Job, Shift, WallScreen
from tests.factories import (
    CATALOGUE,
    NOON,
    AlertFactory,
    AssessmentFactory,
    BaselineFactory,
    CarerFactory,
    CatalogueActivationFactory,
    DoseFactory,
    DutyFactory,
    MembershipFactory,
    PatientFactory,
    PlanFactory,
    PlanProposalFactory,
    ProductFactory,
    PumpDatesFactory,
    PumpEventFactory,
    RiskFactorFactory,
    ShadowRunFactory,
    StayFactory,
    SupplyCountFactory,
    SupplyEventFactory,
    SymptomLogFactory,
    UserFactory,
    WardFactory,
    hours,
    make_version,
)

Refusal = Callable[[], object]
REFUSED: dict[str, Refusal] = {}
LATER, EARLIER = NOON + hours(1), NOON - hours(1)


def _passkey(**given: object) -> Passkey:
    fields = {"name": "Phone", "credential_id": b"1", "credential": b"2", "made_at": NOON} | given
    return Passkey.objects.create(user=UserFactory(), **fields)


def refuses(refusal: Refusal) -> Refusal:
    """The function's name is the constraint's."""
    REFUSED[refusal.__name__] = refusal
    return refusal


# core, accounts


@refuses
def there_is_one_installation_row() -> None:
    Installation.objects.create(id=2, is_demo=False, created_at=NOON)


@refuses
def a_demo_account_is_never_a_superuser() -> None:
    UserFactory(is_demo=True, is_superuser=True)


@refuses
def everybody_who_signs_in_has_a_name() -> None:
    UserFactory(display_name="")


# wards


@refuses
def a_person_works_once_on_a_ward() -> None:
    one = MembershipFactory()
    MembershipFactory(ward=one.ward, user=one.user, job=Job.DOCTOR)


@refuses
def a_membership_ends_after_it_starts() -> None:
    MembershipFactory(started_at=NOON, ended_at=EARLIER)


@refuses
def a_duty_ends_after_it_starts() -> None:
    DutyFactory(starts_at=NOON, ends_at=NOON)


@refuses
def a_person_has_one_duty_at_a_time_on_a_ward() -> None:
    one = DutyFactory(starts_at=NOON, ends_at=NOON + hours(8))
    DutyFactory(ward=one.ward, user=one.user, starts_at=NOON + hours(7), ends_at=NOON + hours(15))


@refuses
def a_ward_names_a_shift_once() -> None:
    ward = WardFactory()
    for _twice in range(2):
        Shift.objects.create(ward=ward, label="Early", starts=time(7), ends=time(15))


@refuses
def a_shift_lasts() -> None:
    Shift.objects.create(ward=WardFactory(), label="Early", starts=time(7), ends=time(7))


# patients


@refuses
def a_bed_holds_one_patient() -> None:
    one = StayFactory(bed="4")
    StayFactory(ward=one.ward, bed="4")


@refuses
def a_stay_ends_after_it_starts() -> None:
    StayFactory(admitted_at=NOON, discharged_at=NOON)


@refuses
def stays_of_a_patient_never_overlap() -> None:
    patient = PatientFactory(stay=False)
    StayFactory(patient=patient, admitted_at=NOON, discharged_at=NOON + hours(5))
    StayFactory(patient=patient, admitted_at=NOON + hours(4), discharged_at=NOON + hours(9))


@refuses
def a_risk_factor_is_listed_once() -> None:
    one = RiskFactorFactory()
    RiskFactorFactory(patient=one.patient, code=one.code)


@refuses
def a_risk_factor_ends_after_it_starts() -> None:
    RiskFactorFactory(present_from=NOON, present_until=NOON)


@refuses
def a_carer_is_listed_once() -> None:
    one = CarerFactory()
    CarerFactory(patient=one.patient, user=one.user)


@refuses
def consent_is_withdrawn_after_it_was_given() -> None:
    CarerFactory(consented_at=NOON, withdrawn_at=EARLIER)


# tapers


@refuses
def resent_pump_dates_are_the_same() -> None:
    one = PumpDatesFactory()
    PumpDatesFactory(patient=one.patient, client_id=one.client_id)


@refuses
def an_alarm_volume_fits_a_reservoir() -> None:
    PumpDatesFactory(alarm_volume_ml=Decimal(61))


@refuses
def each_time_of_day_has_its_amount() -> None:
    step = TaperStep.objects.filter(version__plan=PlanFactory(), number=1)
    step.update(amounts=[Decimal(30), Decimal(30)])


@refuses
def every_proposal_has_a_reason() -> None:
    PlanProposalFactory(reason="")


@refuses
def a_signed_proposal_is_not_withdrawn() -> None:
    PlanProposalFactory(version=make_version(PlanFactory(steps=False)), withdrawn_at=NOON)


@refuses
def a_guard_rail_is_overridden_with_a_reason() -> None:
    version = make_version(PlanFactory(steps=False))
    PlanSignature.objects.create(version=version, at=NOON, overridden=[{"code": "abrupt_stop"}])


@refuses
def a_guard_rail_has_a_limit() -> None:
    GuardRailSetting.objects.create(code=GuardRailSetting.Code.STEP, limit=Decimal(0), source="Our pharmacy.")


@refuses
def no_more_than_the_whole_dose_is_taken_away() -> None:
    GuardRailSetting.objects.create(code=GuardRailSetting.Code.STEP, limit=Decimal(33), source="Our pharmacy.")


@refuses
def a_guard_rail_names_its_source() -> None:
    GuardRailSetting.objects.create(code=GuardRailSetting.Code.STEP, limit=Decimal("0.2"), source="")


@refuses
def a_product_has_a_name_of_its_own() -> None:
    ProductFactory(name=ProductFactory().name)


@refuses
def a_product_has_a_strength() -> None:
    ProductFactory(strength=Decimal(0))


@refuses
def a_tablet_is_whole_half_or_quarter() -> None:
    ProductFactory(smallest_part=Decimal("0.3"))


@refuses
def a_capsule_is_not_divided() -> None:
    ProductFactory(form=Product.Form.CAPSULE)


@refuses
def a_pump_is_filled_with_solution() -> None:
    ProductFactory(route=Route.INTRATHECAL)


@refuses
def a_resent_supply_count_is_the_same_count() -> None:
    one = SupplyCountFactory()
    SupplyCountFactory(patient=one.patient, client_id=one.client_id)


@refuses
def what_is_in_hand_is_never_negative() -> None:
    SupplyCountFactory(amount=Decimal(-1))


@refuses
def a_patient_has_one_open_plan() -> None:
    PlanFactory(patient=PlanFactory().patient)


@refuses
def plan_versions_are_counted_once() -> None:
    make_version(PlanFactory(), number=1)


@refuses
def every_plan_version_has_a_reason() -> None:
    PlanVersion.objects.filter(plan=PlanFactory()).update(reason="")


def _step(**given: object) -> TaperStep:
    version = make_version(PlanFactory(steps=False), daily_doses=())
    return TaperStep.objects.create(
        **{
            "version": version,
            "number": 1,
            "route": Route.ORAL,
            "starts_at": NOON,
            "daily_dose": Decimal(30),
            "unit": Unit.MG_PER_DAY,
            "times_of_day": ["08:00"],
        }
        | given
    )


@refuses
def steps_of_a_route_are_counted_once() -> None:
    one = _step(ends_at=LATER)
    _step(version=one.version, starts_at=LATER)


@refuses
def a_dose_is_never_negative() -> None:
    _step(daily_dose=Decimal("-0.001"))


@refuses
def a_step_ends_after_it_starts() -> None:
    _step(ends_at=NOON)


@refuses
def oral_is_in_mg_and_intrathecal_in_microgram() -> None:
    _step(unit=Unit.MICROGRAM_PER_DAY)


@refuses
def an_oral_dose_has_its_times() -> None:
    _step(times_of_day=[])


@refuses
def steps_of_a_route_never_overlap() -> None:
    one = _step()
    _step(version=one.version, number=2, starts_at=LATER)


@refuses
def a_ward_says_a_thing_once() -> None:
    ward = WardFactory()
    for text in ("Call us.", "Ring us."):
        ward.texts.create(kind="missed_dose", language="en", text=text)


@refuses
def a_ward_text_says_something() -> None:
    WardFactory().texts.create(kind="missed_dose", language="en", text="")


@refuses
def a_patient_has_one_calendar_link() -> None:
    patient = PatientFactory()
    for token in ("a", "b"):
        patient.calendar_links.create(token_sha256=token * 64, created_at=NOON)


@refuses
def one_clock_counts_at_a_time() -> None:
    patient = PatientFactory()
    for zone in ("Asia/Kathmandu", "America/New_York"):
        patient.zone_changes.create(from_at=NOON, zone_before="Europe/London", zone=zone, recorded_at=NOON)


@refuses
def a_zone_change_changes_the_zone() -> None:
    PatientFactory().zone_changes.create(
        from_at=NOON, zone_before="Europe/London", zone="Europe/London", recorded_at=NOON
    )


@refuses
def a_resent_dose_is_the_same_dose() -> None:
    one = DoseFactory()
    DoseFactory(patient=one.patient, client_id=one.client_id, due_at=None, taken_at=NOON)


@refuses
def a_due_dose_is_first_reported_once() -> None:
    one = DoseFactory()
    DoseFactory(patient=one.patient, due_at=one.due_at)


@refuses
def a_taken_dose_has_its_time_and_no_other_does() -> None:
    Dose.objects.filter(pk=DoseFactory().pk).update(taken_at=None)


@refuses
def only_a_due_dose_can_be_missed() -> None:
    DoseFactory(due_at=None, status=Dose.Status.MISSED, taken_at=None, recorded_at=NOON)


@refuses
def a_dose_taken_is_more_than_nothing() -> None:
    DoseFactory(amount=Decimal(0))


@refuses
def a_resent_pump_event_is_the_same_event() -> None:
    one = PumpEventFactory()
    PumpEventFactory(patient=one.patient, client_id=one.client_id)


@refuses
def a_reservoir_holds_0_to_60_ml() -> None:
    PumpEventFactory(reservoir_ml=Decimal("60.01"))


@refuses
def only_an_alarm_has_a_tone() -> None:
    PumpEventFactory(kind="refill_done", tone="two_tone")


@refuses
def a_pump_event_is_mended_after_it_began() -> None:
    PumpEventFactory(occurred_at=NOON, ended_at=EARLIER)


@refuses
def a_resent_supply_event_is_the_same_event() -> None:
    one = SupplyEventFactory()
    SupplyEventFactory(patient=one.patient, client_id=one.client_id)


@refuses
def a_cut_is_a_part_of_the_dose() -> None:
    SupplyEventFactory(fraction=Decimal("1.001"))


@refuses
def a_supply_event_happened_at_least_once() -> None:
    SupplyEventFactory(count=0)


def _screen(**given: Any) -> None:
    plain = {"ward": WardFactory(), "label": "Desk", "made_by": UserFactory(), "made_at": NOON}
    WallScreen.objects.create(**plain | {"link_sha256": "0" * 64, "link_expires_at": LATER} | given)


@refuses
def an_opened_screen_holds_a_key() -> None:
    _screen(opened_at=NOON)


@refuses
def a_screen_says_where_it_hangs() -> None:
    _screen(label="")


def _invitation(**given: Any) -> None:
    plain = {
        "patient": PatientFactory(),
        "invites": "patient",
        "token_sha256": "0" * 64,
        "made_by": UserFactory(),
        "made_at": NOON,
        "expires_at": LATER,
    }
    Invitation.objects.create(**plain | given)


@refuses
def an_invitation_ends_after_it_was_made() -> None:
    _invitation(expires_at=NOON)


@refuses
def who_accepted_an_invitation_is_known() -> None:
    _invitation(accepted_at=NOON)


@refuses
def an_invited_carer_is_somebody_to_the_patient() -> None:
    _invitation(invites="carer")


# symptoms, assessments


@refuses
def a_resent_log_is_the_same_log() -> None:
    one = SymptomLogFactory()
    SymptomLogFactory(patient=one.patient, client_id=one.client_id)


@refuses
def one_baseline_at_a_time() -> None:
    first = BaselineFactory(recorded_at=NOON)
    BaselineFactory(patient=first.patient, recorded_at=NOON)


@refuses
def a_log_says_something() -> None:
    SymptomLogFactory(answers={})


@refuses
def a_log_does_not_correct_itself() -> None:
    own_id = uuid.uuid4()
    SymptomLogFactory(id=own_id, supersedes_id=own_id)


@refuses
def what_is_carried_comes_from_a_log() -> None:
    SymptomLogFactory(carried=["tremor"])


@refuses
def the_same_log_and_facts_are_assessed_once() -> None:
    one = AssessmentFactory()
    AssessmentFactory(log=one.log, facts_sha256=one.facts_sha256)


@refuses
def the_same_moment_is_assessed_once() -> None:
    patient = PatientFactory()
    for _once in range(2):
        AssessmentFactory(log=None, patient=patient, facts_sha256="0" * 64, assessed_at=NOON)


@refuses
def an_assessment_has_a_known_level() -> None:
    AssessmentFactory(level=4)


@refuses
def activations_are_counted_once() -> None:
    CatalogueActivationFactory(number=CatalogueActivationFactory().number)


@refuses
def a_catalogue_is_activated_for_a_reason() -> None:
    CatalogueActivationFactory(reason="")


@refuses
def a_shadow_run_looks_at_some_time() -> None:
    ShadowRunFactory(since=NOON, until=NOON)


# alerts


@refuses
def one_open_alert_per_patient_and_pattern() -> None:
    AlertFactory(patient=AlertFactory().patient)


@refuses
def an_alert_has_a_known_level() -> None:
    AlertFactory(level=0)


@refuses
def whoever_takes_an_alert_is_named_with_the_time() -> None:
    AlertFactory(acknowledged_by=UserFactory())


@refuses
def a_taken_alert_has_somebody_who_took_it() -> None:
    AlertFactory(status=Alert.Status.ACKNOWLEDGED)


@refuses
def only_a_named_person_with_an_outcome_closes_an_alert() -> None:
    AlertFactory(status=Alert.Status.RESOLVED, resolved_by=UserFactory(), resolved_at=NOON, outcome="")


@refuses
def an_alert_rises_after_it_opens() -> None:
    AlertFactory(opened_at=NOON, raised_at=EARLIER)


@refuses
def a_silence_has_an_end_a_name_and_a_reason() -> None:
    AlertFactory(level=2, silenced_until=NOON, silenced_by=UserFactory(), silence_reason="")


@refuses
def only_an_open_alert_below_emergency_is_silent() -> None:
    AlertFactory(level=3, silenced_until=NOON, silenced_by=UserFactory(), silence_reason="Asleep.")


def _escalation_step(**given: object) -> EscalationStep:
    return EscalationStep.objects.create(
        **{"alert": None, "number": 1, "job": Job.NURSE, "due_at": NOON}
        | given
        | {"alert": given.get("alert") or AlertFactory()}
    )


@refuses
def an_escalation_step_is_listed_once() -> None:
    _escalation_step(alert=_escalation_step().alert)


@refuses
def an_escalation_step_is_done_or_cancelled_not_both() -> None:
    _escalation_step(done_at=NOON, cancelled_at=NOON)


@refuses
def an_escalation_step_is_for_a_job_or_a_person() -> None:
    _escalation_step(person=UserFactory())


@refuses
def a_reminder_is_for_a_person() -> None:
    _escalation_step(purpose=EscalationStep.Purpose.REMIND)


@refuses
def a_step_tells_a_person_once_by_a_channel() -> None:
    step, person = _escalation_step(), UserFactory()
    for _ in range(2):
        Delivery.objects.create(alert=step.alert, recipient=person, channel="email", step=step, due_at=NOON)


# monitoring


def _owed(**given: object) -> AssessmentOwed:
    return AssessmentOwed.objects.create(
        **{
            "log": given.pop("log", None) or SymptomLogFactory(),
            "catalogue_version": CATALOGUE,
            "owed_since": NOON,
            "due_at": NOON,
        }
        | given
    )


@refuses
def one_open_trouble_of_a_kind() -> None:
    for _again in range(2):
        Trouble.objects.create(kind=Trouble.Kind.WATCH, began_at=NOON, last_seen_at=NOON)


@refuses
def a_trouble_ends_after_it_began() -> None:
    Trouble.objects.create(kind=Trouble.Kind.WATCH, began_at=NOON, last_seen_at=NOON, ended_at=EARLIER)


@refuses
def an_assessment_is_owed_once() -> None:
    _owed(log=_owed().log)


@refuses
def no_more_is_answered_than_was_asked() -> None:
    _owed(asked=1, answered=2)


# api


def _client(**given: object) -> Client:
    return Client.objects.create(
        **{
            "name": "Hospital records",
            "user": UserFactory(role="service"),
            "client_type": Client.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Client.GRANT_CLIENT_CREDENTIALS,
        }
        | given
    )


@refuses
def a_client_signs_in_with_its_own_credentials() -> None:
    _client(authorization_grant_type=Client.GRANT_PASSWORD)


@refuses
def a_client_secret_is_kept_hashed() -> None:
    _client(hash_client_secret=False)


# messaging, reminders


@refuses
def a_push_subscription_is_gone_for_a_reason() -> None:
    PushSubscription.objects.create(user=UserFactory(), endpoint="x", created_at=NOON, gone_at=NOON)


@refuses
def reminders_of_a_carer_stop_after_they_began() -> None:
    CarerReminders.objects.create(carer=CarerFactory(), agreed_at=NOON, stopped_at=EARLIER)


def _reminder(**given: object) -> Reminder:
    return Reminder.objects.create(
        **{
            "kind": Reminder.Kind.ASKED,
            "heard_at": EARLIER,
            "every_hours": 24,
            "due_at": NOON,
            "expires_at": LATER,
            "created_at": NOON,
        }
        | given
        | {
            "patient": given.get("patient") or PatientFactory(),
            "recipient": given.get("recipient") or UserFactory(role="patient"),
        }
    )


@refuses
def a_reminder_is_owed_once() -> None:
    first = _reminder()
    _reminder(patient=first.patient, recipient=first.recipient)


@refuses
def a_reminder_that_is_done_has_an_outcome() -> None:
    _reminder(done_at=NOON)


@refuses
def a_reminder_knows_which_silence_it_is_about() -> None:
    _reminder(heard_at=None)


@refuses
def only_a_carer_is_reminded_as_a_carer() -> None:
    _reminder(carer=CarerFactory())


@refuses
def a_passkey_has_a_name() -> None:
    _passkey(name="")


@refuses
def a_passkey_is_made_before_use() -> None:
    _passkey(used_at=EARLIER)


@refuses
def a_passkey_ends_after_it_was_made() -> None:
    _passkey(ended_at=EARLIER)
