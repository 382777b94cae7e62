"""YAML read into plain mappings that still know on which line each key stands.

PyYAML's own loader forgets lines and lets a repeated key overwrite the first one in silence; in a
catalogue that would be a rule lost without a word.
"""

from collections.abc import Collection
from typing import Any

import yaml

from apps.rules.errors import CatalogueError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node(dict[str, Any]):
    """A mapping that remembers its own line and the line of every key."""

    def __init__(self, where: str, line: int) -> None:
        super().__init__()
        self.where = where
        self.line = line
        self.lines: dict[str, int] = {}

    def error(self, cause: str, key: str | None = None) -> CatalogueError:
        line = self.lines.get(key, self.line) if key is not None else self.line
        return CatalogueError(cause, where=self.where, line=line)

    def expect(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Refuse keys that are missing and keys that nobody reads: a misspelt key is a lost rule."""
        for key in sorted(set(required) - self.keys()):
            raise self.error(f"“{key}” is missing")
        for key in self:
            if key not in required and key not in optional:
                raise self.error(f"unknown key “{key}”", key)

    def child(self, key: str) -> "Node":
        value = self.get(key)
        if not isinstance(value, Node):
            raise self.error(f"“{key}” must be a mapping", key)
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"“{key}” must be a text that is not empty", key)
        return value

    def optional_text(self, key: str) -> str | None:
        return None if self.get(key) is None else self.text(key)

    def number(self, key: str) -> float:
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.error(f"“{key}” must be a number", key)
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise self.error(f"“{key}” must be true or false", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of texts; absent is none."""
        value = self.get(key)
        if value is None:
            return ()
        found = value if isinstance(value, list) else [value]
        for each in found:
            if not isinstance(each, str):
                raise self.error(f"“{key}” must hold texts, not {each!r}", key)
        return tuple(found)

    def nodes(self, key: str) -> list["Node"]:
        value = self.get(key)
        if not isinstance(value, list) or not all(isinstance(each, Node) for each in value):
            raise self.error(f"“{key}” must be a list of mappings", key)
        return value


def read_document(text: str, where: str) -> Node:
    """Parse one YAML document whose top is a mapping."""
    try:
        loader = _Loader(text)
        try:
            top = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        cause = getattr(error, "problem", None) or "not readable as YAML"
        raise CatalogueError(str(cause), where=where, line=line) from error
    if not isinstance(top, yaml.MappingNode):
        raise CatalogueError("the document must be a mapping", where=where, line=1)
    return _mapping(top, where)


def _plain(node: yaml.Node, where: str) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, where) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, where)
    return yaml.SafeLoader("").construct_object(node)


def _mapping(node: yaml.MappingNode, where: str) -> Node:
    result = Node(where, node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise CatalogueError("a key must be a plain word", where=where, line=key_line)
        # Kept as written: YAML would turn the keys "yes" and "not" of other dialects into booleans.
        key = key_node.value
        if key in result:
            raise CatalogueError(f"“{key}” stands here twice", where=where, line=key_line)
        result[key] = _plain(value_node, where)
        result.lines[key] = key_line
    return result
