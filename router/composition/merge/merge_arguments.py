"""Arguments of a field: only those that every subgraph that resolves the field understands."""

from collections.abc import Sequence

from router.composition.errors import Report
from router.composition.merge.field_sources import FieldSource
from router.composition.merge.merge_inputs import InputCodes, merge_input
from router.composition.model import MergedInput

_CODES = InputCodes(
    noun="argument",
    missing="REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
    type_mismatch="FIELD_ARGUMENT_TYPE_MISMATCH",
    default_mismatch="FIELD_ARGUMENT_DEFAULT_MISMATCH",
    dropped_hint="INCONSISTENT_ARGUMENT_PRESENCE",
)


def merge_arguments(coordinate: str, sources: Sequence[FieldSource], *, report: Report) -> dict[str, MergedInput]:
    """Return the arguments of a field in the supergraph."""
    merged: dict[str, MergedInput] = {}
    subgraphs = [source.subgraph for source in sources]
    for name in dict.fromkeys(name for source in sources for name in source.field.arguments):
        declared = [
            (source.subgraph, source.field.arguments[name]) for source in sources if name in source.field.arguments
        ]
        value = merge_input(f"{coordinate}({name}:)", declared, declared_in=subgraphs, codes=_CODES, report=report)
        if value is not None:
            value.joins = []  # an argument takes part wherever its field does
            merged[name] = value
    return merged
