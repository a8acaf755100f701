"""Reads the `@link`s of a subgraph: which federation version it uses and what it calls each directive.

A directive that is not imported has its specification's namespace before its name (`federation__key`). One link by
itself is read in linked_feature.py; here is how they go together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
)

from router.composition.errors import Report, subgraph_subject
from router.composition.linked_feature import LinkedFeature, read_link
from router.composition.specifications import (
    CONNECT,
    FEDERATION,
    FEDERATION_DIRECTIVES,
    FEDERATION_TYPES,
    KNOWN_FEDERATION_VERSIONS,
    LINK,
    LINK_VERSIONS,
    STANDALONE_SPECIFICATIONS,
    Version,
    federation_directives,
)

FEDERATION_1: Version = (1, 0)


@dataclass(slots=True)
class LinkedNames:
    """What a subgraph links: its federation version, its names for directives, and names of types to leave out.

    Attributes:
        directives: Local name to canonical name.
        types: Local name to canonical name.
        features: Every specification that is linked.
        is_version_known: Whether the version of federation is; otherwise no directive of it has a name.
        own: Directives that the subgraph defines for its schema and that belong to a linked specification of its own.
    """

    version: Version = FEDERATION_1
    directives: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    features: list[LinkedFeature] = field(default_factory=list)
    is_version_known: bool = True
    own: set[str] = field(default_factory=set)

    def feature_of(self, local: str) -> LinkedFeature | None:
        """Return the specification that a directive of the subgraph belongs to."""
        return next((feature for feature in self.features if feature.name_there(local) is not None), None)


def read_links(document: DocumentNode, *, subgraph: str, report: Report) -> LinkedNames:
    """Return the names that a subgraph's links give it; problems go to the report.

    Without a link to the federation specification the version is 1.0 and every Federation 1 directive has its own name.
    """
    names = LinkedNames()
    for directive in _link_directives(document):
        feature = read_link(directive, subgraph=subgraph, report=report)
        if feature is not None and _fits_the_others(feature, names, subgraph=subgraph, report=report):
            names.features.append(feature)
            _apply(feature, names, subgraph=subgraph, report=report)
    if names.version == FEDERATION_1 and names.is_version_known:
        for name in federation_directives(FEDERATION_1):
            names.directives.setdefault(name, name)
    return names


def _link_directives(document: DocumentNode) -> Iterator[DirectiveNode | ConstDirectiveNode]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield from (directive for directive in definition.directives or () if directive.name.value == "link")


def _fits_the_others(feature: LinkedFeature, names: LinkedNames, *, subgraph: str, report: Report) -> bool:
    """Whether no name means two things once the feature is linked too."""
    problem = _conflict(feature, names)
    if problem is not None:
        report.error("INVALID_LINK_DIRECTIVE_USAGE", f"{subgraph_subject([subgraph])} {problem}", subgraphs=[subgraph])
    return problem is None


def _conflict(feature: LinkedFeature, names: LinkedNames) -> str | None:
    for other in names.features:
        if other.identity == feature.identity:
            return f"links {feature.identity} twice. Keep one @link, with all imports."
        if other.namespace == feature.namespace:
            return (
                f'links both {other.identity} and {feature.identity} as "{feature.namespace}". Give one of them another'
                " name with `as`."
            )
    taken = {here: (there, other) for other in names.features for there, here in other.imports}
    for there, here in feature.imports:
        if here in taken and taken[here] != (there, feature):
            return (
                f"imports {here} from both {taken[here][1].identity} and {feature.identity}. Rename one of them with"
                " `as`."
            )
        taken[here] = there, feature
    for one in (*names.features, feature):
        for there, here in one.imports:
            owner = next((any_ for any_ in (*names.features, feature) if _could_be(here, there, one, any_)), None)
            if owner is not None:
                return (
                    f"imports {there} of {one.identity} as {here}, which is also what {owner.identity} calls one of"
                    " its own elements. Rename one of them with `as`."
                )
    return None


def _could_be(here: str, there: str, importing: LinkedFeature, other: LinkedFeature) -> bool:
    """Whether an imported name reads as a name in the namespace of a feature that means something else by it."""
    bare, name = here.removeprefix("@"), there.removeprefix("@")
    prefix, separator, rest = bare.partition("__")
    if here.startswith("@") and bare == other.namespace:
        return other is not importing or name != other.name
    if separator and prefix == other.namespace:
        return other is not importing or rest != name
    return False


def _apply(feature: LinkedFeature, names: LinkedNames, *, subgraph: str, report: Report) -> None:
    if feature.is_of_federation and feature.name == FEDERATION:
        if feature.version in KNOWN_FEDERATION_VERSIONS:
            names.version = feature.version
            _apply_federation(feature, names, subgraph=subgraph, report=report)
        else:
            names.is_version_known = False
            report.error(
                "UNKNOWN_FEDERATION_LINK_VERSION",
                f"{subgraph_subject([subgraph])} links federation v{feature.version[0]}.{feature.version[1]}, which"
                " is not known here. Link a version from v2.0 to v2.14.",
                subgraphs=[subgraph],
            )
    elif feature.is_of_federation and feature.name in (LINK, *STANDALONE_SPECIFICATIONS):
        _apply_standalone(feature, names, subgraph=subgraph, report=report)
    elif feature.is_of_federation and feature.name == CONNECT:
        report.error(
            "UNSUPPORTED_FEATURE",
            f"{subgraph_subject([subgraph])} links {feature.url}: fields with @connect have no subgraph behind them,"
            " and this router calls only subgraphs. Put a subgraph before the data source and remove the link.",
            subgraphs=[subgraph],
        )
    elif feature.purpose is not None:
        report.error(
            "UNSUPPORTED_LINKED_FEATURE",
            f'{subgraph_subject([subgraph])} links "{feature.name}" for {feature.purpose}, which is not'
            " supported. Remove the link, or its `for` if the schema works without it.",
            subgraphs=[subgraph],
        )


def _apply_standalone(feature: LinkedFeature, names: LinkedNames, *, subgraph: str, report: Report) -> None:
    versions = LINK_VERSIONS if feature.name == LINK else STANDALONE_SPECIFICATIONS[feature.name].versions
    if feature.version not in versions:
        newest = f"v{versions[-1][0]}.{versions[-1][1]}"
        report.error(
            "UNKNOWN_LINK_VERSION",
            f"{subgraph_subject([subgraph])} links {feature.url}, a version that is not known here. Link {newest}.",
            subgraphs=[subgraph],
        )
        return
    if feature.name == LINK:
        return
    available = STANDALONE_SPECIFICATIONS[feature.name].directives
    for name in available:
        names.directives[feature.local_name(name)] = name
    for there, _ in feature.imports:
        if there.startswith("@") and there.removeprefix("@") not in available:
            _unknown_import(there, feature, subgraph=subgraph, report=report)


def _apply_federation(feature: LinkedFeature, names: LinkedNames, *, subgraph: str, report: Report) -> None:
    available = federation_directives(feature.version)
    for name in available:
        names.directives[feature.local_name(name)] = name
    names.types |= {f"{feature.namespace}__{name}": name for name in FEDERATION_TYPES}
    for there, here in feature.imports:
        bare = there.removeprefix("@")
        if there.startswith("@") and bare in available:
            continue
        if not there.startswith("@") and FEDERATION_TYPES.get(there, (9, 9)) <= feature.version:
            names.types[here] = there
        else:
            _unknown_import(there, feature, subgraph=subgraph, report=report)


def _unknown_import(there: str, feature: LinkedFeature, *, subgraph: str, report: Report) -> None:
    report.error(
        "INVALID_LINK_DIRECTIVE_USAGE",
        f"{subgraph_subject([subgraph])} imports {there} from {feature.name}"
        f" v{feature.version[0]}.{feature.version[1]}, which has no such element."
        f"{_since(there.removeprefix('@')) if feature.name == FEDERATION else ''}",
        subgraphs=[subgraph],
    )


def _since(name: str) -> str:
    directive = FEDERATION_DIRECTIVES.get(name)
    if directive is None:
        return ""
    return f" Link v{directive.since[0]}.{directive.since[1]} or newer to use it."
