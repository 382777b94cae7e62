"""What the page of questions carries so that the phone itself can say "call now", before anything is sent and
where nothing can be sent: the address of the rules, the advice in the page's language, and the person's record."""

import json
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse

from apps.assessments.facts import gather_facts
from apps.patients.models import Patient
from apps.portal.translations import SpokenCatalogue
from apps.rules.catalogue import Catalogue, load
from apps.rules.export import export_bytes, export_digest
from apps.rules.held import held_record
from apps.rules.types import Reporter
from apps.symptoms.models import SymptomLog


@lru_cache(maxsize=8)  # a version is one frozen object
def exported(catalogue: Catalogue) -> tuple[bytes, str]:
    """JSON for static/js/rules.js, and its digest."""
    found = export_bytes(catalogue)
    return found, export_digest(found)


def at_once(
    patient: Patient, catalogue: SpokenCatalogue, reporter: Reporter, *, at: datetime, is_own_page: bool
) -> dict[str, Any]:
    """What templates/portal/_at_once.html shows. Only the patient's own page gets the record: risk factors may
    be none of a carer's business, and without it fewer rules decide, none wrongly."""
    rules = load(catalogue.version)
    _, digest = exported(rules)
    address = reverse("portal:rules", args=(catalogue.version,))
    return {
        "reporter": reporter,
        "advice": tuple(catalogue.advice.values()),
        "rules_address": f"{address}?of={digest}",
        "record": json.dumps(record_of(patient, rules, at) if is_own_page else None),
    }


def record_of(patient: Patient, catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """The person as an assessment at this moment would see them."""
    moment = SymptomLog(
        pk=uuid.uuid4(),
        patient=patient,
        observed_at=at,
        reporter=Reporter.PATIENT,
        answers={},
        vital_signs={},
    )
    return held_record(catalogue, gather_facts([moment])[moment.pk])
