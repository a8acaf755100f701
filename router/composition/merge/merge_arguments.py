"""Arguments: only those that every subgraph that resolves the field, or has the directive, understands."""

from collections.abc import Mapping, Sequence

from router.composition.errors import Report, subgraph_list
from router.composition.merge.merge_inputs import InputCodes, merge_input
from router.composition.merged_model import MergedInput
from router.composition.model import InputValue, SubgraphSchema

Sources = Sequence[tuple[SubgraphSchema, Mapping[str, InputValue]]]

_CODES = InputCodes(
    noun="argument",
    missing="REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
    type_mismatch="FIELD_ARGUMENT_TYPE_MISMATCH",
    default_mismatch="FIELD_ARGUMENT_DEFAULT_MISMATCH",
    dropped_hint="INCONSISTENT_ARGUMENT_PRESENCE",
)


def merge_arguments(coordinate: str, sources: Sources, *, report: Report) -> dict[str, MergedInput]:
    """Return the arguments of a field or directive in the supergraph."""
    merged: dict[str, MergedInput] = {}
    sources = _without_contextual(coordinate, sources, report)
    subgraphs = [subgraph for subgraph, _ in sources]
    for name in dict.fromkeys(name for _, arguments in sources for name in arguments):
        declared = [(subgraph, arguments[name]) for subgraph, arguments in sources if name in arguments]
        value = merge_input(f"{coordinate}({name}:)", declared, declared_in=subgraphs, codes=_CODES, report=report)
        if value is not None:
            value.joins = []  # an argument takes part wherever its field does
            merged[name] = value
    return merged


def _without_contextual(coordinate: str, sources: Sources, report: Report) -> Sources:
    """Leave out the arguments that some subgraph takes from a context: no client gives them."""
    contextual = {
        name: argument for _, given in sources for name, argument in given.items() if argument.uses("fromContext")
    }
    if not contextual:
        return sources
    for subgraph, given in sources:
        for name in given.keys() & contextual.keys():
            if not given[name].uses("fromContext"):
                _report_ordinary(f"{coordinate}({name}:)", given[name], sources, subgraph, report)
    return [
        (subgraph, {name: argument for name, argument in given.items() if name not in contextual})
        for subgraph, given in sources
    ]


def _report_ordinary(
    coordinate: str, argument: InputValue, sources: Sources, subgraph: SubgraphSchema, report: Report
) -> None:
    taking = [
        other.name for other, given in sources if argument.name in given and given[argument.name].uses("fromContext")
    ]
    if argument.is_required:
        report.error(
            "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
            f'The argument "{coordinate}" takes its value from a context in {subgraph_list(taking)}, so that no client'
            f" gives it, but is required in {subgraph_list([subgraph.name])}. Make it optional there, or put"
            " @fromContext on it.",
            subgraphs=[*taking, subgraph.name],
        )
    else:
        report.hint(
            "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
            f'The argument "{coordinate}" is left out of the supergraph, because it takes its value from a context in'
            f" {subgraph_list(taking)}; {subgraph_list([subgraph.name])} never gets it.",
        )
