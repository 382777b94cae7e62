import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.patients.models import Patient
from apps.symptoms.models import Baseline, SymptomLog


class LogConflict(DomainError):
    """The same client id came with other content. `kept`: the log that the other content was taken in as."""

    code = "client_id_reused"

    def __init__(self, message: str, kept: SymptomLog) -> None:
        super().__init__(message)
        self.kept = kept


class CannotCorrect(DomainError):
    code = "cannot_correct"


@dataclass(frozen=True, slots=True)
class RecordedLog:
    log: SymptomLog
    created: bool
    is_same: bool = True
    """False: the client id was used before, for other content."""


def body_sha256(
    *,
    observed_at: datetime,
    reporter: str,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, Any],
    note: str,
    supersedes_id: UUID | None,
) -> str:
    """Of the content as it was entered, whatever the order of its keys."""
    content = {
        "observed_at": observed_at.timestamp(),
        "reporter": str(reporter),
        "answers": dict(answers),
        "vital_signs": dict(vital_signs),
        "note": note,
        "supersedes": str(supersedes_id) if supersedes_id else None,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def record_symptom_log(
    *,
    patient: Patient,
    by: User | None,
    reporter: str,
    at: datetime,
    client_id: UUID,
    observed_at: datetime,
    catalogue_version: str,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, Any],
    entered_sha256: str,
    note: str = "",
    channel: str = "browser",
    supersedes: SymptomLog | None = None,
    is_canary: bool = False,
    carried_from: SymptomLog | None = None,
    carried: Sequence[str] = (),
    filled_in_seconds: int | None = None,
) -> RecordedLog:
    """Insert one row, which was checked against the catalogue before. One statement; a second one only when the
    client id was used before, by this connection or another.

    Errors: CannotCorrect (somebody else's log, or corrected already)."""
    if supersedes is not None:
        check_correction(supersedes, patient=patient, by=by)
    log = SymptomLog(
        id=uuid4(),
        patient=patient,
        client_id=client_id,
        body_sha256=entered_sha256,
        observed_at=observed_at,
        recorded_at=at,
        reporter=str(reporter),
        recorded_by=by,
        catalogue_version=catalogue_version,
        answers=dict(answers),
        vital_signs=dict(vital_signs),
        note=note,
        channel=channel,
        supersedes=supersedes,
        is_canary=is_canary,
        carried_from=carried_from if carried else None,
        carried=list(carried),
        filled_in_seconds=filled_in_seconds,
    )
    if _insert(log):
        log._state.adding = False
        log._state.db = "default"
        return RecordedLog(log, created=True)
    first = SymptomLog.objects.filter(patient=patient, client_id=client_id).first()
    if first is None:
        raise CannotCorrect(_("This log has been corrected already."))
    return RecordedLog(first, created=False, is_same=first.body_sha256 == entered_sha256)


def check_correction(corrected: SymptomLog, *, patient: Patient, by: User | None) -> None:
    """Only who wrote a log may correct it, and only the version in force."""
    if corrected.patient_id != patient.pk:
        raise CannotCorrect(_("This log is about somebody else."))
    if by is None or corrected.recorded_by_id != by.pk:
        raise CannotCorrect(_("Only who wrote this log may correct it."))


def record_baseline(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, float],
) -> Baseline:
    """How this person usually is, from now on; what was told before is kept. Checked before it comes here;
    `vital_signs` in canonical units. Told twice at one moment, the first is returned."""
    baseline, _created = Baseline.objects.get_or_create(
        patient=patient,
        recorded_at=at,
        defaults={"answers": dict(answers), "vital_signs": dict(vital_signs), "recorded_by": by},
    )
    return baseline


_COLUMNS = (
    "id", "patient_id", "client_id", "body_sha256", "observed_at", "recorded_at", "reporter",
    "recorded_by_id", "catalogue_version", "answers", "vital_signs", "note", "channel", "supersedes_id",
    "is_canary", "carried_from_id", "carried", "filled_in_seconds",
)  # fmt: skip
# `on conflict do nothing` covers both the client id and the log corrected, each of which is unique.
_INSERT = (
    f"insert into symptoms_symptomlog ({', '.join(_COLUMNS)}) "  # noqa: S608
    f"values ({', '.join(['%s'] * len(_COLUMNS))}) on conflict do nothing"
)


def _insert(log: SymptomLog) -> bool:
    fields = [SymptomLog._meta.get_field(name) for name in _COLUMNS]
    values = [
        field.get_db_prep_save(getattr(log, field.attname), connection)  # type: ignore[union-attr]
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return cursor.rowcount == 1
