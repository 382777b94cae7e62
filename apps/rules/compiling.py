"""All rules of a catalogue turned into one Python function, once per version.

Deciding is then a few hundred comparisons of local names. The source comes only from conditions, whose
codes were checked to be plain words when the catalogue was read.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Any

from apps.rules.combinations import Defined
from apps.rules.conditions import (
    AnsweredAs,
    Compare,
    Condition,
    Differs,
    Event,
    NotMeasured,
    Quantity,
    Risk,
    Twice,
)
from apps.rules.grade_masks import MASKS
from apps.rules.known_facts import KNOWN_FACTS

if TYPE_CHECKING:
    from apps.rules.context import Context

_ENDS = (("x", "high"), ("n", "low"))
_SHARED = ("supply", "score", "news2")
_LATE = re.compile(r"[a-z]_\w+")
_NAME = re.compile(r"\b[a-z]\w*")
Decide = Callable[["Context"], tuple[list[int], int, tuple[bool, ...]]]
"""Places of rules that fire, a bit for the place of every rule that stays open, and for every definition in the
order of `definition_names` whether it is surely so and whether it is possibly so."""


def rules_source(conditions: Sequence[Condition], *, undecided: bool) -> list[str]:
    """The lines of a function that decides all conditions."""
    body = ["fired = []", "stay_open = 0"]
    for place, condition in enumerate(conditions):
        body.append(f"if {condition.true}: fired.append({place})")
        if undecided and condition.maybe != condition.true:
            body.append(f"elif {condition.maybe}: stay_open |= {1 << place}")
    states = [f"d_{name}, m_{name}" for name in definition_names(conditions)] if undecided else []
    body.append(f"return fired, stay_open, ({''.join(state + ', ' for state in states)})")
    return [*_prelude(conditions), *_definitions(conditions), *body]


def function_of(source: Sequence[str]) -> Decide:
    """What `rules_source` gives, or a shorter version of it, as a function."""
    start = source.index("fired = []")
    decide: Decide = _function("decide", _late(_needed(list(source[:start]), list(source[start:]))))
    return decide


def _late(lines: list[str]) -> list[str]:
    """What is read in one place only is worked out there, mostly behind something that settles it before."""
    text = "\n".join(lines)
    times = Counter(_NAME.findall(text))
    waiting: dict[str, str] = {}

    def put_in(found: re.Match[str]) -> str:
        return waiting.get(found[0], found[0])

    left = []
    for line in lines:
        name, _, expression = line.partition(" = ")
        if _LATE.fullmatch(name) and times[name] == 2 and f"'{name}'" not in text:
            waiting[name] = f"({_NAME.sub(put_in, expression)})"
        else:
            left.append(_NAME.sub(put_in, line))
    return left


def _needed(assignments: list[str], body: list[str]) -> list[str]:
    """The assignments whose names are read further down, and the body: nothing is worked out for nobody."""
    wanted = set(_NAME.findall(" ".join(body)))
    kept: list[str] = []
    for line in reversed(assignments):
        names, expression = line.split(" = ", 1)
        if wanted & set(_NAME.findall(names)):
            wanted |= set(_NAME.findall(expression))
            kept.append(line)
    return [*reversed(kept), *body]


_Truth = Callable[["Context"], tuple[bool, bool]]
# By identity: hashing a deep condition costs more than deciding it. The condition is kept, so that its
# identity is not given to another one.
_compiled: dict[int, tuple[Condition, _Truth]] = {}


def compile_one(condition: Condition) -> _Truth:
    """(surely so, possibly so) of one condition; used to explain what fired."""
    found = _compiled.get(id(condition))
    if found is None:
        found = _compiled[id(condition)] = (condition, _compile_one(condition))
    return found[1]


def _compile_one(condition: Condition) -> _Truth:
    assignments = [*_prelude([condition]), *_definitions([condition])]
    body = [f"return bool({condition.true}), bool({condition.maybe})"]
    function: _Truth = _function("truth", _late(_needed(assignments, body)))
    return function


def compile_finder(condition: Condition, body: list[str]) -> Any:
    """A function over a context whose `body` tests any parts of the condition."""
    return _function("find", _late(_needed([*_prelude([condition]), *_definitions([condition])], body)))


def truth(condition: Condition, context: "Context") -> bool | None:
    """Three-valued answer of one condition."""
    surely, possibly = compile_one(condition)(context)
    return True if surely else (None if possibly else False)


_read: dict[str, Callable[["Context"], float]] = {}


def read_expression(expression: str, context: "Context") -> float:
    """The number behind a quantity, by the same expression that decides it."""
    if expression not in _read:
        _read[expression] = _function("read", [f"return float({expression})"])
    return _read[expression](context)


def _function(name: str, body: Iterable[str]) -> Any:
    source = f"def {name}(c):\n" + "\n".join(f"    {line}" for text in body for line in text.split("\n"))
    space: dict[str, Any] = {"NAN": nan}
    exec(compile(source, f"<{name} from catalogue>", "exec"), space)  # noqa: S102
    return space[name]


@dataclass(slots=True)
class _Looked:
    """What a set of conditions looks at."""

    items: set[str] = field(default_factory=set)
    signs: set[str] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    limits: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    extremes: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)

    def add(self, part: Condition) -> None:
        if isinstance(part, Compare) and not part.grade:
            self._add_quantity(part.quantity)
        if isinstance(part, (Compare, Twice)) and not part.limit.is_fixed:
            self.limits.add(part.limit.name)
        if isinstance(part, (Twice, NotMeasured)):
            self.signs.add(part.sign)
        if isinstance(part, Twice):
            self.extremes.add(part.sign)
        elif isinstance(part, Differs):
            self.kept.add(part.kept)
        elif isinstance(part, Event):
            self.sources.add("kinds = c.kinds")
        elif isinstance(part, Risk):
            self.sources |= {"risks = c.risks", "confounders = c.confounders"}
        elif isinstance(part, AnsweredAs):
            self.sources.add("reasons = c.reasons")

    def _add_quantity(self, quantity: Quantity) -> None:
        if quantity.kind == "fact":
            fact = KNOWN_FACTS[quantity.name]
            self.facts.update({fact.never_above} if fact.never_above else ())
            self.facts.update(() if fact.asked_late else {quantity.name})
            return
        if quantity.is_kept:
            self.kept.add(quantity.kept)
        if quantity.kind == "item":
            self.items.add(quantity.name)
        elif quantity.kind not in ("base", "rise"):
            self.signs.add(quantity.name)


def _prelude(conditions: Iterable[Condition]) -> list[str]:
    """Load into local names what the conditions look at."""
    looked = _Looked()
    for part in all_parts(conditions):
        looked.add(part)
    lines = sorted(looked.sources)
    lines += ["latest = c.latest.get", "limits = c.limits", f"{MASKS} = c.grades"]
    lines += ["unknown = ~known", *[f"m{grade} = g{grade} | unknown" for grade in (1, 2, 3, 4)]]
    if looked.items:
        lines.append("best = c.best.get")
        lines += [f"i_{code} = best({code!r}, NAN)" for code in sorted(looked.items)]
    lines += [f"v_{sign} = latest({sign!r}, NAN)" for sign in sorted(looked.signs)]
    lines += ["several = len(c.measured) > 1", "only_patient = c.only_patient"]
    for sign in sorted(looked.extremes):
        again = f"several and v_{sign} == v_{sign}"
        lines += [f"{side}_{sign} = c.{how}est({sign!r}) if {again} else v_{sign}" for side, how in _ENDS]
    lines += sorted(looked.kept)
    for name in sorted(looked.facts):
        fact = KNOWN_FACTS[name]
        low, high = _once(fact.low, lines), _once(fact.high, lines)
        lines.append(f"f_{name} = {low}")
        lines.append(f"h_{name} = {high if high != low else f'f_{name}'}")
    lines += [f"l_{name} = limits[{name!r}]" for name in sorted(looked.limits)]
    return lines


def _once(expression: str, lines: list[str]) -> str:
    """The same with what several facts are read from under a local name, so that it is asked for once."""
    for name in _SHARED:
        if expression.startswith(f"c.{name}."):
            if f"{name} = c.{name}" not in lines:
                lines.append(f"{name} = c.{name}")
            return expression.removeprefix("c.")
    return expression


def definition_names(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """Names of the definitions that conditions are built on, sorted."""
    parts = all_parts(conditions)
    return tuple(sorted({part.name for part in parts if isinstance(part, Defined)}))


def _definitions(conditions: Iterable[Condition]) -> list[str]:
    """Named conditions, each decided once, those they are built on first."""
    lines: list[str] = []
    done: set[str] = set()

    def add(condition: Condition) -> None:
        for part in condition.parts:
            add(part)
        if isinstance(condition, Defined) and condition.name not in done:
            done.add(condition.name)
            name, of = condition.name, condition.of
            lines.append(f"d_{name} = True if {of.true} else False")
            known = of.maybe == of.true
            lines.append(
                f"m_{name} = d_{name}" if known else f"m_{name} = True if d_{name} or {of.maybe} else False"
            )

    for condition in conditions:
        add(condition)
    return lines


def all_parts(conditions: Iterable[Condition]) -> Iterable[Condition]:
    """Every part once; definitions shared by many rules are walked only the first time."""
    seen: set[int] = set()
    todo = list(conditions)
    while todo:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        todo.extend(part.parts)
