"""Each name becomes one type: kind, keys per graph, description and directives; its contents are merged later."""

from collections.abc import Iterable, Sequence

from graphql import StringValueNode

from router.composition.contexts import supergraph_name
from router.composition.errors import Report, subgraph_list
from router.composition.merge.merge_descriptions import merge_descriptions
from router.composition.merge.merge_directives import merge_directives
from router.composition.merged_model import JoinType, MergedSchema, MergedType
from router.composition.model import ROOT_TYPES, AppliedDirective, Kind, SubgraphSchema, TypeDefinition

Sources = Sequence[tuple[SubgraphSchema, TypeDefinition]]


def merge_type_headers(schema: MergedSchema, *, report: Report) -> None:
    """Add every type to the supergraph, in the order of names. A type whose kinds disagree is left out."""
    for name in sorted({name for subgraph in schema.subgraphs for name in subgraph.types}):
        sources = schema.sources(name)
        if not _kinds_agree(name, sources, report) or not _has_base(name, sources, report):
            continue
        elements = [(subgraph.graph, definition) for subgraph, definition in sources]
        schema.types[name] = MergedType(
            name,
            merge_descriptions(name, elements, report=report),
            [*merge_directives(name, elements, report=report), *_contexts(sources)],
            kind=sources[0][1].merged_kind,
            joins=[join for source in sources for join in _joins(*source)],
        )
        _hint_inconsistent_entity(name, sources, report)


def _kinds_agree(name: str, sources: Sources, report: Report) -> bool:
    by_kind: dict[Kind, list[str]] = {}
    for subgraph, definition in sources:
        by_kind.setdefault(definition.merged_kind, []).append(subgraph.name)
    if len(by_kind) == 1:
        return True
    kinds = ", ".join(f"{_kind_words(kind)} in {subgraph_list(names)}" for kind, names in by_kind.items())
    report.error(
        "TYPE_KIND_MISMATCH",
        f'"{name}" is {kinds}. Make it the same kind everywhere, or rename one of them.',
        subgraphs=[subgraph.name for subgraph, _ in sources],
    )
    return False


def _kind_words(kind: Kind) -> str:
    words = {Kind.OBJECT: "an object", Kind.INTERFACE: "an interface (or interface object)", Kind.INPUT: "an input"}
    return words.get(kind, f"{'an' if kind is Kind.ENUM else 'a'} {kind.value}")


def _has_base(name: str, sources: Sources, report: Report) -> bool:
    if name in ROOT_TYPES or not all(definition.is_extension for _, definition in sources):
        return True
    names = [subgraph.name for subgraph, _ in sources]
    report.error(
        "EXTENSION_WITH_NO_BASE",
        f'"{name}" is only extended, in {subgraph_list(names)}, and defined in no subgraph. Define it in the subgraph'
        " that owns it.",
        subgraphs=names,
    )
    return False


def _joins(subgraph: SubgraphSchema, definition: TypeDefinition) -> Iterable[JoinType]:
    keys = subgraph.keys.get(definition.name, [])
    if not keys:
        return [JoinType(subgraph.graph, is_interface_object=definition.is_interface_object)]
    return [
        JoinType(
            subgraph.graph,
            key=key.fields,
            # In Federation 1 `extend type` is the ordinary way to speak of another subgraph's type.
            is_extension=definition.is_extension and (not subgraph.is_federation_1 or definition.uses("extends")),
            is_resolvable=key.is_resolvable,
            is_interface_object=definition.is_interface_object,
        )
        for key in keys
    ]


def _contexts(sources: Sources) -> Iterable[AppliedDirective]:
    """Yield the contexts that the type sets. Each is of one subgraph, which is why its name says of which."""
    for subgraph, definition in sources:
        for applied in definition.all_applied("context"):
            name = supergraph_name(applied.text("name") or "", subgraph)
            yield AppliedDirective("context", {"name": StringValueNode(value=name)})


def _hint_inconsistent_entity(name: str, sources: Sources, report: Report) -> None:
    if sources[0][1].merged_kind is not Kind.OBJECT:
        return
    without = [subgraph.name for subgraph, _ in sources if name not in subgraph.keys]
    if without and len(without) < len(sources):
        report.hint(
            "INCONSISTENT_ENTITY",
            f'"{name}" has a @key in some subgraphs, but none in {subgraph_list(without)}: from there no other subgraph'
            " can be reached.",
        )
