"""Random `@requires` and `@provides`: fields that one subgraph declares external and others resolve."""

from __future__ import annotations

from tests.conformance.subgraph_drafts import ARGUMENTS, LEAVES, Draft, Field, bare


def add_requirements(draft: Draft, name: str) -> None:
    """Add fields with `@requires`; one may require another, since they are added one after the other."""
    for graph in draft.where(name):
        for _ in range(draft.random.choice((0, 0, 1, 1, 2))):
            if not draft.types[graph][name].enterable:
                continue
            wanted: list[str] = []
            for field_name in _requirable(draft, name, graph):
                if len(wanted) < 2 and draft.chance(0.5):
                    wanted.extend(filter(None, [_require(draft, name, graph, field_name)]))
            if not wanted:
                continue
            type_text = draft.random.choice(LEAVES)
            targets = draft.targets([graph])
            if targets and draft.chance(0.25):
                type_text = draft.wrapped(draft.random.choice(targets))
            draft.types[graph][name].fields[draft.fresh("r")] = Field(
                type_text,
                draft.random.choice(ARGUMENTS),
                f' @requires(fields: "{" ".join(wanted)}")',
                is_free=False,
            )


def _requirable(draft: Draft, name: str, graph: str) -> list[str]:
    """Return names of the fields that other subgraphs resolve and this one does not."""
    mine = draft.types[graph][name].fields
    names = {
        field_name
        for other in draft.where(name)
        for field_name, found in draft.types[other][name].fields.items()
        if not found.is_external
        if field_name not in mine or mine[field_name].is_external
    }
    return draft.random.sample(sorted(names), len(names))


def _require(draft: Draft, name: str, graph: str, field_name: str) -> str:
    """Declare a field external here and return how to require it; empty if that cannot be."""
    owner = draft.resolving(name, field_name)[0]
    found = draft.types[owner][name].fields[field_name]
    arguments = ""
    if "!" in found.arguments or (found.arguments.startswith("(n") and draft.chance(0.5)):
        arguments = f"(n: {draft.random.randrange(3)})"
    below = ""
    if found.type.strip("[]!") == "Ref":
        return ""
    if bare(found.type) in draft.targets([owner]):
        below = _require_below(draft, owner, graph, bare(found.type))
        if not below:
            return ""
    mine = draft.types[graph][name].fields
    mine.setdefault(field_name, Field(found.type, found.arguments, is_external=True, is_free=False))
    return f"{field_name}{arguments}{below}"


def _require_below(draft: Draft, owner: str, graph: str, name: str) -> str:
    """Return a selection of one or two fields of a type, declared here too; empty if that cannot be."""
    if name not in draft.types[graph]:
        return ""
    there, here = draft.types[owner][name], draft.types[graph][name]
    if there.keyword == "union" or here.keyword == "union":
        members = [member for member in here.members if member in there.members][:2]
        parts = [
            f"... on {member}{found}" for member in members if (found := _require_below(draft, owner, graph, member))
        ]
        return f" {{ {' '.join(parts)} }}" if parts else ""
    usable = [
        field_name
        for field_name, found in there.fields.items()
        if bare(found.type) not in draft.targets([owner]) and not found.type.startswith("Ref")
        if "!" not in found.arguments and not found.is_external and "@" not in found.directives
        if field_name in here.fields or here.keyword == "type"
    ]
    if not usable:
        return ""
    chosen = draft.random.sample(usable, min(len(usable), draft.random.choice((1, 1, 2))))
    for field_name in chosen:
        copied = there.fields[field_name]
        here.fields.setdefault(field_name, Field(copied.type, copied.arguments, is_external=True, is_free=False))
    return f" {{ {' '.join(chosen)} }}"


def add_provisions(draft: Draft, graph: str) -> None:
    """Have fields that lead to entities provide a field which the subgraph does not resolve elsewhere."""
    for table in list(draft.types[graph].values()):
        for found in list(table.fields.values()):
            if table.keyword != "type" or not found.is_free or found.is_external or not draft.chance(0.3):
                continue
            provided = _provide(draft, graph, bare(found.type))
            if provided:
                found.directives += f' @provides(fields: "{provided}")'
                found.is_free = False


def _provide(draft: Draft, graph: str, name: str) -> str:
    table = draft.types[graph].get(name)
    if table is None:
        return ""
    if table.keyword != "type":
        members = table.members or tuple(m for m, other in draft.types[graph].items() if name in other.interfaces)
        member = draft.random.choice(members) if members else ""
        inner = _provide(draft, graph, member) if member else ""
        return f"... on {member} {{ {inner} }}" if inner else ""
    if name not in draft.entities:
        return ""
    for field_name in _requirable(draft, name, graph):
        owner = draft.resolving(name, field_name)[0]
        found = draft.types[owner][name].fields[field_name]
        is_leaf = bare(found.type) not in draft.targets([owner]) and not found.type.startswith("Ref")
        if is_leaf and not found.arguments:
            table.fields.setdefault(field_name, Field(found.type, found.arguments, is_external=True, is_free=False))
            return field_name
    return ""
