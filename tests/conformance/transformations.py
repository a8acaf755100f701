"""Ways to write an operation differently that leave what it asks for the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    NameNode,
    SelectionSetNode,
    parse,
    print_ast,
)

PREFIX = "z_"

_Change = Callable[[SelectionSetNode], SelectionSetNode]


def alias_every_field(text: str) -> str:
    """Return the operation with `z_` before every response key."""

    def change(selections: SelectionSetNode) -> SelectionSetNode:
        return SelectionSetNode(selections=tuple(_aliased(node) for node in selections.selections))

    return _changed(text, change)


def wrap_in_fragments(text: str) -> str:
    """Return the operation with every selection in an inline fragment of its own."""

    def change(selections: SelectionSetNode) -> SelectionSetNode:
        wrapped = (InlineFragmentNode(directives=(), selection_set=_set(node)) for node in selections.selections)
        return SelectionSetNode(selections=tuple(wrapped))

    return _changed(text, change)


def split_selections(text: str) -> str:
    """Return the operation with `f { a b }` written as `f { a } f { b }`."""

    def change(selections: SelectionSetNode) -> SelectionSetNode:
        return SelectionSetNode(selections=tuple(part for node in selections.selections for part in _split(node)))

    return _changed(text, change)


def say_twice(text: str) -> str:
    """Return the operation with every selection set written twice, so that all of it has to be merged again."""

    def change(selections: SelectionSetNode) -> SelectionSetNode:
        return SelectionSetNode(selections=(*selections.selections, *selections.selections))

    return _changed(text, change)


def with_prefixed_keys(data: Any) -> Any:
    """Return data as `alias_every_field` makes them."""
    if isinstance(data, dict):
        return {PREFIX + key: with_prefixed_keys(value) for key, value in data.items()}
    return [with_prefixed_keys(item) for item in data] if isinstance(data, list) else data


def _changed(text: str, change: _Change) -> str:
    document = parse(text, no_location=True)
    nodes = tuple(_changed_below(node, change) for node in document.definitions)
    return " ".join(print_ast(DocumentNode(definitions=nodes)).split())


def _changed_below(node: Any, change: _Change) -> Any:
    below = getattr(node, "selection_set", None)
    if below is None:
        return node
    changed = SelectionSetNode(selections=tuple(_changed_below(inner, change) for inner in below.selections))
    return _with(node, selection_set=change(changed))


def _aliased(node: Any) -> Any:
    if not isinstance(node, FieldNode):
        return node
    key = node.alias.value if node.alias else node.name.value
    return _with(node, alias=NameNode(value=PREFIX + key))


def _split(node: Any) -> list[Any]:
    if not isinstance(node, FieldNode) or node.selection_set is None:
        return [node]
    return [_with(node, selection_set=_set(inner)) for inner in node.selection_set.selections]


def _set(node: Any) -> SelectionSetNode:
    return SelectionSetNode(selections=(node,))


def _with(node: Any, **parts: Any) -> Any:
    kept = {name: getattr(node, name) for name in node.keys if hasattr(node, name)}
    return type(node)(**{**kept, **parts})
