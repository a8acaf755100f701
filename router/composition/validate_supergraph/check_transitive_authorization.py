"""A field that reads other fields by `@requires` asks at least for the authorisation that they ask for.

Otherwise a client could get at protected data through what is computed from it.
"""

from collections.abc import Iterable, Iterator

from router.composition.errors import Report, subgraph_list
from router.composition.field_sets import SelectedField, parse_field_set, selected_fields
from router.composition.model import Element, MergedSchema, OutputField, SubgraphSchema
from router.composition.type_text import named_type

Groups = frozenset[frozenset[str]]
_NO_DEMAND: Groups = frozenset([frozenset()])
_GROUPED = {"requiresScopes": "scopes", "policy": "policies"}


def check_transitive_authorization(schema: MergedSchema, *, report: Report) -> None:
    """Check every requirement of every subgraph."""
    for subgraph in schema.subgraphs:
        for definition in subgraph.types.values():
            for field in definition.fields.values():
                if field.uses("requires"):
                    _check(definition.name, field, subgraph, schema, report)


def _check(owner: str, field: OutputField, subgraph: SubgraphSchema, schema: MergedSchema, report: Report) -> None:
    applied = field.applied("requires")
    fields = "" if applied is None else applied.text("fields") or ""
    own = list(_elements(owner, field.name, schema))
    own.append(schema.types[owner])
    for selected in selected_fields(parse_field_set(fields), of=owner, schema=subgraph):
        for read in _read_elements(selected, subgraph, schema):
            if not _covers(own, read):
                report.error(
                    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                    f'"{owner}.{field.name}" in {subgraph_list([subgraph.name])} requires'
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
            asked = applied.untyped(_GROUPED[directive])
            groups = [frozenset(map(str, group)) for group in asked] if isinstance(asked, list) else []
            combined = frozenset(have | more for have in combined for more in groups)
    return combined


def _demands(read: Element) -> str:
    asked = [applied for applied in read.directives if applied.name in ("authenticated", *_GROUPED)]
    return " and ".join(map(str, asked))
