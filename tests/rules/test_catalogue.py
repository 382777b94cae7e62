"""The published catalogue is whole, and a faulty one is refused with line and cause."""

import re

import pytest

from apps.rules.catalogue import FOLDER, CatalogueError, load, read
from apps.rules.publishing import published
from apps.rules.types import Level, Reporter
from tests.rules.scenes import CATALOGUE

TEXT = (FOLDER / f"{CATALOGUE}.yaml").read_text(encoding="utf-8")
SEED_SYMPTOMS = """
    auditory_hallucinations visual_hallucinations tactile_hallucinations delusions confusion agitation
    delirium disorientation fluctuating_consciousness insomnia dizziness nausea inattention
    memory_impairment perceptual_disturbance pruritus anxiety depersonalization hypertonia hyperthermia
    formal_thought_disorder psychosis mania mood_disturbance restlessness behavioral_disturbance
    tachycardia seizure tremor autonomic_dysfunction hyperpyrexia severe_rigidity rebound_spasticity
"""


def test_a_published_version_is_frozen_by_its_hash() -> None:
    assert published()
    for name, digest in published().items():
        assert load(name).sha256 == digest, f"{name} was edited: copy it to the next version instead"


def test_all_core_symptoms_of_the_seed_are_there() -> None:
    core = {code for code, symptom in load(CATALOGUE).symptoms.items() if symptom.group == "core"}

    assert core == set(SEED_SYMPTOMS.split())
    assert len(core) == 33


def test_the_extended_list_and_the_toxicity_flags_are_there() -> None:
    groups = [symptom.group for symptom in load(CATALOGUE).symptoms.values()]

    assert groups.count("extended") == 40
    assert groups.count("toxicity") == 7


def test_every_number_of_every_rule_is_a_named_value_with_tag() -> None:
    catalogue = load(CATALOGUE)
    inside_rules = TEXT[TEXT.index("\ndefinitions:") : TEXT.index("\nlook_alikes:")]

    bare = re.findall(r"(?:at_least|above|at_most|below|within|apart): *-?[\d.]+", inside_rules)
    assert bare == []
    assert all(value.tag for value in catalogue.values.values())
    assert all(value.source for value in catalogue.values.values() if value.tag == "published")


def test_a_patient_is_never_asked_what_only_staff_can_judge() -> None:
    symptoms = load(CATALOGUE).symptoms

    for code in ("delirium", "clonus", "areflexia", "four_at_total", "oxygen_given"):
        assert symptoms[code].reported_by == {Reporter.STAFF}
    assert not [s for s in symptoms.values() if s.group == "toxicity" and Reporter.PATIENT in s.reported_by]


def test_toxicity_flags_never_count_as_withdrawal() -> None:
    catalogue = load(CATALOGUE)

    flags = {code for code, symptom in catalogue.symptoms.items() if symptom.group == "toxicity"}
    assert not flags & catalogue.frame.withdrawal
    assert not flags & {code for codes in catalogue.frame.domain_items.values() for code in codes}


def test_unsure_codes_may_not_be_sent_out_as_fact() -> None:
    codes = {(c.system, c.code): c for s in load(CATALOGUE).symptoms.values() for c in s.codes}

    assert not codes["snomed", "62476001"].may_be_sent
    assert codes["snomed", "45150006"].may_be_sent


def test_advice_names_help_and_never_a_dose_and_never_reassures() -> None:
    advice = load(CATALOGUE).advice.values()

    for each in advice:
        words = f"{each.headline} {each.text}".lower()
        assert "call" in words
        assert not re.search(r"\d|\bmg\b|\bmicrogram|tablet[s]? of", words), each.code
        assert not re.search(r"don.t worry|harmless|nothing to worry|you are fine|all is well", words), each.code
    patterns = {pattern for each in advice for pattern in each.patterns if each.level is Level.EMERGENCY}
    assert patterns == set(load(CATALOGUE).patterns) - {"day_score"}


def _line_of(words: str) -> int:
    return TEXT[: TEXT.index(words)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("{item: [confusion, disorientation], at_least: clear}]}", "{item: [confuson], at_least: clear}]}", "unknown code “confuson”"),
        ("  - id: DEL-E-4at\n", "  - id: DEL-E-cam\n", "the id “DEL-E-cam” is used twice"),
        ("    source: [HEAT]\n    when: {vital", "    source: []\n    when: {vital", "“source” names no source"),
        ("    source: [HEAT]\n    when: {vital", "    source: [NOBODY]\n    when: {vital", "unknown source “NOBODY”"),
        ("    unit: degC\n", "    unit: degK\n", "impossible unit “degK”"),
        ("from_years: 12, until_years: 13", "from_years: 11, until_years: 13", "overlaps"),
        ("from_years: 12, until_years: 13", "from_years: 12.5, until_years: 13", "gap"),
        ("tops: [8, 11, 20, 24]", "tops: [8, 11, 11, 24]", "bands overlap"),
        ("{label: moderate, until: 16}", "{label: moderate, until: 8}", "score bands overlap"),
        ("    level: emergency\n", "    level: alarming\n", "“alarming” is no level"),
        ("    level: emergency\n", "    level: emergency\n    ward_list_only: true\n", "only a rule of level watch may be ward_list_only"),
        ("    because: Hallucinations.", "    becuase: Hallucinations.", "“because” is missing"),
        ("at_least: t_hyperthermia}", "at_least: 40.0}", "must name a value"),
        ("at_least: t_hyperthermia}", "at_least: t_boiling}", "no value is called “t_boiling”"),
        ("t_hyperthermia: {value: 40.0,", "t_hyperthermia: {value: hot,", "must be a number"),
        ("source: [HEAT], note", "note", "tagged published and names no source"),
        ("  slight: {value: 1", "  slight: {value: 1, unit: x, tag: project choice}\n  slight: {value: 1", "stands here twice"),
        ("  slight: {value: 1", "  idle: {value: 1, unit: x, tag: project choice}\n  slight: {value: 1", "nothing reads the value “idle”"),
        ("when: {is: new_voice}", "when: {is: new_vioce}", "nothing is called “new_vioce”"),
        ("when: {is: new_voice}", "when: {maybe: new_voice}", "unknown condition “maybe”"),
        ("version: baclofen-withdrawal-2026.2", "version: other", "the version must be the file's name"),
        ("measure: severity\n    anchors: false_senses", "measure: severity", "has no anchors"),
        ("plausible: [25, 45]", "plausible: [45, 25]", "a lower and a higher number"),
        ("questioned: [34, 42]", "questioned: [20, 42]", "reaches beyond the plausible"),
        ("by: [staff]\n    measure: yes_no", "by: [robot]\n    measure: yes_no", "nobody reports as “robot”"),
    ],
)  # fmt: skip
def test_a_faulty_catalogue_is_refused_with_line_and_cause(old: str, new: str, cause: str) -> None:
    assert old in TEXT
    faulty = TEXT.replace(old, new, 1)

    with pytest.raises(CatalogueError) as caught:
        read(faulty.encode(), CATALOGUE)

    assert cause in str(caught.value)
    assert caught.value.line is not None
    assert abs(caught.value.line - _line_of(old)) <= 25


def test_text_that_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(CatalogueError) as caught:
        read(b"catalogue:\n  version: [unclosed\n", "x")

    assert caught.value.line is not None


@pytest.mark.parametrize("name", ["nowhere", "../types", "../../etc/passwd"])
def test_a_catalogue_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(CatalogueError, match="no catalogue"):
        load(name)
