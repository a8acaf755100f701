"""Makes a failing case small: drops what can go while the case still fails, first of the operation, then of the SDL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    parse,
    print_ast,
)

from tests.conformance.case import Difference, Operation, World
from tests.conformance.invented_data import Faults

_ATTEMPTS = 3000


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that failed, with what it takes to see it again.

    Attributes:
        seed: Of the data.
        origin: Seed of the supergraph in the sweep that found it.
    """

    seed: int
    subgraphs: Mapping[str, str]
    faults: Faults
    difference: Difference
    origin: int = 0


async def minimised(failure: Failure) -> Failure:
    """Return a smaller case that fails too."""
    search = _Search(failure)
    await search.inline_fragments()
    while await search.shrink_operation() or await search.shrink_subgraphs():
        pass
    return replace(failure, subgraphs=search.subgraphs, difference=search.difference)


def printed(case: Failure) -> str:
    """Return the case for the eye."""
    parts = [f"# {name}\n{sdl}" for name, sdl in case.subgraphs.items()]
    return "\n".join([*parts, f"data seed {case.seed}, {case.faults}", str(case.difference)])


class _Search:
    def __init__(self, failure: Failure) -> None:
        self._seed = failure.seed
        self._faults = failure.faults
        self._left = _ATTEMPTS
        self.subgraphs = dict(failure.subgraphs)
        self.difference = failure.difference

    async def inline_fragments(self) -> None:
        """Put the body of each named fragment where it is spread, if the case still fails then."""
        world = World(self.subgraphs, seed=self._seed, faults=self._faults)
        try:
            document = inlined(parse(self.difference.operation.text, no_location=True))
            text = " ".join(print_ast(document).split())
            found = await self._failure(world, Operation(text, self.difference.operation.variables))
            if found is not None:
                self.difference = found
        finally:
            world.close()

    async def shrink_operation(self) -> bool:
        """Drop parts of the operation; returns whether any could go."""
        world = World(self.subgraphs, seed=self._seed, faults=self._faults)

        async def attempt(document: DocumentNode) -> bool:
            text = " ".join(print_ast(_without_unused(document)).split())
            found = await self._failure(world, Operation(text, self.difference.operation.variables))
            if found is None:
                return False
            self.difference = found
            return True

        try:
            return await _shrink(lambda: parse(self.difference.operation.text, no_location=True), attempt)
        finally:
            world.close()

    async def shrink_subgraphs(self) -> bool:
        """Drop parts of the subgraphs; returns whether any could go."""
        shrunk = False
        for name in list(self.subgraphs):
            attempt = partial(self._try_subgraph, name)
            shrunk |= await attempt(DocumentNode(definitions=()))
            if name in self.subgraphs:
                shrunk |= await _shrink(lambda name=name: parse(self.subgraphs[name], no_location=True), attempt)  # type: ignore[misc]  # mypy cannot infer a default of a lambda
        return shrunk

    async def _try_subgraph(self, name: str, document: DocumentNode) -> bool:
        self._left -= 1
        if self._left < 0:
            return False
        subgraphs = {**self.subgraphs, name: print_ast(document)}
        if not document.definitions:
            del subgraphs[name]
        try:
            world = World(subgraphs, seed=self._seed, faults=self._faults)
        except Exception:  # noqa: BLE001 - what does not compose is no case
            return False
        try:
            found = await self._failure(world, self.difference.operation)
        finally:
            world.close()
        if found is None:
            return False
        self.subgraphs, self.difference = subgraphs, found
        return True

    async def _failure(self, world: World, operation: Operation) -> Difference | None:
        try:
            return await world.difference(operation)
        except Exception:  # noqa: BLE001 - a case that cannot be judged does not fail
            return None


async def _shrink(read: Callable[[], DocumentNode], attempt: Callable[[DocumentNode], Awaitable[bool]]) -> bool:
    """Try each smaller document once, going on with what worked; returns whether any did."""
    shrunk, place = False, 0
    smaller = list(variants(read()))
    while place < len(smaller):
        if await attempt(smaller[place]):
            shrunk = True
            smaller = list(variants(read()))
        else:
            place += 1
    return shrunk


def variants(node: Any) -> Iterator[Any]:
    """Yield copies of a syntax tree that each lack one part; not all of them are valid."""
    if isinstance(node, EnumTypeDefinitionNode | SchemaExtensionNode):
        return  # the data know the values; without its link a subgraph would be one of Federation 1
    for name in node.keys:
        value = getattr(node, name, None)
        if isinstance(value, Node):
            for smaller in variants(value):
                yield _replaced(node, name, smaller)
            continue
        if not isinstance(value, tuple | list):
            continue
        for index, item in enumerate(value):
            rest = (*value[:index], *value[index + 1 :])
            if isinstance(item, SchemaExtensionNode):
                continue
            if rest or not isinstance(node, SelectionSetNode):
                yield _replaced(node, name, rest)
            below: Any = getattr(item, "selection_set", None)
            if isinstance(node, SelectionSetNode) and item.kind == "inline_fragment":
                yield _replaced(node, name, (*value[:index], *below.selections, *value[index + 1 :]))
            for smaller in variants(item):
                yield _replaced(node, name, (*value[:index], smaller, *value[index + 1 :]))


def _replaced(node: Any, name: str, value: Any) -> Any:
    parts = {key: getattr(node, key) for key in node.keys if hasattr(node, key)}
    parts[name] = value
    return type(node)(**parts)


def _without_unused(document: DocumentNode) -> DocumentNode:
    """Drop variables and fragments that nothing uses any more."""
    while True:
        text = print_ast(document)
        kept: list[Any] = []
        for node in document.definitions:
            if isinstance(node, FragmentDefinitionNode) and text.count(f"...{node.name.value}") == 0:
                continue
            if isinstance(node, OperationDefinitionNode):
                used = tuple(
                    definition
                    for definition in node.variable_definitions or ()
                    if text.count(f"${definition.variable.name.value}") > 1
                )
                kept.append(_replaced(node, "variable_definitions", used))
                continue
            kept.append(node)
        smaller = DocumentNode(definitions=tuple(kept))
        if print_ast(smaller) == text:
            return smaller
        document = smaller


def inlined(document: DocumentNode) -> DocumentNode:
    """Return the document with the body of each named fragment where it is spread."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}

    def inline(node: Any) -> Any:
        if isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            return InlineFragmentNode(
                type_condition=fragment.type_condition,
                directives=node.directives,
                selection_set=inline(fragment.selection_set),
            )
        if isinstance(node, SelectionSetNode):
            return SelectionSetNode(selections=tuple(inline(item) for item in node.selections))
        below = getattr(node, "selection_set", None)
        return node if below is None else _replaced(node, "selection_set", inline(below))

    return DocumentNode(
        definitions=tuple(inline(node) for node in document.definitions if isinstance(node, OperationDefinitionNode))
    )
