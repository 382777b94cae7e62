"""Items and vital signs of a catalogue."""

import re
from collections.abc import Mapping

from apps.rules.definitions import (
    DOMAINS,
    GROUPS,
    MEASURES,
    WORST_GRADE,
    AcceptedUnit,
    Code,
    Source,
    Symptom,
    VitalSignDef,
)
from apps.rules.reading import Node
from apps.rules.types import Reporter
from apps.rules.values import TAGS

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CONFIDENCE = ("high", "medium", "low")
_SYSTEMS = ("snomed", "hpo", "loinc")
UNITS = frozenset({"degC", "degF", "/min", "mmHg", "kPa", "%", "U/L", "ukat/L", "{score}"})


def read_symptoms(
    top: Node, sources: Mapping[str, Source], signs: Mapping[str, VitalSignDef]
) -> dict[str, Symptom]:
    anchors = top.child("anchors")
    sets = {name: _anchors(anchors, name) for name in anchors}
    section = top.child("symptoms")
    found = {code: _symptom(section, code, sources, sets, signs) for code in section}
    for code, symptom in found.items():
        if symptom.asked_after is not None and symptom.asked_after[0] not in found:
            raise section.child(code).error(f"unknown code “{symptom.asked_after[0]}”", "asked_after")
    return found


def _anchors(section: Node, name: str) -> tuple[str, ...]:
    words = section.texts(name)
    if len(words) != WORST_GRADE + 1:
        raise section.error(f"“{name}” needs five wordings, for grades 0 to 4", name)
    return words


def _symptom(
    section: Node,
    code: str,
    sources: Mapping[str, Source],
    anchor_sets: Mapping[str, tuple[str, ...]],
    signs: Mapping[str, VitalSignDef],
) -> Symptom:
    if not _NAME.fullmatch(code):
        raise section.error(f"“{code}” is no plain word", code)
    node = section.child(code)
    node.expect(
        {"label", "question", "clinical_label", "domain", "group", "by", "measure", "sources"},
        {
            "anchors", "red_flag", "codes", "note", "vital_sign", "asked_after", "highest",
            "frequency_percent", "texts",
        },
    )  # fmt: skip
    for key, allowed in (("domain", DOMAINS), ("group", GROUPS), ("measure", MEASURES)):
        if node.text(key) not in allowed:
            raise node.error(f"“{node[key]}” is no {key}", key)
    anchors = node.optional_text("anchors")
    if anchors is not None and anchors not in anchor_sets:
        raise node.error(f"no anchors are called “{anchors}”", "anchors")
    if anchors is None and node["measure"] == "severity" and node["group"] != "toxicity":
        raise node.error(f"“{code}” is graded and has no anchors")
    sign = node.optional_text("vital_sign")
    if sign is not None and sign not in signs:
        raise node.error(f"unknown vital sign “{sign}”", "vital_sign")
    for source in node.texts("sources"):
        if source not in sources:
            raise node.error(f"unknown source “{source}”", "sources")
    if not node.texts("sources"):
        raise node.error(f"“{code}” names no source", "sources")
    return Symptom(
        code=code,
        label=node.text("label"),
        question=node.text("question"),
        clinical_label=node.text("clinical_label"),
        domain=node.text("domain"),
        group=node.text("group"),
        reported_by=_reporters(node),
        measure=node.text("measure"),
        anchors=anchor_sets[anchors] if anchors else (),
        red_flag=node.flag("red_flag"),
        codes=_codes(node),
        sources=node.texts("sources"),
        note=node.optional_text("note") or "",
        vital_sign=sign,
        asked_after=_asked_after(node),
        highest=int(node.number("highest")) if "highest" in node else WORST_GRADE,
        frequency_percent=node.number("frequency_percent") if "frequency_percent" in node else None,
        texts={language: dict(node.child("texts").child(language)) for language in node.child("texts")}
        if "texts" in node
        else {},
    )


def _asked_after(node: Node) -> tuple[str, float] | None:
    if "asked_after" not in node:
        return None
    row = node.child("asked_after")
    row.expect({"code", "at_least"})
    return row.text("code"), row.number("at_least")


def _reporters(node: Node) -> frozenset[Reporter]:
    found = set()
    for each in node.texts("by"):
        try:
            found.add(Reporter(each))
        except ValueError:
            raise node.error(f"nobody reports as “{each}”", "by") from None
    if not found:
        raise node.error("nobody may report this", "by")
    return frozenset(found)


def _codes(node: Node) -> tuple[Code, ...]:
    if "codes" not in node:
        return ()
    section = node.child("codes")
    section.expect((), _SYSTEMS)
    return tuple(_code(section, system) for system in section)


def _code(section: Node, system: str) -> Code:
    written = section.texts(system)
    if len(written) != 2 or written[1] not in _CONFIDENCE:
        raise section.error(f"“{system}” needs a code and how sure it is", system)
    return Code(system, written[0], written[1])


def read_vital_signs(top: Node, sources: Mapping[str, Source]) -> dict[str, VitalSignDef]:
    section = top.child("vital_signs")
    found = {}
    for code in section:
        node = section.child(code)
        node.expect(
            {
                "label",
                "question",
                "unit",
                "plausible",
                "questioned",
                "decimals",
                "by",
                "tag",
                "sources",
            },
            {"accepted_units", "sites", "better_sites", "loinc", "note"},
        )
        if not _NAME.fullmatch(code):
            raise section.error(f"“{code}” is no plain word", code)
        if node.text("tag") not in TAGS:
            raise node.error(f"“{node['tag']}” is no tag", "tag")
        for source in node.texts("sources"):
            if source not in sources:
                raise node.error(f"unknown source “{source}”", "sources")
        found[code] = _vital_sign(node, code)
    return found


def _vital_sign(node: Node, code: str) -> VitalSignDef:
    plausible, questioned = _range(node, "plausible"), _range(node, "questioned")
    if questioned[0] < plausible[0] or questioned[1] > plausible[1]:
        raise node.error("the questioned range reaches beyond the plausible one", "questioned")
    sites = node.texts("sites")
    better = node.texts("better_sites")
    if not set(better) <= set(sites):
        raise node.error("a better site is not among the sites", "better_sites")
    return VitalSignDef(
        code=code,
        label=node.text("label"),
        question=node.text("question"),
        unit=_unit(node, "unit"),
        accepted_units=_accepted_units(node),
        plausible=plausible,
        questioned=questioned,
        decimals=int(node.number("decimals")),
        sites=sites,
        better_sites=frozenset(better),
        reported_by=_reporters(node),
        loinc=_code(node, "loinc") if "loinc" in node else None,
        tag=node.text("tag"),
        sources=node.texts("sources"),
        note=node.optional_text("note") or "",
    )


def _range(node: Node, key: str) -> tuple[float, float]:
    value = node[key]
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(each, (int, float)) for each in value)
        or value[0] >= value[1]
    ):
        raise node.error(f"“{key}” needs a lower and a higher number", key)
    return float(value[0]), float(value[1])


def _unit(node: Node, key: str) -> str:
    unit = node.text(key)
    if unit not in UNITS:
        raise node.error(f"impossible unit “{unit}”", key)
    return unit


def _accepted_units(node: Node) -> dict[str, AcceptedUnit]:
    own = _unit(node, "unit")
    found = {own: AcceptedUnit(own)}
    for each in node.nodes("accepted_units") if "accepted_units" in node else []:
        each.expect({"unit"}, {"minus", "multiply", "divide"})
        unit = _unit(each, "unit")
        found[unit] = AcceptedUnit(
            unit,
            each.number("minus") if "minus" in each else 0.0,
            each.number("multiply") if "multiply" in each else 1.0,
            each.number("divide") if "divide" in each else 1.0,
        )
    return found
