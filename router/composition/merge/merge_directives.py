"""Directives that reach the supergraph: tags, visibility, deprecation, authorisation, cost, and those of subgraphs.

Each of federation's has its own way of combining what several subgraphs say; the table at the end lists them. Those
that subgraphs define themselves and have composed are kept as they are.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product

from graphql import NullValueNode, ValueNode, parse_value, print_ast

from router.composition.errors import Report
from router.composition.model import AppliedDirective, Element, own_name
from router.composition.specifications import JOIN_DIRECTIVES

_OWN = own_name("")

Uses = Sequence[AppliedDirective]


def merge_directives(
    coordinate: str, sources: Sequence[tuple[str, Element]], *, report: Report
) -> list[AppliedDirective]:
    """Return the directives of an element in the supergraph, in the order of their names.

    Args:
        coordinate: The element, as messages call it.
        sources: Its declarations, each with the graph that it is from.
    """
    present = sorted({use.name for _, element in sources for use in element.directives})
    merged: list[AppliedDirective] = []
    for name in present:
        uses = [use for _, element in sources for use in element.all_applied(name)]
        if name in JOIN_DIRECTIVES:
            merged += _join(name, sources)
        elif name.startswith(_OWN):
            merged += (_merge_every if uses[0].is_repeatable else _merge_once)(coordinate, uses, report)
        elif name in _RULES:
            merged += _RULES[name](coordinate, uses, report)
    return merged


def merge_uses(name: str, coordinate: str, uses: Uses, *, report: Report) -> list[AppliedDirective]:
    """Return what several uses of one of federation's directives come to."""
    return _RULES[name](coordinate, uses, report)


def _join(name: str, sources: Sequence[tuple[str, Element]]) -> list[AppliedDirective]:
    """A directive that says something about each subgraph by itself: every use, with the graphs that have it."""
    graphs: dict[str, list[str]] = {}
    for graph, element in sources:
        for use in element.all_applied(name):
            graphs.setdefault(use.arguments_text(), []).append(graph)
    return [
        AppliedDirective(
            "join__directive",
            {
                "graphs": parse_value(f"[{', '.join(graphs[text])}]", no_location=True),
                "name": _value(JOIN_DIRECTIVES[name]),
                "args": parse_value(f"{{{text}}}", no_location=True),
            },
        )
        for text in sorted(graphs)
    ]


def _merge_once(coordinate: str, uses: Uses, report: Report) -> list[AppliedDirective]:
    """One use; of different arguments the most frequent."""
    counts = Counter(use.arguments_text() for use in uses)
    if len(counts) > 1:
        report.hint(
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f'"{coordinate}" has @{uses[0].name} with {len(counts)} different arguments; the most frequent ones are'
            " used.",
        )
    chosen = counts.most_common(1)[0][0]
    return [next(use for use in uses if use.arguments_text() == chosen)]


def _merge_every(_coordinate: str, uses: Uses, _report: Report) -> list[AppliedDirective]:
    """Every different use once, in the order of their arguments."""
    distinct = {use.arguments_text(): use for use in uses}
    return [distinct[text] for text in sorted(distinct)]


def _merge_requirements(argument: str) -> Callable[[str, Uses, Report], list[AppliedDirective]]:
    """Alternatives of sets: a client has to satisfy what every subgraph asks for."""

    def merge(coordinate: str, uses: Uses, report: Report) -> list[AppliedDirective]:
        _hint_combined(coordinate, uses, report)
        asked = {use.alternatives(argument) for use in uses}
        combined = {frozenset().union(*choice) for choice in product(*asked)}
        minimal = [group for group in combined if not any(other < group for other in combined)]
        texts = sorted(sorted(group) for group in minimal)
        return [AppliedDirective(uses[0].name, {argument: _value(texts)})]

    return merge


def _hint_combined(coordinate: str, uses: Uses, report: Report) -> None:
    if len({use.arguments_text() for use in uses}) > 1:
        report.hint(
            "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f'"{coordinate}" has @{uses[0].name} with different arguments; the supergraph combines them.',
        )


def _merge_cost(coordinate: str, uses: Uses, report: Report) -> list[AppliedDirective]:
    """The highest weight."""
    _hint_combined(coordinate, uses, report)
    return [max(uses, key=lambda use: int(str(use.untyped("weight"))))]


def _merge_list_size(coordinate: str, uses: Uses, report: Report) -> list[AppliedDirective]:
    """Per argument: the largest size, every slicing argument and sized field, one argument only if all ask for it."""
    _hint_combined(coordinate, uses, report)
    merged: dict[str, ValueNode] = {}
    for use in uses:
        given = {name: value for name, value in use.arguments.items() if not isinstance(value, NullValueNode)}
        for name, value in given.items():
            merged[name] = _combine_list_size(name, merged[name], value) if name in merged else value
    for name in ("slicingArguments", "sizedFields"):
        if name in merged:
            merged[name] = _value(list(dict.fromkeys(text for use in uses for text in use.texts(name))))
    return [AppliedDirective("listSize", merged)]


def _combine_list_size(name: str, first: ValueNode, second: ValueNode) -> ValueNode:
    if name == "assumedSize":
        return max(first, second, key=lambda value: int(print_ast(value)))
    return first if name == "requireOneSlicingArgument" and print_ast(first) == "false" else second


def _value(plain: object) -> ValueNode:
    # Lists of strings and numbers are written alike in JSON and in GraphQL.
    return parse_value(json.dumps(plain), no_location=True)


_RULES: dict[str, Callable[[str, Uses, Report], list[AppliedDirective]]] = {
    "authenticated": _merge_once,
    "cost": _merge_cost,
    "deprecated": _merge_once,
    "inaccessible": _merge_once,
    "listSize": _merge_list_size,
    "oneOf": _merge_once,
    "policy": _merge_requirements("policies"),
    "requiresScopes": _merge_requirements("scopes"),
    "specifiedBy": _merge_once,
    "tag": _merge_every,
}
