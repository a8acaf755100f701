"""Translates paths in the response tree to paths that the client knows.

Runs only when there are errors, so it reads the operation instead of being compiled.
"""

from collections.abc import Callable, Iterable, Iterator

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from router.execution.operation_tree import OperationTree
from router.execution.response_errors import ResponsePath
from router.planning.plan import Rename

_MAX_KNOWN = 1_000


class ClientPaths:
    """Knows the response keys of one operation.

    Args:
        read: Returns the operation, when it is needed.
        renames: Of its plan.
    """

    def __init__(self, read: Callable[[], OperationTree], renames: Iterable[Rename]) -> None:
        self._read = read
        self._tree: OperationTree | None = None
        # A list of hundreds of items that lack the same field asks the same question hundreds of times.
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._client_keys = {(rename.path, rename.internal_key): rename.key for rename in renames}

    def translate(self, path: ResponsePath) -> ResponsePath:
        """Return `path` with the client's keys, cut where it enters something that the client did not ask for."""
        client_keys = iter(self._client_keys_of(tuple(key for key in path if isinstance(key, str))))
        translated: list[str | int] = []
        for key in path:
            if isinstance(key, int):
                translated.append(key)
                continue
            client_key = next(client_keys, None)
            if client_key is None:
                break
            translated.append(client_key)
        return tuple(translated)

    def _client_keys_of(self, internal: tuple[str, ...]) -> tuple[str, ...]:
        """Return the client's keys along a path; fewer, if it leads out of the operation."""
        known = self._known.get(internal)
        if known is None:
            if len(self._known) >= _MAX_KNOWN:  # only a subgraph that makes up paths gets here
                self._known.clear()
            known = self._known[internal] = self._find(internal)
        return known

    def _find(self, internal: tuple[str, ...]) -> tuple[str, ...]:
        if self._tree is None:
            self._tree = self._read()
        found: list[str] = []
        selection_sets = [self._tree.operation.selection_set]
        for depth, key in enumerate(internal):
            client_key = self._client_keys.get((internal[:depth], key), key)
            nodes = [node for node in self._fields(selection_sets, set()) if _response_key(node) == client_key]
            if not nodes:
                break
            found.append(client_key)
            selection_sets = [node.selection_set for node in nodes if node.selection_set is not None]
        return tuple(found)

    def _fields(self, selection_sets: Iterable[SelectionSetNode], visited: set[str]) -> Iterator[FieldNode]:
        for selection_set in selection_sets:
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    yield selection
                elif isinstance(selection, InlineFragmentNode):
                    yield from self._fields([selection.selection_set], visited)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
                    visited.add(selection.name.value)
                    assert self._tree is not None
                    yield from self._fields([self._tree.fragments[selection.name.value].selection_set], visited)


def _response_key(node: FieldNode) -> str:
    return (node.alias or node.name).value
