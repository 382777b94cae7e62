"""Under which pattern a symptom's row stands. It arranges a page and nothing else: no rule reads it, and an alert
is named by the rule that fired. Project choice, after the signs that the definition of each pattern names."""

from apps.rules.catalogue import Catalogue

OTHER = "other"
_OF_ITEM = {
    "seizure_risk": (
        "seizure", "status_epilepticus", "myoclonus", "tremor", "hyperreflexia", "clonus", "staring_spell",
        "abnormal_posturing",
    ),
    "hyperthermia": (
        "hyperthermia", "hyperpyrexia", "severe_rigidity", "hypertonia", "rebound_spasticity", "muscle_spasms",
        "muscle_pain", "dark_urine", "rhabdomyolysis", "dystonia", "dyskinesia",
    ),
    "delirium": ("agitation", "delusions", "reduced_consciousness"),
    "mood_safety": ("command_hallucinations",),
}  # fmt: skip
PLACED = {item: pattern for pattern, items in _OF_ITEM.items() for item in items}
_OF_DOMAIN = {
    "cognition": "delirium",
    "perceptual": "delirium",
    "sleep": "delirium",
    "autonomic": "autonomic",
    "neuropsychiatric": "mood_safety",
}


def pattern_of(code: str, catalogue: Catalogue | None) -> str:
    """OTHER where no pattern is about it, or where the catalogue does not know it."""
    symptom = catalogue.symptoms.get(code) if catalogue else None
    if catalogue is None or symptom is None:
        return OTHER
    if symptom.group == "toxicity":
        wanted = "toxicity"
    else:
        wanted = PLACED.get(code) or _OF_DOMAIN.get(symptom.domain, OTHER)
    return wanted if wanted in catalogue.patterns else OTHER
