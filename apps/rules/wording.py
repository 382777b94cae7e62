"""Conditions in plain words, as a ward pharmacist reads them in docs/rules.md."""

from math import isnan

from apps.rules.combinations import All, AnyOf, CountOf, Defined, Not
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
from apps.rules.contents import Catalogue
from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.values import Limit


def words(condition: Condition, catalogue: Catalogue) -> str:
    """One condition as a sentence part; nested parts stand in brackets."""
    if isinstance(condition, Defined):
        return f"**{condition.label}**"
    if isinstance(condition, Not):
        return f"not ({words(condition.of, catalogue)})"
    if isinstance(condition, (All, AnyOf)):
        joint = " and " if isinstance(condition, All) else " or "
        if isinstance(condition, AnyOf) and _alike(condition):
            return _any_item(condition, catalogue)
        return joint.join(_inside(part, catalogue) for part in condition.of)
    if isinstance(condition, CountOf):
        parts = "; ".join(words(part, catalogue) for part in condition.of)
        return f"at least {condition.at_least.adult:g} of: {parts}"
    return _leaf(condition, catalogue)


def _alike(condition: AnyOf) -> bool:
    """Whether all parts ask the same of different items."""
    parts = [part for part in condition.of if isinstance(part, Compare)]
    if len(parts) != len(condition.of) or any(part.quantity.kind not in ("item", "rise") for part in parts):
        return False
    asked = {(p.quantity.kind, p.op, p.limit.name, p.quantity.by, p.quantity.within) for p in parts}
    return len(asked) == 1 and len(parts) > 1


def _any_item(condition: AnyOf, catalogue: Catalogue) -> str:
    """“any of A, B, C at least 2” instead of the same words again and again."""
    parts = [part for part in condition.of if isinstance(part, Compare)]
    labels = [catalogue.symptoms[part.quantity.name].clinical_label for part in parts]
    rest = _item(parts[-1], catalogue).removeprefix(labels[-1])
    return f"any of {', '.join(labels)}{rest}"


def _inside(condition: Condition, catalogue: Catalogue) -> str:
    found = words(condition, catalogue)
    return f"({found})" if isinstance(condition, (All, AnyOf, CountOf)) else found


def _leaf(condition: Condition, catalogue: Catalogue) -> str:
    if isinstance(condition, Compare):
        return _compare(condition, catalogue)
    if isinstance(condition, Twice):
        sign = catalogue.vital_signs[condition.sign]
        bound = f"{WORDS[condition.op]} {_limit(condition.limit, catalogue, sign.unit)}"
        return f"{sign.label.lower()} {bound} on two readings {condition.apart.adult * 60:g} minutes apart"
    if isinstance(condition, Differs):
        items = _items(condition.items, catalogue)
        return f"{items} differs by {condition.by.adult:g} or more between two logs of 24 h"
    if isinstance(condition, TwoLogsRunning):
        return f"{_items(condition.items, catalogue)} newly {condition.limit.adult:g} or more on two logs running"
    if isinstance(condition, AnsweredAs):
        reasons = " or ".join(reason.replace("_", " ") for reason in condition.reasons)
        return f"an item of the last 24 h answered “{reasons}”"
    if isinstance(condition, NotMeasured):
        return f"{catalogue.vital_signs[condition.sign].label.lower()} not measured in 24 h"
    if isinstance(condition, Risk):
        names = catalogue.confounders if condition.confounder else catalogue.risk_factors
        return " or ".join(names[code] for code in condition.codes)
    if isinstance(condition, Event):
        return _event(condition)
    raise TypeError(f"no words for {type(condition).__name__}")


def _compare(condition: Compare, catalogue: Catalogue) -> str:
    quantity, op = condition.quantity, WORDS[condition.op]
    if quantity.kind == "fact":
        fact = KNOWN_FACTS[quantity.name]
        if fact.yes_no:
            return fact.label
        # A name such as NEWS2 stays as it is.
        label = fact.label if fact.label[:2].isupper() else f"{fact.label[0].lower()}{fact.label[1:]}"
        return f"{label} {op} {_limit(condition.limit, catalogue, fact.unit)}"
    if quantity.kind in ("item", "rise", "base"):
        return _item(condition, catalogue)
    sign = catalogue.vital_signs[quantity.name]
    label = sign.label.lower()
    unit = "%" if quantity.kind == "over_baseline" else sign.unit
    bound = f"{op} {_limit(condition.limit, catalogue, unit)}"
    by = _by(quantity)
    return {
        "vital": f"{label} {bound}{by}",
        "over_baseline": f"{label}{by} over the person's usual by {bound}",
        "above_baseline": f"{label} above the person's usual by {bound}",
        "swing": f"{label}{by} swings within 24 h by {bound}",
        "fall": f"{label} fell within 24 h by {bound}",
        "rise_6h": f"{label} rose within 6 h, same site, by {bound}",
    }[quantity.kind]


def _item(condition: Compare, catalogue: Catalogue) -> str:
    quantity = condition.quantity
    symptom = catalogue.symptoms[quantity.name]
    label = symptom.clinical_label
    by = _by(quantity)
    window = "" if quantity.within == 24.0 else f" within {quantity.within:g} h"
    if symptom.measure == "yes_no" and quantity.kind == "item":
        return f"{label}: yes{by}{window}"
    bound = f"{WORDS[condition.op]} {condition.limit.adult:g}"
    if quantity.kind == "rise":
        return f"{label} rose over the person's usual by {bound}"
    if quantity.kind == "base":
        return f"usually {bound}"
    return f"{label} {bound}{by}{window}"


def _by(quantity: Quantity) -> str:
    return f" by {' or '.join(sorted(quantity.by))}" if quantity.by else ""


def _items(codes: tuple[str, ...], catalogue: Catalogue) -> str:
    return " or ".join(catalogue.symptoms[code].clinical_label for code in codes)


def _limit(limit: Limit, catalogue: Catalogue, unit: str) -> str:
    suffix = f" {unit}" if unit else ""
    if limit.is_fixed:
        return f"{limit.adult:g}{suffix}"
    parts = [] if isnan(limit.adult) else [f"{limit.adult:g}{suffix}"]
    if limit.child is not None:
        times = f" × {limit.child.factor:g}" if limit.child.factor != 1 else ""
        parts.append(f"under 16: {limit.child.column.replace('_', ' ')}{times}")
    if limit.once_daily is not None:
        parts.append(f"once-daily plan: {limit.once_daily:g}{suffix}")
    if limit.low_baseline is not None:
        low = limit.low_baseline
        parts.append(
            f"spinal injury with a usual under {low.below:g}: usual − {low.minus:g}, at least {low.floor:g}"
        )
    return "; ".join(parts)


def _event(condition: Event) -> str:
    found = " or ".join(kind.replace("_", " ") for kind in condition.kinds)
    if condition.tones:
        found += f" ({' or '.join(tone.replace('_', ' ') for tone in condition.tones)})"
    if condition.ml_above is not None:
        found += f" above {condition.ml_above:g} mL"
    if condition.ml_at_most is not None:
        found += f" at most {condition.ml_at_most:g} mL"
    if condition.ml_unknown:
        found += " by an amount not told"
    if condition.unplanned:
        found += ", not planned"
    if condition.within is not None:
        found += f", within {condition.within:g} h"
    return found + (", not mended" if condition.still else "")
