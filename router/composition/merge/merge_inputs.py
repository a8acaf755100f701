"""What arguments and input fields share: type, default, description and directives of one input value."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import ValueNode

from router.composition.errors import Report, subgraph_list
from router.composition.merge.merge_descriptions import merge_descriptions
from router.composition.merge.merge_directives import merge_directives
from router.composition.merge.merge_types import merge_input_types
from router.composition.merged_model import JoinField, MergedInput
from router.composition.model import InputValue, SubgraphSchema

Sources = Sequence[tuple[SubgraphSchema, InputValue]]


@dataclass(frozen=True, slots=True)
class InputCodes:
    """The error codes of one sort of input value."""

    noun: str
    missing: str
    type_mismatch: str
    default_mismatch: str
    dropped_hint: str


def merge_input(
    coordinate: str, sources: Sources, *, declared_in: Sequence[SubgraphSchema], codes: InputCodes, report: Report
) -> MergedInput | None:
    """Return an input value of the supergraph.

    None when a subgraph of `declared_in` lacks it, which is an error only if another one requires it, and when the
    types do not agree.
    """
    names = [subgraph.name for subgraph, _ in sources]
    lacking = [subgraph.name for subgraph in declared_in if subgraph.name not in names]
    if lacking:
        _report_lacking(coordinate, sources, lacking, codes, report)
        return None
    merged_type = merge_input_types([value.type for _, value in sources])
    if merged_type is None:
        report.error(
            codes.type_mismatch,
            f'The {codes.noun} "{coordinate}" has types that no value fits in every subgraph: {_types(sources)}. Make'
            " them the same, `!` aside.",
            subgraphs=names,
        )
        return None
    elements = [(subgraph.graph, value) for subgraph, value in sources]
    differing = any(value.type != merged_type for _, value in sources)
    if differing:
        report.hint(
            "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE"
            if codes.noun == "argument"
            else "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            f'The {codes.noun} "{coordinate}" has compatible types: {_types(sources)}. The supergraph has'
            f" {merged_type}.",
        )
    return MergedInput(
        sources[0][1].name,
        merge_descriptions(coordinate, elements, report=report),
        merge_directives(coordinate, elements, report=report),
        type=merged_type,
        default=_merge_defaults(coordinate, sources, codes, report),
        joins=[JoinField(subgraph.graph, type=value.type) for subgraph, value in sources] if differing else [],
    )


def _types(sources: Sources) -> str:
    by_type: dict[str, list[str]] = {}
    for subgraph, value in sources:
        by_type.setdefault(value.type, []).append(subgraph.name)
    return ", ".join(f"{type_text} in {subgraph_list(names)}" for type_text, names in by_type.items())


def _report_lacking(coordinate: str, sources: Sources, lacking: list[str], codes: InputCodes, report: Report) -> None:
    requiring = [subgraph.name for subgraph, value in sources if value.is_required]
    if requiring:
        report.error(
            codes.missing,
            f'The {codes.noun} "{coordinate}" is required in {subgraph_list(requiring)}, but does not exist in'
            f" {subgraph_list(lacking)}, so no call could give it. Make it optional, or add it there.",
            subgraphs=[*requiring, *lacking],
        )
        return
    report.hint(
        codes.dropped_hint,
        f'The {codes.noun} "{coordinate}" is left out of the supergraph, because it does not exist in'
        f" {subgraph_list(lacking)}.",
    )


def _merge_defaults(coordinate: str, sources: Sources, codes: InputCodes, report: Report) -> ValueNode | None:
    by_text: dict[str, list[str]] = {}
    for subgraph, value in sources:
        if value.default_text is not None:
            by_text.setdefault(value.default_text, []).append(subgraph.name)
    if not by_text:
        return None
    if len(by_text) > 1:
        defaults = ", ".join(f"{text} in {subgraph_list(names)}" for text, names in by_text.items())
        report.error(
            codes.default_mismatch,
            f'The {codes.noun} "{coordinate}" has different defaults: {defaults}. Make them the same.',
            subgraphs=[subgraph.name for subgraph, _ in sources],
        )
        return None
    (names,) = by_text.values()
    if len(names) < len(sources):
        report.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            f'The {codes.noun} "{coordinate}" has a default in {subgraph_list(names)} only; the supergraph has none.',
        )
        return None
    return next(value.default for _, value in sources)
