"""Bounds on what an operation may ask, checked on the document before the costly steps.

Counts go through fragments, each use counting anew, because that is what planning and projection will meet; the sums
are memoised per fragment, so a document of nested fragments is counted in one pass however much it expands to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from router.execution import refusals
from router.execution.refusals import RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The greatest allowed counts; a count equal to its limit is allowed."""

    max_tokens: int = 10_000
    max_depth: int = 20
    max_aliases: int = 100
    max_root_fields: int = 50
    max_selections: int = 5_000


_Counts = tuple[int, int, int, int]
"""Levels, aliases, selections and fields of the uppermost level."""

_NONE: _Counts = (0, 0, 0, 0)


def check_limits(document: DocumentNode, limits: Limits) -> None:
    """Refuse a parsed, not yet validated document with an operation beyond the limits.
    Raises:
        RefusedError: With the code of the first limit that is passed.
    """
    counter = _Counter(
        {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
    )
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            _compare(counter.selection_set(definition.selection_set), limits)


def _compare(counts: _Counts, limits: Limits) -> None:
    depth, aliases, selections, root_fields = counts
    for code, what, count, limit in (
        (refusals.TOO_DEEP, "levels deep", depth, limits.max_depth),
        (refusals.TOO_MANY_ALIASES, "aliases", aliases, limits.max_aliases),
        (refusals.TOO_MANY_ROOT_FIELDS, "root fields", root_fields, limits.max_root_fields),
        (refusals.TOO_MANY_SELECTIONS, "selections", selections, limits.max_selections),
    ):
        if count > limit:
            raise RefusedError(code, f"The operation has {count} {what}; {limit} are allowed.")


class _Counter:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._of_fragment: dict[str, _Counts] = {}

    def selection_set(self, node: SelectionSetNode) -> _Counts:
        depth = aliases = root_fields = 0
        selections = len(node.selections)
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                root_fields += 1
                aliases += selection.alias is not None
                inner = self.selection_set(selection.selection_set) if selection.selection_set is not None else _NONE
                depth = max(depth, inner[0] + 1)
            else:
                if isinstance(selection, InlineFragmentNode):
                    inner = self.selection_set(selection.selection_set)
                else:
                    assert isinstance(selection, FragmentSpreadNode)
                    inner = self._fragment(selection.name.value)
                depth = max(depth, inner[0])
                root_fields += inner[3]
            aliases += inner[1]
            selections += inner[2]
        return depth, aliases, selections, root_fields

    def _fragment(self, name: str) -> _Counts:
        known = self._of_fragment.get(name)
        if known is not None:
            return known
        # Also ends a cycle, which validation refuses later.
        self._of_fragment[name] = _NONE
        definition = self._fragments.get(name)
        if definition is None:
            return _NONE
        counts = self._of_fragment[name] = self.selection_set(definition.selection_set)
        return counts
