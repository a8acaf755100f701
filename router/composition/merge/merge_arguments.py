"""Arguments: only those that every subgraph that resolves the field, or has the directive, understands."""

from collections.abc import Mapping, Sequence

from router.composition.errors import Report
from router.composition.merge.merge_inputs import InputCodes, merge_input
from router.composition.model import InputValue, MergedInput, SubgraphSchema

_CODES = InputCodes(
    noun="argument",
    missing="REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
    type_mismatch="FIELD_ARGUMENT_TYPE_MISMATCH",
    default_mismatch="FIELD_ARGUMENT_DEFAULT_MISMATCH",
    dropped_hint="INCONSISTENT_ARGUMENT_PRESENCE",
)


def merge_arguments(
    coordinate: str, sources: Sequence[tuple[SubgraphSchema, Mapping[str, InputValue]]], *, report: Report
) -> dict[str, MergedInput]:
    """Return the arguments of a field or directive in the supergraph."""
    merged: dict[str, MergedInput] = {}
    subgraphs = [subgraph for subgraph, _ in sources]
    for name in dict.fromkeys(name for _, arguments in sources for name in arguments):
        declared = [(subgraph, arguments[name]) for subgraph, arguments in sources if name in arguments]
        value = merge_input(f"{coordinate}({name}:)", declared, declared_in=subgraphs, codes=_CODES, report=report)
        if value is not None:
            value.joins = []  # an argument takes part wherever its field does
            merged[name] = value
    return merged
