"""Input objects: only the fields that every subgraph understands."""

from router.composition.errors import Report, subgraph_list
from router.composition.merge.merge_inputs import InputCodes, merge_input
from router.composition.merged_model import MergedSchema
from router.composition.model import Kind

_CODES = InputCodes(
    noun="input field",
    missing="REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
    type_mismatch="FIELD_TYPE_MISMATCH",
    default_mismatch="INPUT_FIELD_DEFAULT_MISMATCH",
    dropped_hint="INCONSISTENT_INPUT_OBJECT_FIELD",
)


def merge_input_objects(schema: MergedSchema, *, report: Report) -> None:
    """Fill the fields of every input object."""
    for name, merged in schema.types.items():
        if merged.kind is not Kind.INPUT:
            continue
        sources = schema.sources(name)
        subgraphs = [subgraph for subgraph, _ in sources]
        for field in dict.fromkeys(field for _, definition in sources for field in definition.inputs):
            declared = [
                (subgraph, definition.inputs[field]) for subgraph, definition in sources if field in definition.inputs
            ]
            value = merge_input(f"{name}.{field}", declared, declared_in=subgraphs, codes=_CODES, report=report)
            if value is not None:
                merged.inputs[field] = value
        if not set.intersection(*(set(definition.inputs) for _, definition in sources)):
            names = [subgraph.name for subgraph in subgraphs]
            report.error(
                "EMPTY_MERGED_INPUT_TYPE",
                f'The input "{name}" has no field that all of {subgraph_list(names)} have, so nothing is left of it.'
                " Give it a common field, or rename one of them.",
                subgraphs=names,
            )
