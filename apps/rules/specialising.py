"""The compiled rules once more, for one kind of log: what such logs never hold is left out.

Most logs of a site are the same form, answered by people of whom the same is on record. What is then known
before a single answer is looked at (which items were asked, which signs were measured, whether there is a pump,
which events are on record) decides most tests of a catalogue: no pump, no rule about pumps. This module works
those out once and leaves a shorter function with the same answers; test_specialising.py holds it to that.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import nan
from types import MappingProxyType
from typing import Any

from apps.rules.bands import Range

_COMPARED: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_MAYBE = {"m1": "g1", "m2": "g2", "m3": "g3", "m4": "g4"}
_MASKS = frozenset({*_MAYBE, *_MAYBE.values()})
_OPEN_RULES = "stay_open"
_OPEN_TOO = f"{_OPEN_RULES} |= "
_NONE_OPEN = f"{_OPEN_RULES} = 0"
_Known = tuple[bool, Any]
_OPEN: _Known = (False, None)


def specialise(
    body: Iterable[str], told: Mapping[str, Any], ranges: Mapping[str, Range] = MappingProxyType({})
) -> list[str]:
    """The lines of a compiled function with everything worked out that follows from `told`, local name -> value,
    and from `ranges`, local name -> between what it lies. `known`, the items with a grade, must be among the
    first: no grade mask ever holds more; nor any of `never`, items of which none has a grade above 0."""
    folder = _Folder({**told, "NAN": nan}, ranges)
    tree = ast.parse("\n".join(body))
    return _together([ast.unparse(line) for statement in tree.body for line in folder.statement(statement)])


def _together(lines: list[str]) -> list[str]:
    """What stays open whatever is answered, in one number."""
    always = [line for line in lines if line.startswith(_OPEN_TOO)]
    bits = sum(int(line.removeprefix(_OPEN_TOO)) for line in always)
    return [f"{_OPEN_RULES} = {bits}" if line == _NONE_OPEN else line for line in lines if line not in always]


class _Folder:
    """Expressions stand in places that ask only whether they hold, so a number may become True or False."""

    def __init__(self, told: dict[str, Any], ranges: Mapping[str, Range]) -> None:
        self._told = told
        self._ranges = ranges
        self._graded: int = told["known"]
        self._never: int = told.get("never", 0)

    def statement(self, line: ast.stmt) -> list[ast.stmt]:
        if isinstance(line, ast.If):
            return self._branch(line)
        if isinstance(line, ast.Assign):
            target = line.targets[0]
            if isinstance(target, ast.Name):
                if target.id == _OPEN_RULES:
                    # Added to further down: known only at the end.
                    return [line]
                if target.id in self._told:
                    if not isinstance(self._told[target.id], frozenset):
                        line.value = _constant(self._told[target.id])
                    return [line]
                line.value = self.fold(line.value)
                is_known, value = self._value(line.value)
                if is_known:
                    self._told[target.id] = value
        elif isinstance(line, ast.Return) and line.value is not None:
            line.value = self.fold(line.value)
        return [line]

    def _branch(self, line: ast.If) -> list[ast.stmt]:
        line.test = self.fold(line.test)
        is_known, value = self._value(line.test)
        rest = [one for other in line.orelse for one in self.statement(other)]
        if is_known:
            return line.body if value else rest
        line.orelse = rest
        return [line]

    def fold(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.BoolOp):
            return self._fold_junction(node)
        if isinstance(node, ast.UnaryOp):
            node.operand = self.fold(node.operand)
        elif isinstance(node, ast.IfExp):
            node.test, node.body, node.orelse = self.fold(node.test), self.fold(node.body), self.fold(node.orelse)
            is_known, value = self._value(node.test)
            if is_known:
                return node.body if value else node.orelse
        elif isinstance(node, ast.BinOp):
            return self._fold_arithmetic(node)
        elif isinstance(node, ast.Compare):
            node.left = self.fold(node.left)
            node.comparators = [self.fold(each) for each in node.comparators]
            if isinstance(node.left, ast.BinOp):
                return _fold_count(node)
        elif isinstance(node, ast.Tuple):
            node.elts = [self.fold(each) for each in node.elts]
        is_known, value = self._value(node)
        return _constant(value) if is_known else node

    def _named(self, node: ast.Name) -> ast.expr:
        """A set has no literal and keeps its name; what it holds is known all the same."""
        if node.id not in self._told or isinstance(self._told[node.id], frozenset):
            return node
        return _constant(self._told[node.id])

    def _fold_junction(self, node: ast.BoolOp) -> ast.expr:
        """Conditions have no side effects, so one that settles it settles it wherever it stands."""
        settles = isinstance(node.op, ast.Or)
        left = []
        for part in map(self.fold, node.values):
            is_known, value = self._value(part)
            if not is_known:
                left.append(part)
            elif bool(value) is settles:
                return ast.Constant(settles)
        if not left:
            return ast.Constant(not settles)
        node.values = left
        return left[0] if len(left) == 1 else node

    def _fold_arithmetic(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.BitAnd) and isinstance(node.left, ast.Name):
            mask, bits = node.left.id, node.right
            if isinstance(bits, ast.Constant) and isinstance(bits.value, int) and mask in _MASKS:
                return self._fold_mask(mask, bits.value)
        node.left, node.right = self.fold(node.left), self.fold(node.right)
        is_known, value = self._value(node)
        return _constant(value) if is_known else node

    def _fold_mask(self, mask: str, bits: int) -> ast.expr:
        if mask in _MAYBE and bits & ~self._graded:
            return ast.Constant(True)
        asked = bits & self._graded & ~self._never
        if not asked:
            return ast.Constant(False)
        surely = _MAYBE.get(mask, mask)
        if surely in self._told:
            return ast.Constant(self._told[surely] & asked)
        return ast.BinOp(ast.Name(surely), ast.BitAnd(), ast.Constant(asked))

    def _value(self, node: ast.expr) -> _Known:
        """(whether it is known, its value)."""
        if isinstance(node, ast.Constant):
            return True, node.value
        if isinstance(node, ast.Name):
            return (True, self._told[node.id]) if node.id in self._told else _OPEN
        if isinstance(node, ast.UnaryOp):
            is_known, value = self._value(node.operand)
            return (True, _unary(node.op, value)) if is_known else _OPEN
        if isinstance(node, ast.Compare):
            return self._value_of_comparison(node)
        if isinstance(node, ast.BinOp):
            return self._value_of_arithmetic(node)
        return _OPEN

    def _value_of_comparison(self, node: ast.Compare) -> _Known:
        if len(node.ops) != 1:
            return _OPEN
        (left_known, left), (right_known, right) = self._value(node.left), self._value(node.comparators[0])
        test = _COMPARED.get(type(node.ops[0]))
        if test is None:
            # "in" an empty set.
            empty = isinstance(node.ops[0], ast.In) and right_known and not right
            return (True, False) if empty else _OPEN
        if left_known and right_known:
            return True, test(left, right)
        if isinstance(node.left, ast.Name) and node.left.id in self._ranges:
            if right_known:
                return _within(self._ranges[node.left.id], test, right)
            if isinstance(node.comparators[0], ast.Name) and node.comparators[0].id == node.left.id:
                # Whether it is NaN: what lies in a range is a number.
                return True, test(0, 0)
        if (left_known and left != left) or (right_known and right != right):
            # Whatever the other is, a comparison with NaN is false, and "not equal" is true.
            return True, isinstance(node.ops[0], ast.NotEq)
        return _OPEN

    def _value_of_arithmetic(self, node: ast.BinOp) -> _Known:
        (left_known, left), (right_known, right) = self._value(node.left), self._value(node.right)
        if not (left_known and right_known):
            return _OPEN
        if isinstance(node.op, ast.BitAnd):
            return True, left & right
        if isinstance(node.op, ast.BitOr):
            return True, left | right
        return (True, left + right) if isinstance(node.op, ast.Add) else _OPEN


def _fold_count(node: ast.Compare) -> ast.expr:
    """How many of some conditions hold, compared with how many must: often so few are still open that none can
    matter, or that each of them alone, or all of them together, settle it."""
    terms = list(_terms(node.left))
    at_least = node.comparators[0]
    open_ones = [term for term in terms if isinstance(term, ast.IfExp)]
    held = [_number(term) for term in terms if isinstance(term, ast.Constant)]
    counts = len(open_ones) + len(held) == len(terms) and all(_is_one_or_none(term) for term in open_ones)
    if not (counts and isinstance(node.ops[0], ast.GtE) and isinstance(at_least, ast.Constant)):
        return node
    lacking = _number(at_least) - sum(held)
    if lacking <= 0:
        return ast.Constant(True)
    if lacking > len(open_ones):
        return ast.Constant(False)
    tests = [term.test for term in open_ones]
    if len(tests) == 1:
        return tests[0]
    if lacking == 1:
        return ast.BoolOp(ast.Or(), tests)
    return ast.BoolOp(ast.And(), tests) if lacking == len(tests) else node


def _number(node: ast.Constant) -> float:
    if not isinstance(node.value, int | float):
        raise TypeError(f"a count is compared with {node.value!r}")
    return node.value


def _terms(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _is_one_or_none(node: ast.IfExp) -> bool:
    values = [each.value for each in (node.body, node.orelse) if isinstance(each, ast.Constant)]
    return values == [1, 0]


def _within(values: Range, test: Callable[[Any, Any], bool], limit: float) -> _Known:
    """A comparison of what lies in a range. The ends of a range are left out of it."""
    above, below = values
    if above == below:
        return True, test(above, limit)
    if limit <= above:
        return True, test(1, 0)
    return (True, test(0, 1)) if limit >= below else _OPEN


def _unary(op: ast.unaryop, value: Any) -> Any:
    if isinstance(op, ast.Not):
        return not value
    return ~value if isinstance(op, ast.Invert) else -value


def _constant(value: Any) -> ast.expr:
    if isinstance(value, float) and value != value:
        return ast.Name("NAN")
    return ast.Constant(value)
