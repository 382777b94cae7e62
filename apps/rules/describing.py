"""One condition that holds, in words a nurse can check: value, threshold, when, which log."""

from typing import TYPE_CHECKING

from apps.rules.compiling import read_expression
from apps.rules.conditions import (
    WORDS,
    AnsweredAs,
    Compare,
    Condition,
    Differs,
    Event,
    NotMeasured,
    Quantity,
    Risk,
    Twice,
    TwoLogsRunning,
)
from apps.rules.context import Context
from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.types import Change, LogFacts, Matched

if TYPE_CHECKING:
    from apps.rules.contents import Catalogue

_COMPARED = {
    "over_baseline": "{} over the person's usual",
    "above_baseline": "{} above the person's usual",
    "swing": "{}: highest less lowest reading of 24 hours",
    "fall": "{}: fall within 24 hours",
    "rise_6h": "{}: rise within 6 hours",
}


def describe(condition: Condition, context: Context, catalogue: "Catalogue") -> Matched:
    if isinstance(condition, Compare):
        return _describe_compare(condition, context, catalogue)
    if isinstance(condition, Twice):
        limit = _limit(condition.limit.name, condition.limit.adult, context)
        sign = catalogue.vital_signs[condition.sign]
        values = [f"{value:g}" for _, value, _ in context.readings(condition.sign)]
        return _at_log(
            condition.sign,
            sign.label,
            f"{', '.join(reversed(values))} {sign.unit}",
            f"{WORDS[condition.op]} {limit:g} twice, {condition.apart.adult * 60:g} minutes apart",
            _log_with_sign(condition.sign, context),
        )
    if isinstance(condition, Differs):
        return _describe_differs(condition, context, catalogue)
    if isinstance(condition, TwoLogsRunning):
        return _describe_running(condition, context, catalogue)
    if isinstance(condition, AnsweredAs):
        return _describe_reason(condition, context, catalogue)
    if isinstance(condition, NotMeasured):
        sign = catalogue.vital_signs[condition.sign]
        return Matched(condition.sign, sign.label, "not measured", "no reading in 24 hours")
    if isinstance(condition, Risk):
        words = catalogue.confounders if condition.confounder else catalogue.risk_factors
        have = context.confounders if condition.confounder else context.risks
        named = [words[code] for code in condition.codes if code in have]
        return Matched(condition.codes[0], ", ".join(named), "on record", "on record")
    if isinstance(condition, Event):
        return _describe_event(condition, context)
    raise TypeError(f"no words for {type(condition).__name__}")


def _describe_compare(condition: Compare, context: Context, catalogue: "Catalogue") -> Matched:
    quantity = condition.quantity
    limit = _limit(condition.limit.name, condition.limit.adult, context)
    bound = f"{WORDS[condition.op]} {limit:g}"
    name = quantity.name
    if quantity.kind == "fact":
        fact = KNOWN_FACTS[name]
        if fact.yes_no:
            return Matched(name, fact.label, "yes", "yes")
        value = _read(quantity, context, high=condition.op in ("<=", "<"))
        unit = f" {fact.unit}" if fact.unit else ""
        return Matched(name, fact.label, f"{value:g}{unit}", f"{bound}{unit}")
    if quantity.kind in ("item", "rise", "base"):
        return _describe_item(quantity, bound, context, catalogue)
    sign = catalogue.vital_signs[name]
    text = _COMPARED.get(quantity.kind, "{}").format(sign.label)
    unit = "%" if quantity.kind == "over_baseline" else sign.unit
    value = _read(quantity, context)
    shown = f"{value:.{max(sign.decimals, 1)}f}".rstrip("0").rstrip(".")
    log = _log_with_sign(name, context)
    reading = log.vital_signs[name] if log is not None and quantity.kind == "vital" else None
    site = f" ({reading.site})" if reading is not None and reading.site else ""
    return _at_log(name, text, f"{shown} {unit}{site}", f"{bound} {unit}", log)


def _describe_item(quantity: Quantity, bound: str, context: Context, catalogue: "Catalogue") -> Matched:
    symptom = catalogue.symptoms[quantity.name]
    if quantity.kind == "base":
        usual = f"{context.base(quantity.name):g}"
        if not context.has_base(quantity.name):
            usual = "no baseline, taken as 0"
        return Matched(quantity.name, f"{symptom.clinical_label}: usual", usual, bound)
    if symptom.measure == "yes_no":
        shown, wanted = "yes", "yes"
    else:
        worst = context.item(quantity.name, quantity.since, quantity.within, tuple(quantity.by))
        grade = int(worst)
        anchor = f" ({symptom.anchors[grade]})" if symptom.anchors else ""
        shown, wanted = f"{grade}{anchor}", bound
    text = symptom.clinical_label
    if quantity.kind == "rise":
        usual = f"usual {context.base(quantity.name):g}"
        if not context.has_base(quantity.name):
            usual = "no baseline, taken as 0"
        shown = f"{shown}, {usual}"
        wanted = f"rise of {bound}"
    elif quantity.within != 24.0 or quantity.since:
        wanted = f"{wanted} within {quantity.within:g} hours"
    log = _log_with_answer(quantity, context)
    who = f", by {log.reporter}" if log is not None else ""
    return _at_log(quantity.name, text, shown + who, wanted, log)


def _describe_differs(condition: Differs, context: Context, catalogue: "Catalogue") -> Matched:
    for code in condition.items:
        seen = [
            answer for log in reversed(context.day) if not isinstance(answer := log.answers.get(code, ""), str)
        ]
        if seen and max(seen) - min(seen) >= condition.by.adult:
            return Matched(
                code,
                f"{catalogue.symptoms[code].clinical_label}: differs between logs",
                f"{min(seen):g} to {max(seen):g}",
                f"differs by at least {condition.by.adult:g} within 24 hours",
            )
    raise AssertionError("differs was true and no item differs")


def _describe_running(condition: TwoLogsRunning, context: Context, catalogue: "Catalogue") -> Matched:
    at_least = condition.limit.adult
    code = next(code for code in condition.items if context.two_logs_running((code,), at_least) is True)
    found = _describe_item(Quantity("item", code), f"at least {at_least:g}", context, catalogue)
    return Matched(
        code,
        found.text,
        found.value,
        f"{found.threshold} on two logs running",
        found.log_id,
        found.t,
    )


def _describe_reason(condition: AnsweredAs, context: Context, catalogue: "Catalogue") -> Matched:
    for log in context.day:
        for code in [condition.item] if condition.item else sorted(log.answers):
            answer = log.answers.get(code)
            if isinstance(answer, str) and answer in condition.reasons:
                words = answer.replace("_", " ")
                label = catalogue.symptoms[code].clinical_label
                return _at_log(code, f"{label}: no grade given", words, words, log)
    raise AssertionError("a reason was given and no log holds it")


def _describe_event(condition: Event, context: Context) -> Matched:
    changes = [
        change for change in context.facts.changes if change.kind in condition.kinds and change.t <= context.t
    ]
    fitting = [change for change in changes if _fits(condition, change)] or changes
    # Of several at one moment always the same one is named, in whatever order they were recorded.
    change = max(fitting, key=lambda each: (each.t, each.kind, each.tone or "", each.reservoir_ml or 0.0))
    hours = context.t - change.t
    detail = [f"{hours:.0f} hours ago"]
    if change.tone:
        detail.append(change.tone.replace("_", " "))
    if change.reservoir_ml is not None:
        detail.append(f"{change.reservoir_ml:g} mL")
    wanted = "on record" if condition.within is None else f"within {condition.within:g} hours"
    if condition.still:
        wanted += ", not mended"
    if condition.ml_at_most is not None:
        wanted += f", at most {condition.ml_at_most:g} mL"
    return Matched(change.kind, change.kind.replace("_", " "), ", ".join(detail), wanted, None, change.t)


def _fits(condition: Event, change: Change) -> bool:
    if condition.tones and (change.tone or "unknown") not in condition.tones:
        return False
    if condition.ml_at_most is not None:
        return change.reservoir_ml is not None and change.reservoir_ml <= condition.ml_at_most
    return not (condition.unplanned and change.planned)


def _limit(name: str, adult: float, context: Context) -> float:
    return context.limits.get(name, adult)


def _read(quantity: Quantity, context: Context, *, high: bool = False) -> float:
    """The number behind a quantity, by the same expression that decides it."""
    if quantity.kind == "fact":
        fact = KNOWN_FACTS[quantity.name]
        return read_expression(fact.high if high else fact.low, context)
    return read_expression(quantity.call, context)


def _log_with_sign(sign: str, context: Context) -> LogFacts | None:
    return next((log for log in reversed(context.logs) if sign in log.vital_signs), None)


def _log_with_answer(quantity: Quantity, context: Context) -> LogFacts | None:
    first, last = context.t - quantity.within, context.t - quantity.since
    name = quantity.name
    worst: LogFacts | None = None
    grade = -1.0
    for log in reversed(context.logs):
        if log.t < first:
            break
        answer = log.answers.get(name)
        if answer is None or isinstance(answer, str) or log.t > last:
            continue
        if quantity.by and log.reporter not in quantity.by:
            continue
        if answer > grade:
            worst, grade = log, answer
    return worst


def _at_log(code: str, text: str, value: str, threshold: str, log: LogFacts | None) -> Matched:
    if log is None:
        return Matched(code, text, value, threshold)
    return Matched(code, text, value, threshold, log.id, log.t)
