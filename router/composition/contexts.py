"""Contexts: `@context` names the objects that set one, `@fromContext` takes an argument's value from the nearest.

Parsing what `@fromContext` says, and finding who sets a context in one subgraph. What is allowed is said in
validate_subgraph/check_contexts.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphql import GraphQLSyntaxError, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from router.composition.field_sets import FieldSetError, SelectedField, selected_fields
from router.composition.merged_model import ContextArgument
from router.composition.model import InputValue, OutputField, SubgraphSchema, TypeDefinition

_VALUE = re.compile(r"^\s*\$\s*([A-Za-z_]\w*)(.*\S.*)$", flags=re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ContextualArgument:
    """An argument with `@fromContext`: where it stands, and what it says."""

    owner: TypeDefinition
    field: OutputField
    argument: InputValue
    text: str | None

    @property
    def coordinate(self) -> str:
        """The argument, as messages call it."""
        return f"{self.owner.name}.{self.field.name}({self.argument.name}:)"

    @property
    def context(self) -> str | None:
        """The name of the context; None when there is none, or nothing is selected."""
        found = _VALUE.match(self.text or "")
        return found[1] if found else None

    @property
    def selection_text(self) -> str:
        """What is selected of the object that sets the context, as it is written."""
        found = _VALUE.match(self.text or "")
        return found[2] if found else ""


def contextual_arguments(schema: SubgraphSchema) -> Iterator[ContextualArgument]:
    """Yield every argument of a subgraph's fields that takes its value from a context."""
    for definition in schema.types.values():
        for field in definition.fields.values():
            yield from contextual_arguments_of(definition, field)


def contextual_arguments_of(definition: TypeDefinition, field: OutputField) -> Iterator[ContextualArgument]:
    """Yield every argument of a field that takes its value from a context."""
    for argument in field.arguments.values():
        applied = argument.applied("fromContext")
        if applied is not None:
            yield ContextualArgument(definition, field, argument, applied.text("field"))


def setters(context: str, schema: SubgraphSchema) -> list[TypeDefinition]:
    """Return the types of a subgraph that set a context."""
    return [
        definition
        for definition in schema.types.values()
        if any(applied.text("name") == context for applied in definition.all_applied("context"))
    ]


def supergraph_name(context: str, schema: SubgraphSchema) -> str:
    """Return what the supergraph calls a subgraph's context."""
    return f"{schema.name}__{context}"


def join_arguments(
    definition: TypeDefinition, field: OutputField, schema: SubgraphSchema
) -> tuple[ContextArgument, ...]:
    """Return the contextual arguments of a field as the supergraph lists them."""
    if not field.arguments:
        return ()
    return tuple(
        ContextArgument(
            found.argument.name,
            found.argument.type,
            supergraph_name(found.context or "", schema),
            found.selection_text,
        )
        for found in contextual_arguments_of(definition, field)
    )


def selected_in_context(selection: SelectionSetNode, *, of: str, schema: SubgraphSchema) -> Iterator[SelectedField]:
    """Yield the fields that are selected of a type that sets a context; fragments on other types say nothing of it.

    Raises:
        FieldSetError: The rest is no valid selection of the type.
    """
    for node in selection.selections:
        condition = node.type_condition if isinstance(node, InlineFragmentNode) else None
        if condition is None or condition.name.value in schema.possible_types(of):
            yield from selected_fields(SelectionSetNode(selections=(node,)), of=of, schema=schema)


@lru_cache(maxsize=1024)
def parse_context_selection(text: str) -> SelectionSetNode:
    """Return the selection of a `@fromContext`, written with or without its braces.

    Raises:
        FieldSetError: It is no selection.
    """
    try:
        document = parse(text if text.strip().startswith("{") else f"{{{text}\n}}", no_location=True)
    except GraphQLSyntaxError as error:
        raise FieldSetError(f"it does not parse: {error.message}") from error
    definition = document.definitions[0]
    if len(document.definitions) != 1 or not isinstance(definition, OperationDefinitionNode):
        raise FieldSetError("it is more than one selection")
    return definition.selection_set
