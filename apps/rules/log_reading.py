"""What one log says, read once however many windows it stands in.

A log stands in every window of the fortnight after it, and windows that were read together share it as one object:
the four last logs of a person need the same log four times. What was read is kept with the log itself and goes
with it.
"""

from math import isnan, nan

from apps.rules.grade_masks import GradeMasks
from apps.rules.settings import ReadingSettings
from apps.rules.types import LogFacts, Reporter

_PATIENT = Reporter.PATIENT.value
AVPU = {"A": 0, "V": 1, "P": 2, "U": 3}
Read = tuple[int, int, int, int, int, int, bool, float, bool]
"""(g1, g2, g3, g4, known, asked, whether a word stands in place of a grade, consciousness, whether the patient
reported it)."""


class LogReader:
    """Reads logs for one catalogue version."""

    __slots__ = ("_masks", "_settings")

    def __init__(self, masks: GradeMasks, settings: ReadingSettings) -> None:
        self._masks = masks
        self._settings = settings

    def read(self, log: LogFacts) -> Read:
        kept: tuple[LogReader, Read] | None = log._read
        if kept is not None and kept[0] is self:
            return kept[1]
        by_patient = log.reporter == _PATIENT
        answers = log.answers
        avpu = nan
        if "reduced_consciousness" in answers or "coma" in answers or "gcs" in log.vital_signs:
            avpu = _avpu_of(log, self._settings)
        found: Read = (*self._masks.read(answers), avpu, by_patient)
        # The log stays as it was told; this is beside it, and another version reads it anew.
        object.__setattr__(log, "_read", (self, found))
        return found


def _avpu_of(log: LogFacts, settings: ReadingSettings) -> float:
    """The worst that this one log says of consciousness; NaN when it says nothing."""
    said = log.answers.get("reduced_consciousness")
    found = AVPU.get(said, nan) if isinstance(said, str) else nan
    if log.answers.get("coma") is True:
        found = 3
    gcs = log.vital_signs.get("gcs")
    if gcs is not None:
        steps = (settings.gcs_alert_from, settings.gcs_voice_from, settings.gcs_pain_from)
        scored = sum(gcs.value < least for least in steps)
        found = scored if isnan(found) else max(found, scored)
    return found
