"""Field sets: the selections written as text in `@key`, `@requires` and `@provides`.

Parsing them, and walking one over a subgraph's types. What each directive allows in one is said in
validate_subgraph/.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
    print_ast,
)

from router.composition.model import COMPOSITE_KINDS, Kind, OutputField, SubgraphSchema
from router.composition.type_text import named_type


class FieldSetError(Exception):
    """A field set that does not parse or does not fit the type; the text says why."""


class MissingSelectionError(FieldSetError):
    """A field set that stops at an object, without saying which of its fields it means."""


@dataclass(frozen=True, slots=True)
class SelectedField:
    """A field met in a field set: where it is, and whether one of its parents in the set is external."""

    type_name: str
    node: FieldNode
    field: OutputField
    below_external: bool

    @property
    def coordinate(self) -> tuple[str, str]:
        """The type and the name of the field."""
        return self.type_name, self.field.name

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is selected below."""
        return self.node.selection_set is None


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> SelectionSetNode:
    """Return the selection that a field set stands for.

    Raises:
        FieldSetError: It is no selection, or it is empty.
    """
    try:
        # Newline: the text may end in a comment.
        document = parse(f"{{ {text}\n }}", no_location=True)
    except GraphQLSyntaxError as error:
        raise FieldSetError(f"it does not parse: {error.message}") from error
    if len(document.definitions) != 1 or not isinstance(document.definitions[0], OperationDefinitionNode):
        raise FieldSetError("it is more than one selection")
    selection = document.definitions[0].selection_set
    if not selection.selections:
        raise FieldSetError("it is empty")
    return selection


def canonical(selection: SelectionSetNode) -> frozenset[object]:
    """Return a selection as a value that does not depend on the order of its fields."""
    return frozenset(map(_canonical_node, selection.selections))


def _canonical_node(node: SelectionNode) -> tuple[str, frozenset[object]]:
    match node:
        case FieldNode():
            name = f"{node.alias.value}: {node.name.value}" if node.alias else node.name.value
            return name, canonical(node.selection_set) if node.selection_set else frozenset()
        case InlineFragmentNode():
            condition = node.type_condition.name.value if node.type_condition else ""
            return f"... {condition}", canonical(node.selection_set)
    return print_ast(node), frozenset()


def selected_fields(
    selection: SelectionSetNode, *, of: str, schema: SubgraphSchema, below_external: bool = False
) -> Iterator[SelectedField]:
    """Yield every field of a field set over the type `of`, parents first.

    Raises:
        FieldSetError: A field or type does not exist, a leaf has a selection, or a composite has none.
    """
    for node in selection.selections:
        match node:
            case FieldNode():
                yield from _selected_field(node, of=of, schema=schema, below_external=below_external)
            case InlineFragmentNode():
                condition = node.type_condition.name.value if node.type_condition else of
                check_type_condition(condition, schema=schema)
                yield from selected_fields(
                    node.selection_set, of=condition, schema=schema, below_external=below_external
                )
            case FragmentSpreadNode():
                raise FieldSetError(f"it spreads the fragment {node.name.value}; write an inline fragment")


def check_type_condition(condition: str, *, schema: SubgraphSchema) -> None:
    """Refuse a type condition that can have no selection.

    One that no value meets in this subgraph is harmless: what it selects is never asked for.

    Raises:
        FieldSetError: The type is unknown or not composite.
    """
    found = schema.types.get(condition)
    if found is None or found.kind not in COMPOSITE_KINDS:
        raise FieldSetError(f'it has a condition on "{condition}", which is no object, interface or union there')


def _selected_field(
    node: FieldNode, *, of: str, schema: SubgraphSchema, below_external: bool
) -> Iterator[SelectedField]:
    name = node.name.value
    if name == "__typename":
        return
    found = schema.field(of, name)
    if found is None:
        raise FieldSetError(f'it selects "{name}", but "{of}" has no such field')
    yield SelectedField(of, node, found, below_external)
    child = named_type(found.type)
    is_composite = child in schema.types and schema.types[child].kind in COMPOSITE_KINDS
    if node.selection_set is None:
        if is_composite:
            raise MissingSelectionError(f'it selects "{of}.{name}" without saying which fields of "{child}"')
    elif is_composite:
        below = below_external or found.uses("external")
        yield from selected_fields(node.selection_set, of=child, schema=schema, below_external=below)
    else:
        raise FieldSetError(f'it selects fields of "{of}.{name}", which is a leaf')
    _check_arguments(node, of=of, found=found)


def _check_arguments(node: FieldNode, *, of: str, found: OutputField) -> None:
    given = {argument.name.value for argument in node.arguments or ()}
    selects = f'it selects "{of}.{found.name}"'
    for name in sorted(given):
        if name not in found.arguments:
            raise FieldSetError(f'{selects} with the argument "{name}", which the field does not have')
    for argument in found.arguments.values():
        if argument.is_required and argument.name not in given:
            raise FieldSetError(f'{selects} without the argument "{argument.name}", which the field requires')


def implementations_of_selected(selected: SelectedField, schema: SubgraphSchema) -> Iterator[tuple[str, str]]:
    """Yield the field's coordinates on the implementations, when it was selected on an interface."""
    owner = schema.types[selected.type_name]
    if owner.kind is Kind.INTERFACE:
        for implementation in schema.possible_types(owner.name):
            if schema.field(implementation, selected.field.name):
                yield implementation, selected.field.name
