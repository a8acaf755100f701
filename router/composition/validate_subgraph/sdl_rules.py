"""The GraphQL library's rules for SDL, shown fewer nodes than by the library: none is for names or descriptions.

Which rules there are, what they say and in which order is the library's business.
"""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import DocumentNode, GraphQLError, Visitor, visit
from graphql.language.ast import QUERY_DOCUMENT_KEYS
from graphql.language.visitor import EnterLeaveVisitor
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validation_context import SDLValidationContext

_WITHOUT_RULE = frozenset({"name", "description", "locations"})
_KEYS = {kind: tuple(key for key in keys if key not in _WITHOUT_RULE) for kind, keys in QUERY_DOCUMENT_KEYS.items()}


def broken_rules(document: DocumentNode) -> list[GraphQLError]:
    """Return what the rules say against a document."""
    errors: list[GraphQLError] = []
    context = SDLValidationContext(document, None, errors.append)
    visit(document, _Rules([rule(context) for rule in specified_sdl_rules]), _KEYS)
    return errors


class _Rules(Visitor):
    """Shows each node to the rules for its kind. A rule that wants to skip what is below a node has none for it."""

    def __init__(self, rules: Sequence[Visitor]) -> None:
        super().__init__()
        self._rules = rules

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        """Return what is called before and after a node."""
        known = self.enter_leave_map.get(kind)
        if known is None:
            of_kind = [rule.get_enter_leave_for_kind(kind) for rule in self._rules]
            known = self.enter_leave_map[kind] = EnterLeaveVisitor(
                _each([both.enter for both in of_kind if both.enter]),
                _each([both.leave for both in of_kind if both.leave]),
            )
        return known


def _each(functions: Sequence[Callable[..., object]]) -> Callable[..., None] | None:
    if not functions:
        return None

    def call(*arguments: Any) -> None:
        for function in functions:
            function(*arguments)

    return call
