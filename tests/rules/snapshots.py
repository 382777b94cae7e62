"""What the rules said, word for word, when it was last looked through: `python -m tests.rules.snapshots` writes it anew.

The vignettes say whether a rule fires; here everything else is held as well: what is matched and in which words, what is
missing, the score, the look-alikes, what the browser gets, what a case told again makes of its facts, and each refusal.
A change of any of it is a change of behaviour: look at it, then write the snapshots anew and say why in the commit.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import asdict, fields, is_dataclass, replace
from enum import Enum
from hashlib import sha256
from math import isnan
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from apps.rules.catalogue import FOLDER, CatalogueError, load, read
from apps.rules.checks import check_answers, normalise
from apps.rules.contents import Catalogue
from apps.rules.engine import context_of, evaluate
from apps.rules.export import export
from apps.rules.held import held_record
from apps.rules.kinds import known_of_kind
from apps.rules.reading import Node, read_document
from apps.rules.replay import facts_of, replay
from apps.rules.replay_scoring import score
from apps.rules.specialising import specialise
from apps.rules.types import Change, Facts, LogFacts, PlanFacts, VitalSign
from tests.rules.faults import CHECKED, FAULTS, READINGS
from tests.rules.scenes import CATALOGUE, NOW, scene

FOLDER_OF_SNAPSHOTS = Path(__file__).parent / "snapshots"
CASES = Path(__file__).resolve().parents[2] / "apps" / "simulation" / "cases.yaml"
GOLDEN = Path(__file__).parent / "golden"
_CHANGES = (
    "dose_reduced", "stopped", "missed_dose", "pump_stopped", "pump_alarm", "hospital_transfer", "surgery",
    "oral_bridge_started", "baclofen_restarted", "refill_done", "birth", "reservoir_low", "overdose", "mri",
    "catheter_fault", "dose_raised", "pump_reprogrammed",
)  # fmt: skip
_EACH = 15
"""Every so many of the scenes has its kind's function looked at."""
_MADE_OF_THE_REST = frozenset({"decide", "decide_floor", "frame", "undecided_seen", "rules"})
_VALUES = (14.0, 8.0, 0.0, 30.0, 36.0, 37.6, 38.2, 39.4, 41.0, 50.0, 88.0, 92.0, 97.0, 110.0, 135.0, 170.0)
_PLANS = (
    None,
    PlanFacts(frozenset({"oral"}), 0.0, None, 1, None, None),
    PlanFacts(frozenset({"intrathecal"}), None, 100.0, None, 30, 20),
    PlanFacts(frozenset({"oral", "intrathecal"}), 20.0, 100.0, 2, 3000, 200),
)


def plain(value: Any) -> Any:
    """As JSON has it, in an order of its own making."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and isnan(value):
        return "nan"
    if hasattr(value, "_asdict"):
        return {"": type(value).__name__} | {name: plain(part) for name, part in value._asdict().items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {"": type(value).__name__} | {
            each.name: plain(getattr(value, each.name))
            for each in fields(value)
            if not callable(getattr(value, each.name)) and each.name != "parent"
        }
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(part) for key, part in value.items()}
    if isinstance(value, Set):
        return sorted((plain(part) for part in value), key=str)
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value


def digest(value: Any) -> str:
    text = json.dumps(plain(value), sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()[:16]


# -- Facts ------------------------------------------------------------------------------------------------------------


def scenes() -> Iterator[tuple[str, Facts]]:
    """Each vignette, and each second one again with chance changes, by a seed of its own."""
    number = 0
    for path in sorted(GOLDEN.glob("*.yaml")):
        for rule_id, by_answer in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            for answer, of_answer in by_answer.items():
                for place, words in enumerate(of_answer):
                    number += 1
                    facts = scene(**words)
                    yield f"{rule_id}-{answer}-{place}", facts
                    if number % 2:
                        yield f"{rule_id}-{answer}-{place}-disturbed", disturbed(facts, random.Random(number))


def disturbed(facts: Facts, chance: random.Random) -> Facts:
    catalogue = load(CATALOGUE)
    changes = [
        Change(
            chance.choice(_CHANGES),
            facts.t - chance.choice((1, 3, 9, 12, 20, 30, 50, 71, 80, 200)),
            chance.choice(("oral", "intrathecal", None)),
            chance.choice((None, 0.1, 0.3, 0.6)),
            chance.choice((True, False, None)),
            tone=chance.choice((None, "single", "two_tone")),
        )
        for _once in range(chance.randint(0, 2))
    ]
    earlier = [_log(chance, catalogue, place) for place in range(chance.randint(0, 4))]
    population, age = chance.choice(
        (("adult", 40.0), ("adult", None), ("child", 9.0), ("infant", 0.5), ("newborn", 0.0))
    )
    person = replace(
        facts.person,
        population=population,
        age_years=age,
        has_pump=chance.random() < 0.5,
        risk_factors=frozenset(chance.sample(sorted(catalogue.risk_factors), chance.randint(0, 2))),
        confounders=frozenset(chance.sample(sorted(catalogue.confounders), chance.randint(0, 2))),
    )
    return replace(
        facts,
        logs=tuple(sorted((*facts.logs, *earlier), key=lambda log: log.t)),
        changes=(*facts.changes, *changes),
        person=person if chance.random() < 0.6 else facts.person,
        plan=chance.choice(_PLANS) if chance.random() < 0.4 else facts.plan,
        baseline={code: chance.randint(0, 2) for code in chance.sample(sorted(catalogue.symptoms), 4)},
    )


def _log(chance: random.Random, catalogue: Catalogue, place: int) -> LogFacts:
    answers: dict[str, Any] = {}
    for code in chance.sample(sorted(catalogue.symptoms), 6):
        measure = catalogue.symptoms[code].measure
        if measure == "severity":
            answers[code] = chance.choice((0, 1, 2, 3, 4, "refused", "too_confused"))
        elif measure == "yes_no":
            answers[code] = chance.choice((True, False, "asleep"))
        elif measure == "avpu":
            answers[code] = chance.choice("AVPU")
    readings = {
        sign: VitalSign(chance.choice(_VALUES), chance.choice((None, "mouth")))
        for sign in chance.sample(sorted(catalogue.vital_signs), 3)
    }
    reporter = chance.choice(("patient", "carer", "staff"))
    hours = chance.choice((1.0, 5.0, 11.0, 23.0, 30.0, 60.0, 130.0, 300.0))
    return LogFacts(f"earlier-{place}", NOW - hours, reporter, answers, readings)  # type: ignore[arg-type]


# -- What is held -----------------------------------------------------------------------------------------------------


def evaluations() -> Iterator[tuple[str, str]]:
    catalogue = load(CATALOGUE)
    for name, facts in scenes():
        context = context_of(catalogue, facts)
        said = [evaluate(catalogue, facts), held_record(catalogue, facts), context.kind_of_log]
        yield name, digest(said)


def specialised() -> Iterator[tuple[str, str]]:
    """What is left of the rules for some kinds of logs: as much is worked out beforehand as was."""
    catalogue = load(CATALOGUE)
    source = catalogue.decide.source
    yield "for every log", digest(source)
    for place, (name, facts) in enumerate(scenes()):
        if place % _EACH:
            continue
        told, ranges = known_of_kind(context_of(catalogue, facts))
        left = specialise(source, told, ranges)
        yield name, digest([told, ranges, left, specialise(source, told)])


def contents() -> Iterator[tuple[str, str]]:
    catalogue = read((FOLDER / f"{CATALOGUE}.yaml").read_bytes(), CATALOGUE)
    for each in fields(catalogue):
        if each.name not in _MADE_OF_THE_REST:
            yield each.name, digest(getattr(catalogue, each.name))
    for rule in catalogue.rules:
        yield rule.id, digest(rule)
    for name, part in export(catalogue).items():
        yield f"exported {name}", digest(part)


def cases() -> Iterator[tuple[str, str]]:
    catalogue = load(CATALOGUE)
    told = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    told = told["cases"] if isinstance(told, dict) else told
    for case in told:
        without = replay([case], catalogue, with_unstated=False)
        yield case["id"], digest([list(facts_of(case, catalogue)), replay([case], catalogue), without])
    scores = score(told, replay(told, catalogue))
    yield "scores", digest(scores)
    yield "by paper", digest([scores.by_paper(at_level=False), scores.by_paper(at_level=True)])
    yield "nobody's", digest([replay([], catalogue), asdict(score([], []))])
    for name, turned in (("as controls", _as_control), ("with events three times", _three_times)):
        others = [turned(case) for case in told]
        again = replay(others, catalogue)
        yield name, digest([[list(facts_of(case, catalogue)) for case in others], again, score(others, again)])


def _as_control(case: Mapping[str, Any]) -> dict[str, Any]:
    quiet = {"alert": False, "level": "none", "by_point": None}
    return {**case, "kind": "control", "expected": dict.fromkeys(case["expected"], quiet)}


def _three_times(case: Mapping[str, Any]) -> dict[str, Any]:
    """Each event told as three, the first of them left out of what is known, and no risk known from the start."""
    events = [{**event, "count": 3, "order": 9 - place} for place, event in enumerate(case["context"]["events"])]
    later = dict.fromkeys(case["context"].get("confounders", []), case["course"][-1]["point"])
    dose = {"value": 300, "unit": "microgram/day"}
    context = {**case["context"], "events": events, "confounders_from": later, "daily_dose_before": dose}
    return {**case, "context": context, "course": case["course"][:2]}


def refusals() -> Iterator[tuple[str, Any]]:
    text = (FOLDER / f"{CATALOGUE}.yaml").read_text(encoding="utf-8")
    for old, new in FAULTS:
        assert old in text, old
        faulty = text.replace(old, new, 1)
        yield f"{old} → {new}", _refusal(faulty)
        yield f"{old} → {new}, by its place", _refused_place(faulty)


def _refused_place(text: str) -> str:
    """As if each key and each mapping stood on a line of its own: many share one, and then a wrong one is not seen."""
    places: list[str] = []

    def read_spread_out(text: str, where: str) -> Node:
        top = read_document(text, where)
        _give_lines(top, "top", places)
        return top

    with patch("apps.rules.building.read_document", read_spread_out):
        try:
            read(text.encode(), CATALOGUE)
        except CatalogueError as error:
            return f"{places[error.line] if places and error.line is not None else error.line}: {error.cause}"
    return "taken"


def _give_lines(value: Any, place: str, places: list[str]) -> None:
    if isinstance(value, list):
        for number, each in enumerate(value):
            _give_lines(each, f"{place}[{number}]", places)
    if isinstance(value, Node):
        value.line = len(places)
        places.append(place)
        for key in value:
            value.lines[key] = len(places)
            places.append(f"{place}.{key}")
            _give_lines(value[key], f"{place}.{key}", places)


def _refusal(text: str) -> str:
    try:
        read(text.encode(), CATALOGUE)
    except CatalogueError as error:
        return f"line {error.line}: {error}"
    return "taken"


def checks() -> Iterator[tuple[str, Any]]:
    catalogue = load(CATALOGUE)
    for reporter, answers, readings in CHECKED:
        problems = check_answers(catalogue, reporter, answers, readings)
        yield repr((reporter, answers, readings)), [plain(problem) for problem in problems]
    for reading in READINGS:
        yield f"normalised {reading!r}", plain(normalise(catalogue, *reading))


HELD: Mapping[str, Callable[[], Iterator[tuple[str, Any]]]] = {
    "evaluations": evaluations,
    "specialised": specialised,
    "contents": contents,
    "cases": cases,
    "refusals": refusals,
    "checks": checks,
}


def kept(name: str) -> dict[str, Any]:
    return json.loads((FOLDER_OF_SNAPSHOTS / f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def main() -> None:
    for name, made in HELD.items():
        text = json.dumps(dict(made()), indent=0, ensure_ascii=False, sort_keys=True)
        (FOLDER_OF_SNAPSHOTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
