"""`@composeDirective`: directives that subgraphs define themselves and want to see in the supergraph.

Such a directive has to be of a linked specification, the same one under the same name in every subgraph. The newest
version that a subgraph composes defines it. Uses of every other directive of a subgraph's own are dropped here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import DirectiveDefinitionNode

from router.composition.errors import Report, subgraph_list, subgraph_subject
from router.composition.linked_feature import LinkedFeature
from router.composition.merged_model import ComposedDirective
from router.composition.model import AppliedDirective, SubgraphSchema, own_name

_COMPOSED_ANYWAY = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context")
_ERROR = "DIRECTIVE_COMPOSITION_ERROR"


@dataclass(frozen=True, slots=True)
class _Wish:
    """A subgraph asks for a directive of a specification."""

    subgraph: SubgraphSchema
    name: str
    name_there: str
    feature: LinkedFeature


def compose_directives(subgraphs: Sequence[SubgraphSchema], *, report: Report) -> dict[str, ComposedDirective]:
    """Return the composed directives by name, and leave in the subgraphs only uses of those."""
    wishes = [wish for subgraph in subgraphs for wish in _wishes(subgraph, subgraphs, report)]
    by_name: dict[str, list[_Wish]] = {}
    for wish in wishes:
        by_name.setdefault(wish.name, []).append(wish)
    incompatible = _incompatible_features(wishes, subgraphs, report)
    composed: dict[str, ComposedDirective] = {}
    for name in sorted(by_name):
        if _agree(name, by_name[name], wishes, report) and by_name[name][0].feature.identity not in incompatible:
            directive = _newest(name, by_name[name], wishes, subgraphs, report)
            if directive is not None:
                composed[name] = directive
    for directive in composed.values():
        _hint_other_name(directive, subgraphs, report)
        _hint_other_definition(directive, subgraphs, report)
    _keep_composed(subgraphs, composed, wishes)
    return composed


def _wishes(subgraph: SubgraphSchema, subgraphs: Sequence[SubgraphSchema], report: Report) -> Iterator[_Wish]:
    canonical_by_local = {local: canonical for canonical, local in subgraph.local_names.items()}
    for applied in subgraph.directives:
        if applied.name != "composeDirective":
            continue
        text = applied.text("name") or ""
        name = text.removeprefix("@")
        if name in canonical_by_local and text.startswith("@"):
            _refuse_federation(canonical_by_local[name], subgraph, report)
            continue
        problem = _problem(text, subgraph, subgraphs)
        if problem is not None:
            report.error(_ERROR, f"{subgraph_subject([subgraph.name])} {problem}", subgraphs=[subgraph.name])
            continue
        feature, name_there = _origin(name, subgraph)
        yield _Wish(subgraph, name, name_there, feature)


def _refuse_federation(canonical: str, subgraph: SubgraphSchema, report: Report) -> None:
    if canonical in _COMPOSED_ANYWAY:
        report.hint(
            "DIRECTIVE_COMPOSITION_INFO",
            f"{subgraph_subject([subgraph.name])} asks to compose @{canonical}, which is composed anyway. Remove the"
            " @composeDirective.",
        )
        return
    report.error(
        _ERROR,
        f"{subgraph_subject([subgraph.name])} asks to compose @{canonical}, which is federation's own: composition"
        " itself says what becomes of it. Remove the @composeDirective.",
        subgraphs=[subgraph.name],
    )


def _problem(text: str, subgraph: SubgraphSchema, subgraphs: Sequence[SubgraphSchema]) -> str | None:
    name = text.removeprefix("@")
    if not name:
        return "has a @composeDirective without a name. Name a directive."
    if not text.startswith("@"):
        return f'asks to compose "{text}". Write the name with its "@".'
    if name not in subgraph.directive_nodes:
        return f"asks to compose @{name}, which it does not define. Define the directive there."
    if not any(feature.name_there(name) is not None for feature in subgraph.features):
        return f"asks to compose @{name}, which belongs to no linked specification. Link the one that defines it."
    feature, name_there = _origin(name, subgraph)
    if feature.local_name(name_there) != name:
        return (
            f"asks to compose @{name}, but imports that directive of {feature.identity} as"
            f" @{feature.local_name(name_there)}. Use the imported name."
        )
    for canonical in ("tag", "inaccessible"):
        clashing = [other.name for other in subgraphs if other.local_names.get(canonical) == name]
        if clashing:
            return (
                f"asks to compose @{name}, which is the name of federation's @{canonical} in"
                f" {subgraph_list(clashing)}. Rename one of them."
            )
    return None


def _origin(name: str, subgraph: SubgraphSchema) -> tuple[LinkedFeature, str]:
    """Return the specification of a directive that is known to have one, and the name there."""
    found = ((feature, feature.name_there(name)) for feature in subgraph.features)
    return next((feature, there) for feature, there in found if there is not None)


def _linking(identity: str, subgraphs: Iterable[SubgraphSchema]) -> dict[str, LinkedFeature]:
    """Return the link to a specification of each subgraph that has one, by the subgraph's name."""
    return {
        subgraph.name: feature
        for subgraph in subgraphs
        for feature in subgraph.features
        if feature.identity == identity
    }


def _incompatible_features(wishes: Sequence[_Wish], subgraphs: Sequence[SubgraphSchema], report: Report) -> set[str]:
    """Return the specifications that are composed in several major versions; one that is not composed is a hint."""
    incompatible = set()
    for identity in sorted({feature.identity for subgraph in subgraphs for feature in subgraph.features}):
        linked = _linking(identity, subgraphs)
        if len({feature.version[0] for feature in linked.values()}) < 2:
            continue
        composing = {
            wish.subgraph.name: wish.feature.version[0] for wish in wishes if wish.feature.identity == identity
        }
        listed = ", ".join(f"v{feature.version[0]} in {subgraph_list([name])}" for name, feature in linked.items())
        if len(set(composing.values())) > 1:
            incompatible.add(identity)
            report.error(
                _ERROR,
                f"{identity} is composed in different major versions: {listed}. Link the same one everywhere.",
                subgraphs=linked,
            )
        else:
            report.hint(
                "DIRECTIVE_COMPOSITION_INFO",
                f"{identity} is linked in different major versions: {listed}. Not all of them are composed.",
            )
    return incompatible


def _agree(name: str, wishes: Sequence[_Wish], all_wishes: Sequence[_Wish], report: Report) -> bool:
    """Whether a name means the same directive, and the directive has the same name, wherever it is composed."""
    names = [wish.subgraph.name for wish in wishes]
    first = wishes[0]
    if any(wish.feature.identity != first.feature.identity for wish in wishes):
        listed = ", ".join(f"{wish.feature.identity} in {subgraph_list([wish.subgraph.name])}" for wish in wishes)
        report.error(
            _ERROR,
            f"@{name} is composed from different specifications: {listed}. Rename one of them.",
            subgraphs=names,
        )
        return False
    if any(wish.name_there != first.name_there for wish in wishes):
        listed = ", ".join(f"@{wish.name_there} in {subgraph_list([wish.subgraph.name])}" for wish in wishes)
        report.error(
            _ERROR,
            f"@{name} is the name of different directives of {first.feature.identity}: {listed}. Rename one of them.",
            subgraphs=names,
        )
        return False
    same = [
        wish
        for wish in all_wishes
        if (wish.feature.identity, wish.name_there) == (first.feature.identity, first.name_there)
    ]
    if any(wish.name != name for wish in same):
        listed = ", ".join(f"@{wish.name} in {subgraph_list([wish.subgraph.name])}" for wish in same)
        report.error(
            _ERROR,
            f"@{first.name_there} of {first.feature.identity} is composed under different names: {listed}. Import it"
            " under the same name everywhere.",
            subgraphs=[wish.subgraph.name for wish in same],
        )
        return False
    return True


def _newest(
    name: str, wishes: Sequence[_Wish], all_wishes: Sequence[_Wish], subgraphs: Sequence[SubgraphSchema], report: Report
) -> ComposedDirective | None:
    """Return the directive as the newest version of its specification defines it that any subgraph composes from."""
    identity, name_there = wishes[0].feature.identity, wishes[0].name_there
    newest = max((wish.feature for wish in all_wishes if wish.feature.identity == identity), key=lambda of: of.version)
    having = [
        subgraph
        for subgraph in subgraphs
        for feature in subgraph.features
        if feature.identity == identity and feature.version == newest.version
    ]
    for subgraph in reversed(having):
        node = _definition(identity, name_there, subgraph)
        if node is not None:
            return ComposedDirective(name, newest, name_there, node)
    names = [subgraph.name for subgraph in having]
    report.error(
        _ERROR,
        f"@{name} is composed from {newest.url}, but not defined in {subgraph_list(names)}, which has that version."
        " Define it there.",
        subgraphs=names,
    )
    return None


def _definition(identity: str, name_there: str, subgraph: SubgraphSchema) -> DirectiveDefinitionNode | None:
    feature = next((feature for feature in subgraph.features if feature.identity == identity), None)
    return None if feature is None else subgraph.directive_nodes.get(feature.local_name(name_there))


def _definitions(
    directive: ComposedDirective, subgraphs: Sequence[SubgraphSchema]
) -> Iterator[tuple[str, DirectiveDefinitionNode]]:
    for subgraph in subgraphs:
        node = _definition(directive.feature.identity, directive.name_there, subgraph)
        linked = _linking(directive.feature.identity, [subgraph]).get(subgraph.name)
        if node is not None and linked is not None and linked.version == directive.feature.version:
            yield subgraph.name, node


def _hint_other_name(directive: ComposedDirective, subgraphs: Sequence[SubgraphSchema], report: Report) -> None:
    linked = _linking(directive.feature.identity, subgraphs)
    other = [
        name
        for name, feature in linked.items()
        if f"@{directive.name_there}" in dict(feature.imports)
        and feature.local_name(directive.name_there) != directive.name
    ]
    if other:
        report.hint(
            "DIRECTIVE_COMPOSITION_WARN",
            f"@{directive.name} of {directive.feature.identity} has another name in {subgraph_list(other)}: its uses"
            " there are left out. Import it under the same name to have it composed from there too.",
        )


def _hint_other_definition(directive: ComposedDirective, subgraphs: Sequence[SubgraphSchema], report: Report) -> None:
    """Compare the definitions by the version that the supergraph has; those of older versions may well differ."""
    definitions = dict(_definitions(directive, subgraphs))
    if len({node.repeatable for node in definitions.values()}) > 1:
        report.hint(
            "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE",
            f"@{directive.name} is repeatable only in"
            f" {subgraph_list([name for name, node in definitions.items() if node.repeatable])}. The supergraph has"
            f" the definition of {subgraph_list([list(definitions)[-1]])}.",
        )
    locations = {name: sorted(location.value for location in node.locations) for name, node in definitions.items()}
    if len({tuple(found) for found in locations.values()}) > 1:
        listed = ", ".join(f"{' and '.join(found)} in {subgraph_list([name])}" for name, found in locations.items())
        report.hint(
            "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS",
            f"@{directive.name} may stand in different places: {listed}. The supergraph has the definition of"
            f" {subgraph_list([list(definitions)[-1]])}.",
        )


def _keep_composed(
    subgraphs: Iterable[SubgraphSchema], composed: Mapping[str, ComposedDirective], wishes: Sequence[_Wish]
) -> None:
    """Drop the uses in subgraphs that do not ask for them: there the directive may be meant for the subgraph alone."""
    for subgraph in subgraphs:
        asked = {wish.name for wish in wishes if wish.subgraph is subgraph}
        names = {own_name(name): directive for name, directive in composed.items() if name in asked}
        if not subgraph.directive_nodes:
            continue
        for _, element in subgraph.elements():
            if element.directives:
                element.directives[:] = _kept(element.directives, names)


def _kept(directives: Sequence[AppliedDirective], composed: Mapping[str, ComposedDirective]) -> list[AppliedDirective]:
    kept = []
    for applied in directives:
        if applied.name in composed:
            kept.append(replace(applied, is_repeatable=composed[applied.name].node.repeatable))
        elif not applied.name.startswith(own_name("")):
            kept.append(applied)
    return kept
