from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from pydantic import AfterValidator
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.days import validate_time_zone
from apps.patients.models import Patient, Stay
from apps.patients.services import admit_patient
from apps.wards.models import Ward

from .base import ApiView, remember_list, remember_view, user_of
from .fields import Date, Id, Instant, fault, text
from .pagination import PageQuery, page, paged
from .permissions import EVERYBODY, SYSTEMS, Access
from .replies import address
from .schema import describe
from .shapes import Answer, Given, read_body, read_query


def _known_zone(name: str) -> str:
    try:
        validate_time_zone(name)
    except ValidationError as error:
        raise fault("unknown_time_zone", error.messages[0]) from error
    return name


class PatientQuery(PageQuery):
    record_number: Annotated[str, text(40, one_line=True)] | None = None
    name: Annotated[str, text(100, required=True, one_line=True)] | None = None
    """Every word must be part of a name."""
    ward: Id | None = None

    lookups: ClassVar = {"record_number": "record_number"}


class PatientGiven(Given):
    record_number: Annotated[str, text(40, required=True, one_line=True)]
    given_name: Annotated[str, text(100, required=True, one_line=True)]
    family_name: Annotated[str, text(100, required=True, one_line=True)]
    birth_date: Date
    time_zone: Annotated[str, text(64, required=True, one_line=True), AfterValidator(_known_zone)] | None = None
    """The patient's own; left out: the ward's."""
    language: Annotated[str, text(10, required=True, one_line=True)] = "en"
    has_pump: bool = False
    ward: Id
    bed: Annotated[str, text(20, one_line=True)] = ""
    """Left out: at home, under the ward's watch."""
    admitted_at: Instant


class StayAnswer(Answer):
    ward: UUID
    ward_name: str
    bed: str | None
    admitted_at: datetime


class PatientAnswer(Answer):
    id: UUID
    record_number: str
    given_name: str
    family_name: str
    birth_date: date
    time_zone: str
    language: str
    has_pump: bool
    registered_at: datetime
    stay: StayAnswer | None
    """Where the patient is in care now."""


def patient_answer(patient: Patient) -> PatientAnswer:
    stay = next(iter(patient.stays.all()), None)
    return PatientAnswer.model_construct(
        id=patient.pk,
        record_number=patient.record_number,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        time_zone=patient.time_zone,
        language=patient.language,
        has_pump=patient.has_pump,
        registered_at=patient.registered_at,
        stay=None if stay is None else _stay(stay),
    )


def _stay(stay: Stay) -> StayAnswer:
    return StayAnswer.model_construct(
        ward=stay.ward_id,
        ward_name=stay.ward.name,
        bed=stay.bed or None,
        admitted_at=stay.admitted_at,
    )


EXAMPLE = {
    "record_number": "R-20417",
    "given_name": "Ada",
    "family_name": "Muster",
    "birth_date": "1971-05-02",
    "ward": "0d3adf0e-3a64-4f4e-94be-6b1f8a1fb0d4",
    "bed": "12",
    "admitted_at": "2026-11-23T09:30:00+01:00",
}


class Patients(ApiView):
    access: ClassVar = {
        "GET": Access("patients:read", EVERYBODY),
        "POST": Access("patients:write", SYSTEMS),
    }
    query = PatientQuery

    @describe("List patients, or find one by record number or name", answer=paged(PatientAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, PatientQuery)
        patients = _matching(request, query)
        answer = page(request, patients, query, patient_answer, by="record_number", newest_first=False)
        remember_list(request, "patients", {patient.id for patient in answer.data["results"]})
        return answer

    @describe("Admit a patient to a ward", answer=PatientAnswer, body=PatientGiven, created=True, example=EXAMPLE)
    def post(self, request: Request) -> Response:
        given = read_body(request, PatientGiven)
        ward = get_object_or_404(Ward.objects.visible_to(user_of(request)), pk=given.ward)
        fields = {name: getattr(given, name) for name in PatientGiven.model_fields}
        fields |= {"ward": ward, "time_zone": given.time_zone or ward.time_zone}
        patient = admit_patient(**fields, by=user_of(request), at=timezone.now())
        answer = patient_answer(_visible(request).get(pk=patient.pk))
        headers = {"Location": address("one-patient", patient.pk)}
        return Response(answer, status=201, headers=headers)


class OnePatient(ApiView):
    access: ClassVar = {"GET": Access("patients:read", EVERYBODY)}

    @describe("Read one patient", answer=PatientAnswer)
    def get(self, request: Request, patient_id: UUID) -> Response:
        patient = get_object_or_404(_visible(request), pk=patient_id)
        remember_view(request, patient, patient.pk)
        return Response(patient_answer(patient))


def _visible(request: Request) -> QuerySet[Patient]:
    stays = Stay.objects.current().select_related("ward")
    return Patient.objects.visible_to(user_of(request)).prefetch_related(Prefetch("stays", stays))


def _matching(request: Request, query: PatientQuery) -> QuerySet[Patient]:
    patients = query.narrow(_visible(request))
    if query.ward:
        patients = patients.filter(stays__discharged_at=None, stays__ward=query.ward)
    for word in (query.name or "").split():
        patients = patients.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word))
    return patients
