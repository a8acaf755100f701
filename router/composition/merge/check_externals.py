"""A copy of a field (`@external`) has to look like the field that it copies."""

from collections.abc import Sequence

from router.composition.errors import Report, subgraph_list
from router.composition.merge.field_sources import FieldSource
from router.composition.merge.merge_types import is_output_subtype, merge_input_types
from router.composition.merged_model import MergedField, MergedInput, MergedSchema
from router.composition.model import InputValue, own_name

# Directives that say what clients may see of a field: the copy has no say in it. Nor in those that are composed.
_OWNERS_DIRECTIVES = (
    *("tag", "inaccessible", "deprecated", "authenticated", "requiresScopes", "policy", "cost", "listSize"),
)


def check_externals(
    coordinate: str, merged: MergedField, sources: Sequence[FieldSource], *, schema: MergedSchema, report: Report
) -> None:
    """Compare every copy of a field with the merged field.

    Where the subgraphs that resolve the field have different types, a copy may be of a narrower one than the merged
    type: it may be a copy of what one of them has.
    """
    types_differ = len({source.field.type for source in sources if not source.is_external}) > 1
    for copy in sources:
        if not copy.is_external:
            continue
        names = [copy.subgraph.name]
        is_narrower = types_differ and is_output_subtype(copy.field.type, merged.type, schema)
        if copy.field.type != merged.type and not is_narrower:
            report.error(
                "EXTERNAL_TYPE_MISMATCH",
                f'"{coordinate}" is of type {merged.type}, but its @external copy in {subgraph_list(names)} of type'
                f" {copy.field.type}. Give the copy the type of the field.",
                subgraphs=names,
            )
        for directive in (*_OWNERS_DIRECTIVES, *map(own_name, schema.composed)):
            if copy.field.uses(directive):
                name = directive.removeprefix(own_name(""))
                report.error(
                    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                    f'"{coordinate}" in {subgraph_list(names)} has @{name} on an @external copy. Put it on the'
                    " field where it is resolved.",
                    subgraphs=names,
                )
        for argument in merged.arguments.values():
            _check_argument(coordinate, argument, copy, report)


def _check_argument(coordinate: str, argument: MergedInput, copy: FieldSource, report: Report) -> None:
    own = copy.field.arguments.get(argument.name)
    code, problem = _problem(argument, own)
    if code is not None:
        names = [copy.subgraph.name]
        report.error(
            code,
            f'The argument "{coordinate}({argument.name}:)" {problem} in the @external copy in {subgraph_list(names)}.'
            " Give the copy the arguments of the field.",
            subgraphs=names,
        )


def _problem(argument: MergedInput, own: InputValue | None) -> tuple[str | None, str]:
    if own is None:
        return "EXTERNAL_ARGUMENT_MISSING", "is missing"
    if merge_input_types([argument.type, own.type]) != argument.type:
        return "EXTERNAL_ARGUMENT_TYPE_MISMATCH", f"is of type {argument.type}, but of type {own.type}"
    if own.default_text != argument.default_text:
        return (
            "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
            f"has the default {argument.default_text or 'none'}, but {own.default_text or 'none'}",
        )
    return None, ""
