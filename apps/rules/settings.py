"""The numbers that the engine itself needs, read from the catalogue's named values."""

from bisect import bisect_left
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class SupplySettings:
    """Windows of exposure, steps and missed doses, all in hours."""

    exposed_hours: float
    peak_from_hours: float
    peak_until_hours: float
    step_hours: float
    missed_run_hours: float
    chart_hours: float


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How answers and readings are looked at. Windows in hours; the rest are scores and U/L."""

    baseline_from_hours: float
    baseline_until_hours: float
    ck_window_hours: float
    ck_upper_limit_default: float
    gcs_alert_from: float
    gcs_voice_from: float
    gcs_pain_from: float
    new_confusion_rise: float


@dataclass(frozen=True, slots=True)
class BandRow:
    """Points by value: `tops[i]` is the highest value of the i-th band, the last band is open."""

    tops: tuple[float, ...]
    points: tuple[int, ...]

    def score(self, value: float) -> int:
        return self.points[bisect_left(self.tops, value)]


@dataclass(frozen=True, slots=True)
class News2Table:
    """NEWS2 as printed (Royal College of Physicians, 2017)."""

    rows: dict[str, BandRow]
    """Vital-sign code -> bands; oxygen saturation scale 2 on air and on oxygen have rows of their own."""
    oxygen: int
    not_alert: int


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """BWDS: weights of domains, and how NEWS2 points of one parameter enter."""

    weights: dict[str, int]
    mapped_points: tuple[int, int, int, int]
    bands: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    supply: SupplySettings
    reading: ReadingSettings
    news2: News2Table
    score: ScoreSettings


def names_of(section: type) -> tuple[str, ...]:
    """Values a catalogue must name for this section."""
    return tuple(each.name for each in fields(section))
