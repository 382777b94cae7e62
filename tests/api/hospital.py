"""A small hospital: wards, a nurse or a system on one of them, and a record of every kind for a patient."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps.accounts.models import User
from apps.alerts.models import Alert, AlertEvent, Level
from apps.api.models import Client
from apps.api.scopes import SCOPES
from apps.assessments.models import Assessment
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Dose, PlanProposal, PumpDates, PumpEvent, SupplyCount, SupplyEvent, TaperPlan
from apps.wards.models import Job, Ward
from tests.factories import (
    AlertFactory,
    AssessmentFactory,
    DoseFactory,
    MembershipFactory,
    PatientFactory,
    PlanFactory,
    PlanProposalFactory,
    PumpDatesFactory,
    PumpEventFactory,
    SupplyCountFactory,
    SupplyEventFactory,
    SymptomLogFactory,
    UserFactory,
    a_hit,
)

ROOT = "/api/v1"


class Caller:
    """Speaks to the API over HTTP as one connected system or one person."""

    def __init__(self, user: User | None = None, token: str = "", *, csrf: bool = False) -> None:
        self.user, self.token = user, token
        self.browser = Browser(
            enforce_csrf_checks=csrf,
            raise_request_exception=False,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(self._address(path), headers=_named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.browser.post(
            self._address(path),
            data=body if isinstance(body, bytes) else {} if body is None else body,
            content_type=headers.pop("content_type", "application/json"),
            headers=_named(headers),
        )

    def send(self, method: str, path: str, **headers: str) -> Any:
        return self.browser.generic(method, self._address(path), headers=_named(headers))

    def _address(self, path: str) -> str:
        return path if path.startswith(("http:", "/")) else f"{ROOT}/{path}"


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def nurse_of(*wards: Ward) -> User:
    return _member(UserFactory(), wards, Job.NURSE)


def _member(user: User, wards: Iterable[Ward], job: Job) -> User:
    for ward in wards:
        MembershipFactory(ward=ward, user=user, job=job)
    return user


def system_of(*wards: Ward, scope: str = " ".join(SCOPES), life: timedelta = timedelta(minutes=5)) -> Caller:
    """A connected system that holds a token; every scope unless told otherwise."""
    user = _member(UserFactory(role=User.Role.SERVICE), wards, Job.SYSTEM)
    client = Client.objects.create(
        name=user.username,
        user=user,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        client_secret="not used here",
        allowed_scopes=list(SCOPES),
    )
    token = secrets.token_hex(16)
    AccessToken.objects.create(token=token, application=client, expires=timezone.now() + life, scope=scope)
    return Caller(user, token)


def signed_in(user: User, *, csrf: bool = False) -> Caller:
    caller = Caller(user, csrf=csrf)
    caller.browser.force_login(user, backend="apps.config.sign_in.PeopleBackend")
    return caller


@dataclass
class Chart:
    """One record of every kind, of one patient of one ward."""

    ward: Ward
    patient: Patient
    plan: TaperPlan
    proposal: PlanProposal
    pump_dates: PumpDates
    supply_count: SupplyCount
    dose: Dose
    pump_event: PumpEvent
    supply_event: SupplyEvent
    log: SymptomLog
    assessment: Assessment
    alert: Alert

    @property
    def paths(self) -> dict[str, str]:
        """Name of each route with an id -> its path with the real id."""
        alert = f"alerts/{self.alert.pk}/"
        return {
            "one-patient": f"patients/{self.patient.pk}/",
            "one-ward": f"wards/{self.ward.pk}/",
            "one-taper-plan": f"taper-plans/{self.plan.pk}/",
            "plan-versions": f"taper-plans/{self.plan.pk}/versions/",
            **{
                name: f"taper-plans/{self.plan.pk}/{word}/"
                for name, word in {
                    "hold-plan": "hold",
                    "slow-plan": "slow",
                    "step-back": "step-back",
                    "reinstate-plan": "reinstate",
                    "stop-plan": "stop",
                    "transfer-plan": "transfer",
                    "plan-gates": "gates",
                    "plan-as-known": "as-known",
                    "release-step": f"steps/{self.plan.versions.get().steps.first().pk}/release",
                }.items()
            },
            "one-plan-proposal": f"plan-proposals/{self.proposal.pk}/",
            "sign-proposal": f"plan-proposals/{self.proposal.pk}/sign/",
            "withdraw-proposal": f"plan-proposals/{self.proposal.pk}/withdraw/",
            "one-pump-dates": f"pump-dates/{self.pump_dates.pk}/",
            "one-supply-count": f"supply-counts/{self.supply_count.pk}/",
            "one-dose": f"doses/{self.dose.pk}/",
            "one-pump-event": f"pump-events/{self.pump_event.pk}/",
            "end-pump-event": f"pump-events/{self.pump_event.pk}/end/",
            "end-supply-event": f"supply-events/{self.supply_event.pk}/end/",
            "one-supply-event": f"supply-events/{self.supply_event.pk}/",
            "one-symptom-log": f"symptom-logs/{self.log.pk}/",
            "one-assessment": f"assessments/{self.assessment.pk}/",
            "one-alert": alert,
            "acknowledge": f"{alert}acknowledge/",
            "release": f"{alert}release/",
            "pass-on": f"{alert}pass-on/",
            "decline": f"{alert}decline/",
            "silence": f"{alert}silence/",
            "alert-notes": f"{alert}notes/",
            "resolve": f"{alert}resolve/",
        }


def chart_of(ward: Ward, **patient: Any) -> Chart:
    person = PatientFactory(stay=ward, **patient)
    log = SymptomLogFactory(patient=person)
    return Chart(
        ward=ward,
        patient=person,
        plan=PlanFactory(patient=person),
        proposal=PlanProposalFactory(patient=person),
        pump_dates=PumpDatesFactory(patient=person),
        supply_count=SupplyCountFactory(patient=person),
        dose=DoseFactory(patient=person),
        pump_event=PumpEventFactory(patient=person),
        supply_event=SupplyEventFactory(patient=person),
        log=log,
        assessment=AssessmentFactory(log=log),
        alert=alert_of(person, log=log),
    )


def alert_of(patient: Patient, **fields: Any) -> Alert:
    """With the event that opened it, as the service would have written it."""
    alert = AlertFactory(patient=patient, level=fields.pop("level", Level.URGENT), **fields)
    AlertEvent.objects.create(
        alert=alert,
        kind=AlertEvent.Kind.OPENED,
        at=alert.opened_at,
        level=alert.level,
        log=alert.log,
        hits=[a_hit()],
    )
    return alert


def log_body(patient: Patient, **fields: Any) -> dict[str, Any]:
    return {
        "patient": str(patient.pk),
        "client_id": str(uuid.uuid4()),
        "observed_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "answers": {"confusion": 2},
    } | fields


def faults(response: Any) -> dict[str, str]:
    """Pointer -> code of every fault in a problem."""
    return {fault["pointer"]: fault["code"] for fault in response.json()["errors"]}
