"""Works out what the rules ask of a subgraph again and again: implementations, keys, key fields, used fields.

Runs on what is valid; a field set that is not is left out here and named by the check that owns it.
"""

from router.composition.contexts import (
    ContextualArgument,
    contextual_arguments,
    parse_context_selection,
    selected_in_context,
    setters,
)
from router.composition.field_sets import (
    FieldSetError,
    SelectedField,
    implementations_of_selected,
    parse_field_set,
    selected_fields,
)
from router.composition.model import Key, Kind, SubgraphSchema
from router.composition.type_text import named_type


def index_subgraph(schema: SubgraphSchema) -> None:
    """Fill the derived tables of a subgraph."""
    schema.implementations = _implementations(schema)
    schema.keys = {}
    schema.key_fields = set()
    schema.used_fields = set()
    schema.provided_fields = set()
    for name in schema.types:
        _index_keys(name, schema)
    for name, definition in schema.types.items():
        for field in definition.fields.values():
            for directive, of in (("requires", name), ("provides", named_type(field.type))):
                applied = field.applied(directive)
                if applied is not None:
                    fields = applied.text("fields")
                    schema.used_fields |= _named(fields, of=of, schema=schema)
                    if directive == "provides":
                        schema.provided_fields |= _coordinates(fields, of=of, schema=schema)
    for argument in contextual_arguments(schema):
        schema.used_fields |= _coordinates_in_context(argument, schema)
    schema.used_fields |= schema.key_fields


def _coordinates_in_context(argument: ContextualArgument, schema: SubgraphSchema) -> set[tuple[str, str]]:
    """Return where the fields are that an argument takes from the types that set its context."""
    if argument.context is None:
        return set()
    found: set[tuple[str, str]] = set()
    for setter in setters(argument.context, schema):
        try:
            selection = parse_context_selection(argument.selection_text)
            selected = list(selected_in_context(selection, of=setter.name, schema=schema))
        except FieldSetError:
            continue
        found |= {coordinate for field in selected for coordinate in _everywhere(field, schema)}
    return found


def _implementations(schema: SubgraphSchema) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, definition in schema.types.items():
        if definition.kind is Kind.OBJECT:
            for interface in definition.interfaces:
                found.setdefault(interface, []).append(name)
    return found


def _index_keys(name: str, schema: SubgraphSchema) -> None:
    for applied in schema.types[name].all_applied("key"):
        fields = applied.text("fields")
        coordinates = _coordinates(fields, of=name, schema=schema)
        if fields is not None and coordinates:
            key = Key(fields, parse_field_set(fields), applied.flag("resolvable", default=True))
            schema.keys.setdefault(name, []).append(key)
            schema.key_fields |= coordinates


def _coordinates(fields: str | None, *, of: str, schema: SubgraphSchema) -> set[tuple[str, str]]:
    """Return where the fields of a set are, on interfaces and on their implementations; empty for an invalid set."""
    try:
        selected = [] if fields is None else list(selected_fields(parse_field_set(fields), of=of, schema=schema))
    except FieldSetError:
        return set()
    return {coordinate for field in selected for coordinate in _everywhere(field, schema)}


def _named(fields: str | None, *, of: str, schema: SubgraphSchema) -> set[tuple[str, str]]:
    """Return where the fields of a set are, of an invalid set as far as it can be read: what it names is no mistake."""
    found: set[tuple[str, str]] = set()
    try:
        for field in () if fields is None else selected_fields(parse_field_set(fields), of=of, schema=schema):
            found.update(_everywhere(field, schema))
    except FieldSetError:
        pass
    return found


def _everywhere(selected: SelectedField, schema: SubgraphSchema) -> list[tuple[str, str]]:
    return [selected.coordinate, *implementations_of_selected(selected, schema)]
