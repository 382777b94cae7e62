"""The download: a ZIP of JSON files, the answers as a table (CSV), and a README in the person's language."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from apps.patients.models import Patient
from apps.portal.my_data import CHUNK, logs_to_tell, parts, replaced_by
from apps.portal.translations import spoken
from apps.portal.wording import answer_words, reading_words, sign_name, symptom_name
from apps.symptoms.models import SymptomLog

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is run by spreadsheets (OWASP, "CSV injection"), the full-width signs too."""
COLUMNS = (
    "report", "observed_at", "observed_at_local", "time_zone", "received_at", "reporter", "put_right_by",
    "kind", "code", "name", "answer", "words",
)  # fmt: skip

_encode = DjangoJSONEncoder(ensure_ascii=False).encode


def write_zip(patient: Patient, at: datetime, language: str) -> IO[bytes]:
    """A file without a name that is gone once it is closed; at its beginning, ready to be read.

    Rows go from the database through the archive to the disk a few hundred at a time, so memory does not grow
    with what somebody has told in years."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer reads it and closes it
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        files = ["answers.csv"]
        for part in parts(patient):
            files.append(f"{part.name}.json")
            write_lines(archive, files[-1], json_lines(part.rows))
        write_lines(archive, "answers.csv", csv_lines(patient))
        archive.writestr("README.txt", readme(patient, at, language, sorted(files)))
    out.seek(0)
    return out


def write_lines(archive: ZipFile, name: str, lines: Iterator[str]) -> None:
    with archive.open(name, "w") as file:
        for line in lines:
            # A lone surrogate came in with somebody's text: it is kept as "?" rather than losing the download.
            file.write(line.encode("utf-8", "replace"))


def json_lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A JSON array with one row to a line. Times are ISO 8601 in UTC, decimals are strings."""
    before = "[\n"
    for row in rows:
        yield before + _encode(row)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def csv_lines(patient: Patient) -> Iterator[str]:
    """One line for each answer, reading and note of each report, after a mark that tells spreadsheets UTF-8."""
    yield "\ufeff" + csv_line(COLUMNS)
    for log in logs_to_tell(patient).iterator(chunk_size=CHUNK):
        shared = _of_report(log, patient.time_zone)
        for answer in _answers(log):
            yield csv_line((*shared, *answer))


def csv_line(cells: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def harmless(cell: Any) -> str:
    """What would be run as a formula is made text by a leading apostrophe; JSON has it as it was."""
    text = "" if cell is None else str(cell)
    starts = (text.startswith(FORMULA), text.lstrip().startswith(FORMULA))
    return f"'{text}" if any(starts) else text


def _of_report(log: SymptomLog, zone: str) -> tuple[Any, ...]:
    there = log.observed_at.astimezone(ZoneInfo(zone))
    return (
        log.pk,
        log.observed_at.isoformat(),
        there.isoformat(),
        zone,
        log.recorded_at.isoformat(),
        log.reporter,
        replaced_by(log),
    )


def _answers(log: SymptomLog) -> Iterator[tuple[Any, ...]]:
    """(kind, code, name, answer as stored, answer in words)"""
    catalogue = spoken(log.catalogue_version)
    for code, answer in log.answers.items():
        yield "sign", code, symptom_name(catalogue, code), answer, answer_words(catalogue, code, answer)
    for code, reading in log.vital_signs.items():
        words = reading_words(reading, catalogue.vital_signs.get(code))
        yield "reading", code, sign_name(catalogue, code), reading["value"], words
    if log.note:
        yield "note", "", "", "", log.note


def readme(patient: Patient, at: datetime, language: str, files: list[str]) -> str:
    told = {"patient": patient, "at": at, "zone": patient.time_zone, "language": language, "files": files}
    return render_to_string("portal/my_data_readme.txt", told)
