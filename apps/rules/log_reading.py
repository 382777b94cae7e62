"""What one log says, read once however many windows it stands in.

A log stands in every window of the fortnight after it, and windows that were read together share it as one object:
the four last logs of a person need the same log four times. What was read is kept for the object itself, never for
what it holds, and a bounded number of logs is kept.
"""

from math import isnan, nan

from apps.rules.grade_masks import GradeMasks
from apps.rules.settings import ReadingSettings
from apps.rules.types import LogFacts

AVPU = {"A": 0, "V": 1, "P": 2, "U": 3}
Read = tuple[int, int, int, int, int, int, bool, float]
"""(g1, g2, g3, g4, known, asked, whether a word stands in place of a grade, consciousness)."""
_MOST_KEPT = 4096


class LogReader:
    """Reads logs for one catalogue version."""

    __slots__ = ("_kept", "_masks", "_settings")

    def __init__(self, masks: GradeMasks, settings: ReadingSettings) -> None:
        self._masks = masks
        self._settings = settings
        # By identity; the log is kept with what it says, so that its identity is not given to another.
        self._kept: dict[int, tuple[LogFacts, Read]] = {}

    def read(self, log: LogFacts) -> Read:
        kept = self._kept.get(id(log))
        if kept is not None:
            return kept[1]
        found: Read = (*self._masks.read(log.answers), _avpu_of(log, self._settings))
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[id(log)] = (log, found)
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
