"""What the supergraph calls each directive of federation that it has: what the subgraphs that use it call it.

They have to agree, since nothing in the supergraph says which subgraph a use is from.
"""

from collections.abc import Sequence

from router.composition.errors import Report, subgraph_list
from router.composition.model import SubgraphSchema
from router.composition.specifications import JOIN_DIRECTIVES, MERGED_DIRECTIVES


def name_directives(subgraphs: Sequence[SubgraphSchema], *, report: Report) -> dict[str, str]:
    """Return local name by canonical name, of the directives whose name was changed by an import."""
    used_by: dict[str, dict[str, list[str]]] = {}
    for subgraph in subgraphs:
        for canonical in {applied.name for _, element in subgraph.elements() for applied in element.directives}:
            if canonical in MERGED_DIRECTIVES or canonical in JOIN_DIRECTIVES:
                local = subgraph.local_names[canonical]
                used_by.setdefault(canonical, {}).setdefault(local, []).append(subgraph.name)
    for canonical, names in sorted(used_by.items()):
        if len(names) > 1:
            listed = ", ".join(f"@{local} in {subgraph_list(users)}" for local, users in names.items())
            report.error(
                "LINK_IMPORT_NAME_MISMATCH",
                f"@{canonical} has different names: {listed}. Import it under the same name in every subgraph that"
                " uses it.",
                subgraphs=[user for users in names.values() for user in users],
            )
    return {canonical: next(iter(names)) for canonical, names in used_by.items() if canonical not in names}
