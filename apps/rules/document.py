"""docs/rules.md, generated from the catalogue so that it can never say anything else.

python -m apps.rules.document            writes docs/rules.md
python -m apps.rules.document --check    fails if the file is out of date
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from apps.rules.catalogue import FOLDER, load
from apps.rules.contents import Catalogue
from apps.rules.definitions import GROUPS, Rule, Symptom
from apps.rules.types import Level
from apps.rules.wording import words

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
_LEVELS = {
    Level.EMERGENCY: "**Emergency** (at once; the patient's text says to call the emergency number)",
    Level.URGENT: "**Urgent** (a clinician within 1 hour)",
    Level.WATCH: "**Watch** (ward list, look within the shift)",
}
_INTRODUCTION = """\
This page is generated from the catalogue; do not edit it. It is for clinicians and ward pharmacists.

**Nothing here is validated for baclofen.** Every number and rule carries a tag: *published* (printed in the
source named), *project choice* (informed by published cases, for sign-off by a clinician) or *to be checked*
(general knowledge). The software alerts people; it never names a dose.

How to read it:

- Grades run from 0 to 4; the wordings stand under *Items*. Unless a window is named, the highest grade of the
  last 24 hours by any reporter counts, and the latest reading of a vital sign of the last 24 hours.
- *Usual* is the median of days 8 to 2 before now, else the value before the taper, else 0 (and the alert says
  that there is no baseline). While exposed, the value before the first change holds if it is lower.
- Unknown is not zero. A rule whose inputs are missing is listed as undecided with what it lacks. "Refused",
  "asleep", "too unwell" and "cannot answer" are recorded and are no grade.
- If the person is not exposed, an alert of withdrawal reads "needs review, withdrawal not established".
- Only a person lowers or closes an alert. Words in **bold** inside a rule are defined under *Definitions*.
"""


def document(catalogue: Catalogue) -> str:
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield f"# Rules of {catalogue.version}"
    yield ""
    yield f"SHA-256 of the catalogue: `{catalogue.sha256}`"
    yield ""
    yield _INTRODUCTION
    for pattern in catalogue.patterns.values():
        yield f"## {pattern.label}"
        yield ""
        yield pattern.description
        yield ""
        for level in sorted(_LEVELS, reverse=True):
            rules = [r for r in catalogue.rules if r.pattern == pattern.code and r.level is level]
            if rules:
                yield _LEVELS[level]
                yield ""
                for rule in rules:
                    yield from _rule(rule, catalogue)
                yield ""
    yield from _definitions(catalogue)
    yield from _look_alikes(catalogue)
    yield from _values(catalogue)
    yield from _children(catalogue)
    yield from _items(catalogue)
    yield from _vital_signs(catalogue)
    yield from _score(catalogue)
    yield from _sign_off(catalogue)
    yield from _sources(catalogue)


def _rule(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    quiet = " Stays on the ward list, notifies nobody." if rule.ward_list_only else ""
    note = f" *{rule.note[0].upper()}{rule.note[1:]}.*" if rule.note else ""
    yield f"- `{rule.id}` {rule.because}{quiet}"
    yield f"  <br>When: {words(rule.when, catalogue)}."
    yield f"  <br>{rule.tag}; {', '.join(rule.source)}.{note}"


def _definitions(catalogue: Catalogue) -> Iterator[str]:
    yield "## Definitions"
    yield ""
    for definition in catalogue.definitions.values():
        yield f"- **{definition.label}**: {words(definition.of, catalogue)}."
    yield ""


def _look_alikes(catalogue: Catalogue) -> Iterator[str]:
    yield "## Look-alikes"
    yield ""
    yield "Shown beside an alert with what speaks for and against; never instead of it."
    yield ""
    for each in catalogue.look_alikes:
        effect = f"{each.effect[0].upper()}{each.effect[1:]}."
        yield f"- **{each.label}**, shown when {words(each.when, catalogue)}. {effect}"
        yield f"  <br>For: {'; '.join(text for text, _ in each.speaks_for)}."
        yield f"  <br>Against: {'; '.join(text for text, _ in each.speaks_against)}."
    yield ""


def _values(catalogue: Catalogue) -> Iterator[str]:
    yield "## Numbers"
    yield ""
    yield "| name | value | tag | source | note |"
    yield "|---|---|---|---|---|"
    for value in catalogue.values.values():
        sources = ", ".join(value.source)
        yield f"| `{value.name}` | {value.value:g} {value.unit} | {value.tag} | {sources} | {value.note} |"
    yield ""


def _children(catalogue: Catalogue) -> Iterator[str]:
    bands = catalogue.limits.bands
    columns = list(bands[0].ends)
    yield "## Ranges for children under 16"
    yield ""
    yield "From a PALS-2015 based chart [PALS], secondary; evidence-based centiles differ [FLEMING]."
    yield ""
    yield "| age | " + " | ".join(column.replace("_", " ") for column in columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for band in bands:
        yield f"| {band.name} | " + " | ".join(f"{band.ends[column]:g}" for column in columns) + " |"
    yield ""


def _items(catalogue: Catalogue) -> Iterator[str]:
    yield "## Items"
    yield ""
    for group in GROUPS:
        yield f"### {group.capitalize()}"
        yield ""
        yield "| item | question | who | answer | codes | sources |"
        yield "|---|---|---|---|---|---|"
        for symptom in catalogue.symptoms.values():
            if symptom.group == group:
                yield _item(symptom)
        yield ""


def _item(symptom: Symptom) -> str:
    who = ", ".join(sorted(symptom.reported_by))
    if symptom.anchors:
        answer = "; ".join(f"{grade} {anchor}" for grade, anchor in enumerate(symptom.anchors))
    else:
        answer = {"yes_no": "yes or no", "avpu": "A, V, P or U", "score": f"0-{symptom.highest}"}.get(
            symptom.measure, "0-4, no published wording" if symptom.measure == "severity" else "reading"
        )
    codes = ", ".join(
        f"{c.system} {c.code}{'' if c.may_be_sent else f' ({c.confidence} confidence, not sent out)'}"
        for c in symptom.codes
    )
    note = f" *{symptom.note}*" if symptom.note else ""
    flag = " ⚑" if symptom.red_flag else ""
    return (
        f"| **{symptom.clinical_label}**{flag} `{symptom.code}` | {symptom.question}{note} | {who} | {answer} "
        f"| {codes} | {', '.join(symptom.sources)} |"
    )


def _vital_signs(catalogue: Catalogue) -> Iterator[str]:
    yield "## Vital signs"
    yield ""
    yield "Ranges are guards against slips of entry, not clinical limits. Outside *plausible* an entry is refused,"
    yield "outside *questioned* the person is asked to look again."
    yield ""
    yield "| sign | units | plausible | questioned | sites | LOINC |"
    yield "|---|---|---|---|---|---|"
    for sign in catalogue.vital_signs.values():
        units = ", ".join(sign.accepted_units)
        loinc = sign.loinc.code if sign.loinc else ""
        yield (
            f"| {sign.label} `{sign.code}` | {units} | {sign.plausible[0]:g}-{sign.plausible[1]:g} "
            f"| {sign.questioned[0]:g}-{sign.questioned[1]:g} | {', '.join(sign.sites)} | {loinc} |"
        )
    yield ""


def _score(catalogue: Catalogue) -> Iterator[str]:
    score = catalogue.settings.score
    yield "## Day score (BWDS)"
    yield ""
    yield "Not validated. A trend only: it never lowers an alert and is never a diagnosis. Of each domain the"
    yield "highest grade counts, times its weight; an unanswered domain makes the score a floor (“at least”)."
    yield ""
    yield "Weights: " + ", ".join(f"{domain} {weight}" for domain, weight in score.weights.items()) + "."
    yield "Bands: " + ", ".join(f"{label} up to {until}" for label, until in score.bands) + "."
    points = ", ".join(str(point) for point in score.mapped_points)
    yield f"NEWS2 points 0 to 3 of a high pulse, pressure, breathing rate or temperature enter as {points}."
    yield ""


def _sign_off(catalogue: Catalogue) -> Iterator[str]:
    yield "## Open for the clinical lead"
    yield ""
    for point in catalogue.sign_off:
        yield f"- {point}"
    yield ""


def _sources(catalogue: Catalogue) -> Iterator[str]:
    yield "## Sources"
    yield ""
    for source in catalogue.sources.values():
        depth = f" (seen: {source.depth})" if source.depth else ""
        yield f"- **{source.code}** {source.citation}{depth}"


def main(arguments: list[str]) -> int:
    newest = sorted(path.stem for path in FOLDER.glob("*.yaml"))[-1]
    text = document(load(newest))
    if "--check" in arguments:
        current = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.is_file() else ""
        if current != text:
            print("docs/rules.md is out of date: run python -m apps.rules.document")
            return 1
        return 0
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
