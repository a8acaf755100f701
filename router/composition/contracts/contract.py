"""Makes a contract: compose, filter, check again."""

from collections.abc import Collection, Sequence

from graphql import DocumentNode, GraphQLSyntaxError, parse, print_ast

from router.composition.compose import CompositionResult, compose
from router.composition.contracts.filter_by_tags import filter_by_tags
from router.composition.contracts.hide_unreachable_types import hide_unreachable_types
from router.composition.contracts.mark_inaccessible import mark_inaccessible
from router.composition.contracts.read_schema import SupergraphNames, read_names, read_schema
from router.composition.errors import Report
from router.composition.subgraph import Subgraph
from router.composition.validate_supergraph.check_inaccessible import check_inaccessible


def contract(
    source: Sequence[Subgraph] | str, *, include: Collection[str] = (), exclude: Collection[str] = ()
) -> CompositionResult:
    """Return the supergraph whose API is the part that tags select.

    With `include`, only fields of objects and interfaces, and unions, that have one of the tags are left; a tag on an
    object or interface counts for its fields. Whatever has a tag of `exclude` is left out in any case. Types of which
    nothing is left, and those that nothing visible leads to, go too. What is left has to make sense by itself, by the
    rules of `@inaccessible`: a visible field of a hidden type is an error.

    Args:
        source: Subgraphs to compose, or the SDL of a supergraph.
        include: Tags to keep; empty for everything.
        exclude: Tags to leave out.
    """
    composed = CompositionResult(source) if isinstance(source, str) else compose(source)
    if composed.errors:
        return composed
    report = Report(hints=list(composed.hints))
    read = _read(composed.supergraph_sdl, report)
    if read is None:
        return CompositionResult(errors=tuple(report.errors))
    document, names = read
    schema = read_schema(document, names)
    filter_by_tags(schema, include=frozenset(include), exclude=frozenset(exclude))
    hide_unreachable_types(schema)
    check_inaccessible(schema, report=report)
    if report.errors:
        return CompositionResult(errors=tuple(report.errors), hints=tuple(report.hints))
    return CompositionResult(print_ast(mark_inaccessible(document, schema, names)) + "\n", hints=tuple(report.hints))


def _read(text: str, report: Report) -> tuple[DocumentNode, SupergraphNames] | None:
    try:
        document = parse(text, no_location=True)
    except GraphQLSyntaxError as error:
        report.error("INVALID_FEDERATION_SUPERGRAPH", f"The supergraph does not parse: {error.message}")
        return None
    names = read_names(document, report=report)
    if names is None:
        report.error(
            "INVALID_FEDERATION_SUPERGRAPH",
            "This is no supergraph: its schema does not link the join specification. Compose the subgraphs first.",
        )
    return None if names is None else (document, names)
