"""How withdrawal and its look-alikes run, in stages: invented, after the patterns of the published cases.

Nothing here decides anything. It only says what believable people report, so that rules and screens have
something to work on. Hours count from the trigger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answers = Mapping[str, Any]
Vitals = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Stage:
    """What is there from `after_hours` on, until the next stage."""

    after_hours: float
    answers: Answers
    vital_signs: Vitals = field(default_factory=dict)
    is_emergency: bool = False
    """A judgement of whoever wrote the course, not of the rules: whoever sees this calls for help at once."""


@dataclass(frozen=True, slots=True)
class Illness:
    pattern: str
    """What the rules should find, and nothing that they are told."""
    trigger: str
    """A kind of supply or pump event, or "" when missed doses alone are the trigger."""
    onset_hours: float
    """When a rule of the pattern could first know."""
    stages: tuple[Stage, ...]
    observed_by: str = "patient"
    """Who can tell: a person in delirium or coma does not fill in a form."""


RECOVERED_AFTER_HOURS = 48.0
"""After baclofen was given again; the mean in 23 reviewed cases is 43 hours (LEO)."""

ILLNESSES: Mapping[str, Illness] = {
    "delirium": Illness(
        pattern="delirium",
        trigger="stopped",
        onset_hours=30,
        observed_by="carer",
        stages=(
            Stage(10, {"insomnia": 3, "anxiety": 2}),
            Stage(20, {"insomnia": 3, "anxiety": 3, "visual_hallucinations": 1, "confusion": 1}),
            Stage(30, {"visual_hallucinations": 2, "confusion": 2, "agitation": 2, "insomnia": 4}),
            Stage(
                42,
                {
                    "visual_hallucinations": 3,
                    "confusion": 3,
                    "inattention": 3,
                    "disorientation": 3,
                    "agitation": 3,
                    "fluctuating_consciousness": 2,
                },
                {"heart_rate_bpm": 118},
                is_emergency=True,
            ),
        ),
    ),
    "hyperthermia": Illness(
        pattern="hyperthermia",
        trigger="stopped",
        onset_hours=30,
        stages=(
            Stage(12, {"hypertonia": 2, "sweating": 1}, {"temperature_c": 37.6}),
            Stage(
                30,
                {"hypertonia": 3, "sweating": 2, "severe_rigidity": 2},
                {"temperature_c": 38.6, "heart_rate_bpm": 112},
            ),
            Stage(
                40,
                {"severe_rigidity": 3, "sweating": 3, "dark_urine": True},
                {"temperature_c": 39.7, "heart_rate_bpm": 132},
                is_emergency=True,
            ),
        ),
    ),
    "seizure_risk": Illness(
        pattern="seizure_risk",
        trigger="stopped",
        onset_hours=26,
        observed_by="carer",
        stages=(
            Stage(12, {"tremor": 2, "anxiety": 2}),
            Stage(26, {"tremor": 3, "myoclonus": 2, "agitation": 3, "sweating": 3}, {"heart_rate_bpm": 116}),
            Stage(38, {"seizure": True, "tremor": 3, "myoclonus": 3}, {"heart_rate_bpm": 124}, is_emergency=True),
        ),
    ),
    "abrupt_stop": Illness(
        pattern="abrupt_stop",
        trigger="",
        onset_hours=26,
        stages=(
            Stage(14, {"anxiety": 1, "insomnia": 2}),
            Stage(26, {"anxiety": 2, "insomnia": 3, "rebound_spasticity": 3}),
        ),
    ),
    "pump_failure": Illness(
        pattern="pump_failure",
        trigger="pump_alarm",
        onset_hours=0,
        stages=(
            Stage(6, {"pruritus": 2}),
            Stage(14, {"pruritus": 3, "rebound_spasticity": 3, "paresthesia": 2}, {"temperature_c": 37.9}),
            Stage(
                28,
                {"pruritus": 3, "rebound_spasticity": 4, "severe_rigidity": 3},
                {"temperature_c": 39.2},
                is_emergency=True,
            ),
        ),
    ),
    "toxicity": Illness(
        pattern="toxicity",
        trigger="dose_raised",
        onset_hours=18,
        observed_by="staff",
        stages=(
            Stage(6, {"somnolence": 1}),
            Stage(
                18,
                {"somnolence": 3, "hypotonia": 2, "reduced_consciousness": "V"},
                {"heart_rate_bpm": 48, "respiratory_rate_bpm": 10},
                is_emergency=True,
            ),
        ),
    ),
    "autonomic": Illness(
        pattern="autonomic",
        trigger="stopped",
        onset_hours=34,
        observed_by="staff",
        stages=(
            Stage(12, {"sweating": 2, "anxiety": 2}, {"heart_rate_bpm": 104}),
            Stage(22, {"sweating": 2, "anxiety": 2}, {"heart_rate_bpm": 108, "bp_systolic_mmhg": 158}),
            # Pulse and pressure as published (120-141 in series; 171/106).
            Stage(
                34,
                {"sweating": 3, "autonomic_dysfunction": 3},
                {"heart_rate_bpm": 141, "bp_systolic_mmhg": 171, "bp_diastolic_mmhg": 106},
                is_emergency=True,
            ),
        ),
    ),
    "mood_safety": Illness(
        pattern="mood_safety",
        trigger="stopped",
        onset_hours=24,
        stages=(
            Stage(12, {"insomnia": 3, "anxiety": 3, "mood_disturbance": 2}),
            Stage(24, {"insomnia": 3, "mood_disturbance": 3, "suicidal_thoughts": True}),
            Stage(
                36,
                {"mood_disturbance": 4, "suicidal_thoughts": True, "suicide_plan_or_intent": True},
                is_emergency=True,
            ),
        ),
    ),
}


def stage_at(illness: Illness, hours: float, restarted_after: float) -> Stage | None:
    """The stage in force that long after the trigger; None before the first and once recovered. It gets no worse
    from the restart on."""
    if hours > restarted_after + RECOVERED_AFTER_HOURS:
        return None
    reached = [stage for stage in illness.stages if stage.after_hours <= min(hours, restarted_after)]
    return reached[-1] if reached else None
