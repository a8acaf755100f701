"""A field that reads others, by `@requires` or `@fromContext`, asks at least for the authorisation that they ask for.

Otherwise a client could get at protected data through what is computed from it.
"""

from collections.abc import Iterable, Iterator, Sequence

from router.composition.contexts import (
    contextual_arguments_of,
    parse_context_selection,
    selected_in_context,
    setters,
)
from router.composition.errors import Report, subgraph_list
from router.composition.field_sets import SelectedField, parse_field_set, selected_fields
from router.composition.merged_model import MergedSchema
from router.composition.model import Element, OutputField, SubgraphSchema, TypeDefinition
from router.composition.type_text import named_type

Groups = frozenset[frozenset[str]]
_NO_DEMAND: Groups = frozenset([frozenset()])
_GROUPED = {"requiresScopes": "scopes", "policy": "policies"}


def check_transitive_authorization(schema: MergedSchema, *, report: Report) -> None:
    """Check every requirement of every subgraph."""
    if not any(_demands(element) for element in schema.elements()):
        return
    for subgraph in schema.subgraphs:
        for definition in subgraph.types.values():
            for field in definition.fields.values():
                selected = [*_required(definition.name, field, subgraph), *_from_contexts(definition, field, subgraph)]
                if selected:
                    _check(definition.name, field, selected, subgraph, schema, report)
                _check_setters(definition, field, subgraph, schema, report)


def _required(owner: str, field: OutputField, subgraph: SubgraphSchema) -> Iterator[SelectedField]:
    applied = field.applied("requires")
    if applied is not None:
        yield from selected_fields(parse_field_set(applied.text("fields") or ""), of=owner, schema=subgraph)


def _from_contexts(definition: TypeDefinition, field: OutputField, subgraph: SubgraphSchema) -> Iterator[SelectedField]:
    for argument in contextual_arguments_of(definition, field):
        selection = parse_context_selection(argument.selection_text)
        for setter in setters(argument.context or "", subgraph):
            yield from selected_in_context(selection, of=setter.name, schema=subgraph)


def _check_setters(
    definition: TypeDefinition, field: OutputField, subgraph: SubgraphSchema, schema: MergedSchema, report: Report
) -> None:
    """Whoever may not see the object that sets a context may not see what is computed from it."""
    own = [*_elements(definition.name, field.name, schema), schema.types[definition.name]]
    for argument in contextual_arguments_of(definition, field):
        for setter in setters(argument.context or "", subgraph):
            if not _covers(own, schema.types[setter.name]):
                report.error(
                    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                    f'"{definition.name}.{field.name}" in {subgraph_list([subgraph.name])} takes a value from the'
                    f' context "{argument.context}" of "{setter.name}", which asks for'
                    f' {_demands(schema.types[setter.name])}. Ask for it on "{definition.name}.{field.name}" too.',
                    subgraphs=[subgraph.name],
                )


def _check(
    owner: str,
    field: OutputField,
    read_fields: Sequence[SelectedField],
    subgraph: SubgraphSchema,
    schema: MergedSchema,
    report: Report,
) -> None:
    own = list(_elements(owner, field.name, schema))
    own.append(schema.types[owner])
    for selected in read_fields:
        for read in _read_elements(selected, subgraph, schema):
            if not _covers(own, read):
                report.error(
                    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                    f'"{owner}.{field.name}" in {subgraph_list([subgraph.name])} reads'
                    f' "{selected.type_name}.{selected.field.name}", which asks for {_demands(read)}. Ask for it on'
                    f' "{owner}.{field.name}" too.',
                    subgraphs=[subgraph.name],
                )


def _elements(owner: str, field_name: str, schema: MergedSchema) -> Iterator[Element]:
    """Yield what a field's authorisation stands on: the field, and the type that it returns."""
    merged = schema.types.get(owner)
    field = None if merged is None else merged.fields.get(field_name)
    if field is not None:
        yield field
        returned = schema.types.get(named_type(field.type))
        if returned is not None:
            yield returned


def _read_elements(selected: SelectedField, subgraph: SubgraphSchema, schema: MergedSchema) -> Iterator[Element]:
    for name in dict.fromkeys([selected.type_name, *subgraph.possible_types(selected.type_name)]):
        yield from _elements(name, selected.field.name, schema)


def _covers(own: Iterable[Element], read: Element) -> bool:
    """Whether everyone who satisfies what stands on `own` also satisfies what stands on `read`."""
    elements = list(own)
    if read.uses("authenticated") and not any(element.uses("authenticated") for element in elements):
        return False
    return all(
        all(any(needed <= group for needed in _groups([read], name)) for group in _groups(elements, name))
        for name in _GROUPED
    )


def _groups(elements: Iterable[Element], directive: str) -> Groups:
    """Return the alternatives that satisfy all of the elements."""
    combined = _NO_DEMAND
    for element in elements:
        for applied in element.all_applied(directive):
            groups = applied.alternatives(_GROUPED[directive])
            combined = frozenset(have | more for have in combined for more in groups)
    return combined


def _demands(read: Element) -> str:
    asked = [applied for applied in read.directives if applied.name in ("authenticated", *_GROUPED)]
    return " and ".join(map(str, asked))
