"""A composed directive stands where its definition in the supergraph lets it.

That definition is of one subgraph, and what is an object in a subgraph may be an interface in the supergraph.
"""

from collections.abc import Iterator

from router.composition.errors import Report
from router.composition.merged_model import MergedSchema
from router.composition.model import Element, Kind, own_name

_LOCATIONS = {
    Kind.SCALAR: "SCALAR",
    Kind.OBJECT: "OBJECT",
    Kind.INTERFACE: "INTERFACE",
    Kind.UNION: "UNION",
    Kind.ENUM: "ENUM",
    Kind.INPUT: "INPUT_OBJECT",
}


def check_composed_directives(schema: MergedSchema, *, report: Report) -> None:
    """Check every use of a directive of the subgraphs' own."""
    if not schema.composed:
        return
    for coordinate, location, element in _places(schema):
        for composed in schema.composed.values():
            if not element.uses(own_name(composed.name)):
                continue
            allowed = [place.value for place in composed.node.locations]
            if location not in allowed:
                report.error(
                    "INVALID_GRAPHQL",
                    f'"{coordinate}" has @{composed.name} in the supergraph, where it stands on {location}; by its'
                    f" definition it may stand on {', '.join(allowed)}. Add the place to the definition in every"
                    " subgraph.",
                )


def _places(schema: MergedSchema) -> Iterator[tuple[str, str, Element]]:
    yield "schema", "SCHEMA", Element("schema", directives=schema.directives)
    for name, merged in schema.types.items():
        yield name, _LOCATIONS[merged.kind], merged
        for field in merged.fields.values():
            yield f"{name}.{field.name}", "FIELD_DEFINITION", field
            for argument in field.arguments.values():
                yield f"{name}.{field.name}({argument.name}:)", "ARGUMENT_DEFINITION", argument
        for value in merged.inputs.values():
            yield f"{name}.{value.name}", "INPUT_FIELD_DEFINITION", value
        for item in merged.values.values():
            yield f"{name}.{item.name}", "ENUM_VALUE", item
