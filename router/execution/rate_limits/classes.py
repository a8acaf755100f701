"""Classes of operations, told by their root fields, and what one operation is charged in each.

A class names its fields as `Mutation.login`, by a tag that they carry as `@admin`, or all of a root type as `Query.*`.
A field belongs to one class only: a name goes before a tag, and a tag before a whole type.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    parse,
)

from router.supergraph.type_facts import KINDS

TYPENAME = "__typename"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateClass:
    """A class and its limit.

    Attributes:
        name: Shown to who is refused.
        limit: Most units within the window.
        seconds: Length of the window, which slides.
        fields: What belongs to it; see the module.
        per_client: Counts by the client's address even for who is signed in: where being signed in proves nothing.
        per_request: Counts requests; otherwise root fields, so that aliases in one request count each.
    """

    name: str
    limit: int
    seconds: float
    fields: tuple[str, ...]
    per_client: bool = False
    per_request: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """What one operation is charged in a class."""

    rate_class: RateClass
    amount: int


class RateClasses:
    """The classes of one supergraph.

    Args:
        classes: In order of preference where a field would belong to several.
        sdl: Supergraph SDL, read for tags only.
    """

    def __init__(self, classes: Iterable[RateClass] = (), *, sdl: str = "") -> None:
        self._by_pattern: dict[str, RateClass] = {}
        for found in classes:
            for pattern in found.fields:
                self._by_pattern.setdefault(pattern, found)
        uses_tags = any(pattern.startswith("@") for pattern in self._by_pattern)
        self._tags = _tags_of_fields(sdl) if uses_tags else {}

    def charges(
        self, root_type: str, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> tuple[Charge, ...]:
        """Return what a valid operation is charged; nothing if none of its fields belongs to a class.

        Fields are counted as written, whatever `@skip` and `@include` would leave; those with the same response key
        are one field.
        """
        if not self._by_pattern:
            return ()
        asked = dict(_root_fields(operation.selection_set, fragments, set()))
        counts: Counter[RateClass] = Counter()
        for name in asked.values():
            found = self._class_of(root_type, name)
            if found is not None:
                counts[found] += 1
        return tuple(Charge(found, 1 if found.per_request else count) for found, count in counts.items())

    def _class_of(self, root_type: str, name: str) -> RateClass | None:
        coordinate = f"{root_type}.{name}"
        patterns = (coordinate, *(f"@{tag}" for tag in self._tags.get(coordinate, ())))
        if not name.startswith("__"):
            patterns += (f"{root_type}.*",)
        return next((self._by_pattern[pattern] for pattern in patterns if pattern in self._by_pattern), None)


def _root_fields(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield response key and name of each field at the root."""
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield (selection.alias or selection.name).value, selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            yield from _root_fields(selection.selection_set, fragments, seen)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            seen.add(selection.name.value)
            yield from _root_fields(fragments[selection.name.value].selection_set, fragments, seen)


def _tags_of_fields(sdl: str) -> dict[str, tuple[str, ...]]:
    """Return the `@tag` names of fields, by coordinate, of the types that have any."""
    if "@tag" not in sdl:
        return {}
    tags: dict[str, tuple[str, ...]] = {}
    for node in parse(sdl, no_location=True).definitions:
        if type(node) not in KINDS:
            continue
        for field in getattr(node, "fields", None) or ():
            names = tuple(
                argument.value.value
                for directive in field.directives or ()
                if directive.name.value == "tag"
                for argument in directive.arguments or ()
                if argument.name.value == "name" and isinstance(argument.value, StringValueNode)
            )
            if names:
                tags[f"{node.name.value}.{field.name.value}"] = names  # type: ignore[attr-defined]  # types have names
    return tags
