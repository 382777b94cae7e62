"""Conditions made of conditions: all, any, not, count, and those with a name."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.rules.conditions import Compare, Condition, masked_test
from apps.rules.values import Limit


@dataclass(frozen=True, slots=True)
class All(Condition):
    of: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        return self.of

    @property
    def true(self) -> str:
        return "(" + " and ".join(part.true for part in self.of) + ")"

    @property
    def maybe(self) -> str:
        return "(" + " and ".join(part.maybe for part in self.of) + ")"


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    of: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        return self.of

    @property
    def true(self) -> str:
        return self._joined(maybe=False)

    @property
    def maybe(self) -> str:
        return self._joined(maybe=True)

    def _joined(self, *, maybe: bool) -> str:
        """Items that ask for the same grade are tested together and first, being the cheapest."""
        alike: dict[int, list[Compare]] = {}
        others: list[str] = []
        for part in self.of:
            if isinstance(part, Compare) and part.quantity.kind == "item" and part.grade:
                alike.setdefault(part.grade, []).append(part)
            else:
                others.append(part.maybe if maybe else part.true)
        tests = [masked_test(parts, maybe=maybe) for parts in alike.values()] + others
        return "(" + " or ".join(tests) + ")"


@dataclass(frozen=True, slots=True)
class Not(Condition):
    of: Condition

    @property
    def parts(self) -> tuple[Condition, ...]:
        return (self.of,)

    @property
    def true(self) -> str:
        return f"(not {self.of.maybe})"

    @property
    def maybe(self) -> str:
        return f"(not {self.of.true})"


@dataclass(frozen=True, slots=True)
class CountOf(Condition):
    """At least so many of the parts. It fires as soon as the known ones reach the count."""

    at_least: Limit
    of: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        return self.of

    @property
    def true(self) -> str:
        return self._counted(part.true for part in self.of)

    @property
    def maybe(self) -> str:
        return self._counted(part.maybe for part in self.of)

    def _counted(self, tests: Iterable[str]) -> str:
        return "(" + " + ".join(f"(1 if {test} else 0)" for test in tests) + f" >= {self.at_least.adult!r})"


@dataclass(frozen=True, slots=True)
class Defined(Condition):
    """A condition with a name, decided once for each evaluation and shared by rules."""

    name: str
    label: str
    of: Condition

    @property
    def parts(self) -> tuple[Condition, ...]:
        return (self.of,)

    @property
    def true(self) -> str:
        return f"d_{self.name}"

    @property
    def maybe(self) -> str:
        return f"m_{self.name}"
