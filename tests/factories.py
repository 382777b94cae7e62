"""The dull rows of a test. A test states only what matters to it; the rest is here.

The clock of the tests stands at NOON unless a test says otherwise."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.accounts.models import User
from apps.alerts.models import Alert, Level
from apps.assessments.models import Assessment, CatalogueActivation, ShadowRun
from apps.patients.models import Carer, Patient, RiskFactor, Stay
from apps.rules.catalogue import load
from apps.symptoms.models import Baseline, Reporter, SymptomLog
from apps.tapers.models import (
    Dose,
    PlanProposal,
    PlanVersion,
    Product,
    PumpDates,
    PumpEvent,
    Route,
    SupplyCount,
    SupplyEvent,
    TaperPlan,
    TaperStep,
    Unit,
)
from apps.wards.models import Duty, Job, Membership, Ward

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CATALOGUE = "baclofen-withdrawal-2026.2"
PASSWORD = "a long word that only tests know"


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


class UserFactory(DjangoModelFactory[User]):
    """Ward staff, unless told otherwise; signs in with PASSWORD."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    display_name = factory.Sequence(lambda n: f"Robin Example{n}")
    role = User.Role.STAFF
    password = factory.django.Password(PASSWORD)


class WardFactory(DjangoModelFactory[Ward]):
    class Meta:
        model = Ward

    code = factory.Sequence(lambda n: f"ward-{n}")
    name = factory.Sequence(lambda n: f"Ward {n}")
    phone = "+44 20 7946 0000"
    time_zone = "Europe/London"


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    ward = factory.SubFactory(WardFactory)
    user = factory.SubFactory(UserFactory)
    job = Job.NURSE
    started_at = NOON - timedelta(days=365)


class DutyFactory(DjangoModelFactory[Duty]):
    """On duty from a week before to a week after NOON, and a member of the ward."""

    class Meta:
        model = Duty
        skip_postgeneration_save = True

    ward = factory.SubFactory(WardFactory)
    user = factory.SubFactory(UserFactory)
    job = Job.NURSE
    starts_at = NOON - timedelta(days=7)
    ends_at = NOON + timedelta(days=7)

    @factory.post_generation
    def membership(duty: Duty, create: bool, given: Any, **extra: Any) -> None:  # noqa: N805
        if create and given is not False:
            Membership.objects.get_or_create(
                ward=duty.ward,
                user=duty.user,
                ended_at=None,
                defaults={"job": duty.job, "started_at": NOON - timedelta(days=365)},
            )


class PatientFactory(DjangoModelFactory[Patient]):
    """In a bed of a ward. `stay=ward` says which, `stay__bed=…` where; `stay=False` leaves them without one."""

    class Meta:
        model = Patient
        skip_postgeneration_save = True

    class Params:
        with_account = factory.Trait(
            user=factory.SubFactory(
                UserFactory,
                role=User.Role.PATIENT,
                display_name=factory.LazyAttribute(
                    lambda user: f"{user.factory_parent.given_name} {user.factory_parent.family_name}"
                ),
            )
        )

    record_number = factory.Sequence(lambda n: f"R{n:06}")
    given_name = "Ada"
    family_name = factory.Sequence(lambda n: f"Muster{n}")
    birth_date = date(1970, 6, 1)
    time_zone = "Europe/London"
    registered_at = NOON - timedelta(days=60)

    @factory.post_generation
    def stay(patient: Patient, create: bool, given: Any, **extra: Any) -> None:  # noqa: N805
        if create and given is not False:
            StayFactory(patient=patient, **({"ward": given} if given else {}), **extra)


class StayFactory(DjangoModelFactory[Stay]):
    class Meta:
        model = Stay

    patient = factory.SubFactory(PatientFactory, stay=False)
    ward = factory.SubFactory(WardFactory)
    bed = factory.Sequence(lambda n: f"{n}")
    admitted_at = NOON - timedelta(days=60)


class RiskFactorFactory(DjangoModelFactory[RiskFactor]):
    class Meta:
        model = RiskFactor

    patient = factory.SubFactory(PatientFactory)
    code = RiskFactor.Code.EPILEPSY
    present_from = NOON - timedelta(days=365)


class CarerFactory(DjangoModelFactory[Carer]):
    class Meta:
        model = Carer

    patient = factory.SubFactory(PatientFactory)
    user = factory.SubFactory(UserFactory, role=User.Role.CARER)
    relationship = "sister"
    consented_at = NOON - timedelta(days=30)


class PlanFactory(DjangoModelFactory[TaperPlan]):
    """60 mg a day by mouth in three doses; ten less each week from two days before NOON.

    `daily_doses` (mg) and `step_days` shape it; `steps=False` leaves the plan without a version."""

    class Meta:
        model = TaperPlan
        skip_postgeneration_save = True

    patient = factory.SubFactory(PatientFactory)
    indication = "Spasticity"
    use_started_on = date(2020, 1, 1)
    created_at = NOON - timedelta(days=9)

    @factory.post_generation
    def steps(plan: TaperPlan, create: bool, given: Any, **extra: Any) -> None:  # noqa: N805
        if create and given is not False:
            make_version(plan, **extra)


def make_version(
    plan: TaperPlan,
    *,
    number: int = 1,
    daily_doses: tuple[int | str, ...] = (60, 50, 40, 30, 20, 10, 0),
    starts_at: datetime = NOON - timedelta(days=9),
    step_days: int = 7,
    kind: str = PlanVersion.Kind.START,
    recorded_at: datetime | None = None,
    times_of_day: tuple[time, ...] = (time(8), time(14), time(20)),
    route: str = Route.ORAL,
) -> PlanVersion:
    """A version whose steps follow each other, the last without an end."""
    version = PlanVersion.objects.create(
        plan=plan,
        number=number,
        kind=kind,
        reason="Agreed with the patient.",
        effective_at=starts_at,
        recorded_at=recorded_at or starts_at,
    )
    unit = Unit.MG_PER_DAY if route == Route.ORAL else Unit.MICROGRAM_PER_DAY
    for index, dose in enumerate(daily_doses):
        begins = starts_at + timedelta(days=step_days * index)
        last = index == len(daily_doses) - 1
        TaperStep.objects.create(
            version=version,
            number=index + 1,
            route=route,
            starts_at=begins,
            ends_at=None if last else begins + timedelta(days=step_days),
            daily_dose=Decimal(dose),
            unit=unit,
            times_of_day=list(times_of_day) if route == Route.ORAL and Decimal(dose) else [],
        )
    return version


class DoseFactory(DjangoModelFactory[Dose]):
    """20 mg taken four hours before NOON as planned."""

    class Meta:
        model = Dose

    patient = factory.SubFactory(PatientFactory)
    route = Route.ORAL
    due_at = NOON - hours(4)
    status = Dose.Status.TAKEN
    taken_at = factory.Maybe(
        factory.LazyAttribute(lambda dose: dose.status == Dose.Status.TAKEN),
        yes_declaration=factory.LazyAttribute(lambda dose: dose.due_at or NOON - hours(4)),
        no_declaration=None,
    )
    amount = Decimal(20)
    reporter = Reporter.PATIENT
    recorded_at = factory.LazyAttribute(lambda dose: dose.taken_at or dose.due_at)
    client_id = factory.LazyFunction(uuid.uuid4)


class PumpEventFactory(DjangoModelFactory[PumpEvent]):
    class Meta:
        model = PumpEvent

    patient = factory.SubFactory(PatientFactory, has_pump=True)
    kind = PumpEvent.Kind.STOPPED
    occurred_at = NOON - hours(12)
    recorded_at = factory.SelfAttribute("occurred_at")
    client_id = factory.LazyFunction(uuid.uuid4)


class PumpDatesFactory(DjangoModelFactory[PumpDates]):
    """Refill due ten days after NOON; nothing else is known."""

    class Meta:
        model = PumpDates

    patient = factory.SubFactory(PatientFactory, has_pump=True)
    refill_due_on = (NOON + timedelta(days=10)).date()
    recorded_at = NOON - hours(12)
    client_id = factory.LazyFunction(uuid.uuid4)


class ProductFactory(DjangoModelFactory[Product]):
    """A tablet of 10 mg that may be halved."""

    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"Baclofen {n}")
    route = Route.ORAL
    form = Product.Form.TABLET
    strength = Decimal(10)
    smallest_part = Decimal("0.5")


class SupplyCountFactory(DjangoModelFactory[SupplyCount]):
    """100 mg in hand at NOON."""

    class Meta:
        model = SupplyCount

    patient = factory.SubFactory(PatientFactory)
    counted_at = NOON
    amount = Decimal(100)
    counts = factory.LazyFunction(list)
    recorded_at = factory.SelfAttribute("counted_at")
    client_id = factory.LazyFunction(uuid.uuid4)


class PlanProposalFactory(DjangoModelFactory[PlanProposal]):
    """A first plan of no steps, which nobody has signed."""

    class Meta:
        model = PlanProposal

    patient = factory.SubFactory(PatientFactory)
    kind = PlanVersion.Kind.START
    indication = "Spasticity"
    reason = "Agreed with the patient."
    effective_at = NOON
    steps = factory.LazyFunction(list)
    proposed_at = NOON


class SupplyEventFactory(DjangoModelFactory[SupplyEvent]):
    class Meta:
        model = SupplyEvent

    patient = factory.SubFactory(PatientFactory)
    kind = SupplyEvent.Kind.STOPPED
    occurred_at = NOON - hours(24)
    recorded_at = factory.SelfAttribute("occurred_at")
    route = Route.ORAL
    client_id = factory.LazyFunction(uuid.uuid4)


class BaselineFactory(DjangoModelFactory[Baseline]):
    class Meta:
        model = Baseline

    patient = factory.SubFactory(PatientFactory)
    recorded_at = NOON - timedelta(days=20)


class SymptomLogFactory(DjangoModelFactory[SymptomLog]):
    """Stored as the intake would have: recorded when observed, by the patient. Nothing is owed or assessed."""

    class Meta:
        model = SymptomLog

    patient = factory.SubFactory(PatientFactory)
    client_id = factory.LazyFunction(uuid.uuid4)
    body_sha256 = "0" * 64
    observed_at = NOON
    recorded_at = factory.SelfAttribute("observed_at")
    reporter = Reporter.PATIENT
    catalogue_version = CATALOGUE
    answers = factory.LazyFunction(lambda: {"anxiety": 1})


class AssessmentFactory(DjangoModelFactory[Assessment]):
    class Meta:
        model = Assessment

    log = factory.SubFactory(SymptomLogFactory)
    patient = factory.SelfAttribute("log.patient")
    catalogue_version = CATALOGUE
    facts_sha256 = factory.Sequence(lambda n: f"{n:064x}")
    assessed_at = factory.SelfAttribute("log.recorded_at")
    result = factory.LazyFunction(lambda: {"hits": [], "undecided": []})


class CatalogueActivationFactory(DjangoModelFactory[CatalogueActivation]):
    """As it stands after the act; nothing checks here whether it was right to do it."""

    class Meta:
        model = CatalogueActivation

    number = factory.Sequence(lambda n: n + 1)
    version = CATALOGUE
    sha256 = factory.LazyAttribute(lambda row: load(row.version).sha256)
    activated_by = factory.SubFactory(UserFactory)
    reason = "Signed off by the clinical lead."
    activated_at = NOON


class ShadowRunFactory(DjangoModelFactory[ShadowRun]):
    """A trial over the week before NOON that found nothing."""

    class Meta:
        model = ShadowRun

    version = "draft-2"
    sha256 = "d" * 64
    made_at = NOON
    since = factory.LazyAttribute(lambda run: run.until - timedelta(days=7))
    until = NOON
    counts = factory.LazyFunction(
        lambda: {
            "patients": 0,
            "assessments": 0,
            "patient_weeks": 0.0,
            "failures": {},
            "alerts": [],
            "differences": [],
            "rules": [],
            "left_out": 0,
        }
    )
    differences = factory.LazyFunction(list)


class AlertFactory(DjangoModelFactory[Alert]):
    """An open emergency without escalation: for what only has to be there."""

    class Meta:
        model = Alert

    patient = factory.SubFactory(PatientFactory)
    ward = factory.LazyAttribute(
        lambda alert: Ward.objects.filter(stays__patient=alert.patient, stays__discharged_at=None).first()
    )
    pattern = "delirium"
    level = Level.EMERGENCY
    opened_at = NOON
    raised_at = factory.SelfAttribute("opened_at")
    last_fired_at = factory.SelfAttribute("opened_at")
    catalogue_version = CATALOGUE
    log = factory.LazyAttribute(lambda alert: SymptomLogFactory(patient=alert.patient))
    hits = factory.LazyFunction(lambda: [a_hit()])


def a_hit(**given: Any) -> dict[str, Any]:
    """A hit as it is kept in `Alert.hits`."""
    return {
        "rule_id": "DEL-E",
        "pattern": "delirium",
        "level": 3,
        "because": "New confusion during a taper.",
        "matched": [],
        "missing": [],
        "source": [],
        "tag": "project choice",
    } | given
