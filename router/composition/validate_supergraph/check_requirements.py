"""What a subgraph requires is still there after merging: an argument that some subgraph lacks is left out of a field.

The router asks for required fields where they are resolved, so only arguments that all of these have can be given, and
those that any of them requires have to be.
"""

from collections.abc import Iterator

from router.composition.errors import Report, subgraph_list
from router.composition.field_sets import SelectedField, parse_field_set, selected_fields
from router.composition.merged_model import MergedField, MergedSchema
from router.composition.model import OutputField, SubgraphSchema


def check_requirements(schema: MergedSchema, *, report: Report) -> None:
    """Compare the arguments in every requirement with those of the merged fields."""
    for subgraph in schema.subgraphs:
        for owner, definition in subgraph.types.items():
            for field in definition.fields.values():
                applied = field.applied("requires")
                if applied is None:
                    continue
                selection = parse_field_set(applied.text("fields") or "")
                for selected in selected_fields(selection, of=owner, schema=subgraph):
                    problem = _problem(selected, schema)
                    if problem is not None:
                        report.error(
                            "REQUIRES_INVALID_FIELDS",
                            f'{applied} on "{owner}.{field.name}" in {subgraph_list([subgraph.name])} {problem}',
                            subgraphs=[subgraph.name],
                        )


def _problem(selected: SelectedField, schema: MergedSchema) -> str | None:
    merged = schema.types[selected.type_name].fields.get(selected.field.name)
    if merged is None:
        return None
    coordinate = f'"{selected.type_name}.{selected.field.name}"'
    given = {argument.name.value for argument in selected.node.arguments or ()}
    for name in sorted(given - merged.arguments.keys()):
        lacking = [subgraph.name for subgraph, field in _declared(selected, schema) if name not in field.arguments]
        return (
            f'gives {coordinate} the argument "{name}", which is left out of the supergraph, because it does not exist'
            f" in {subgraph_list(lacking)}. Add it there, or do not give it."
        )
    for name in sorted(_required_of(merged) - given):
        asking = [
            subgraph.name
            for subgraph, field in _declared(selected, schema)
            if name in field.arguments and field.arguments[name].is_required
        ]
        return (
            f'does not give {coordinate} the argument "{name}", which is required in {subgraph_list(asking)}.'
            " Give it, or make it optional there."
        )
    return None


def _required_of(field: MergedField) -> set[str]:
    return {argument.name for argument in field.arguments.values() if argument.is_required}


def _declared(selected: SelectedField, schema: MergedSchema) -> Iterator[tuple[SubgraphSchema, OutputField]]:
    for subgraph, definition in schema.sources(selected.type_name):
        field = definition.fields.get(selected.field.name)
        if field is not None:
            yield subgraph, field
