"""A shared field of an abstract type: the subgraphs that answer it agree on which objects it may return.

Whichever of them the router asks, the client expects the same object.
"""

from collections.abc import Mapping

from router.composition.errors import Report, name_list, subgraph_list
from router.composition.satisfiability.moves import Moves, Positions


def check_shared_runtime_types(moves: Moves, shared: Mapping[tuple[str, str], Positions], *, report: Report) -> None:
    """Compare the runtime types of each shared field: none in common is an error, some in common a hint."""
    for (owner, field), values in shared.items():
        types_by_subgraph = _types_by_subgraph(moves, owner, field, values)
        distinct = set(types_by_subgraph.values())
        if len(distinct) < 2:
            continue
        listed = ", ".join(
            f"{name_list(sorted(names)) or 'nothing'} in {subgraph_list([subgraph])}"
            for subgraph, names in types_by_subgraph.items()
        )
        if frozenset.intersection(*distinct):
            report.hint(
                "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
                f'"{owner}.{field}" is shared, but its value may be {listed}.',
            )
        else:
            report.error(
                "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
                f'"{owner}.{field}" is shared, but its value may be {listed}: nothing in common. A shared field returns'
                " the same object from every subgraph; give the types a common one, or the fields different names.",
                subgraphs=types_by_subgraph,
            )


def have_common_types(moves: Moves, owner: str, field: str, values: Positions) -> bool:
    """Whether the subgraphs that answer a field can return the same object."""
    found = _types_by_subgraph(moves, owner, field, values).values()
    return not found or bool(frozenset.intersection(*found)) or not any(found)


def _types_by_subgraph(moves: Moves, owner: str, field: str, values: Positions) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for value in sorted(values, key=lambda at: at.subgraph):
        # A subgraph that returns one type throughout has settled the question for itself.
        if moves.is_abstract(value):
            names = moves.runtime_types(value, owner, field)
            found[value.subgraph] = found.get(value.subgraph, frozenset()) | names
    return found
