"""What the conditions of one catalogue may refer to; a name that is not among these is a fault with its line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.rules.combinations import Defined
from apps.rules.reading import Node
from apps.rules.values import Limit, Value


@dataclass(slots=True)
class Words:
    """What conditions may refer to."""

    items: frozenset[str]
    signs: frozenset[str]
    values: Mapping[str, Value]
    limits: Mapping[str, Limit]
    risks: frozenset[str]
    confounders: frozenset[str]
    defined: dict[str, Defined] = field(default_factory=dict)
    bits: Mapping[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def bit(self, code: str) -> int:
        return self.bits[code]

    def limit(self, node: Node, key: str) -> Limit:
        name = node.get(key)
        if not isinstance(name, str):
            raise node.error(f"“{key}” must name a value of the catalogue, not {name!r}", key)
        self.used.add(name)
        if name in self.limits:
            return self.limits[name]
        if name in self.values:
            return Limit(name=name, adult=self.values[name].value, value_name=name)
        raise node.error(f"no value is called “{name}”", key)

    def number(self, node: Node, key: str) -> float:
        limit = self.limit(node, key)
        if not limit.is_fixed:
            raise node.error(f"“{limit.name}” depends on the person and cannot stand here", key)
        return limit.adult
