"""Translates paths in the response tree to paths that the client knows.

Runs only when there are errors, so it reads the operation instead of being compiled.
"""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from router.execution.response_errors import ResponsePath
from router.planning.plan import Rename


class ClientPaths:
    """Knows the response keys of one operation."""

    def __init__(
        self,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        renames: Iterable[Rename],
    ) -> None:
        self._operation = operation
        self._fragments = fragments
        self._client_keys = {(rename.path, rename.internal_key): rename.key for rename in renames}

    def translate(self, path: ResponsePath) -> ResponsePath:
        """Return `path` with the client's keys, cut where it enters something that the client did not ask for."""
        translated: list[str | int] = []
        internal: tuple[str, ...] = ()
        selection_sets = [self._operation.selection_set]
        for key in path:
            if isinstance(key, int):
                translated.append(key)
                continue
            client_key = self._client_keys.get((internal, key), key)
            nodes = [node for node in self._fields(selection_sets, set()) if _response_key(node) == client_key]
            if not nodes:
                break
            translated.append(client_key)
            internal = (*internal, key)
            selection_sets = [node.selection_set for node in nodes if node.selection_set is not None]
        return tuple(translated)

    def _fields(self, selection_sets: Iterable[SelectionSetNode], visited: set[str]) -> Iterator[FieldNode]:
        for selection_set in selection_sets:
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    yield selection
                elif isinstance(selection, InlineFragmentNode):
                    yield from self._fields([selection.selection_set], visited)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
                    visited.add(selection.name.value)
                    yield from self._fields([self._fragments[selection.name.value].selection_set], visited)


def _response_key(node: FieldNode) -> str:
    return (node.alias or node.name).value
