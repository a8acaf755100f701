"""Random subgraphs that usually compose: entities with several keys, values, interfaces, interface objects, unions.

The conventions of `invented_data.py` hold. Decisions are made type by type over a draft of all subgraphs, which is then
printed as SDL; from there on only the SDL counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

_NAMES = ("alpha", "beta", "gamma", "delta", "omega")
_LEAVES = ("Int", "String", "Int!", "String!", "Boolean", "Hue", "Hue!", "[Int]", "[String!]!")
_KEYS = ("id", "id", "id", "code", "id code", "ref { tag }", "code ref { tag }")
_ARGUMENTS = ("", "", "", "", "", "(n: Int)", "(n: Int = 1)", "(n: Int!)", '(s: String = "x", h: Hue)', "(p: Point)")
_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable", "@external",'
    ' "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject"])\n'
    "enum Hue { HUE_0 HUE_1 }\ninput Point { x: Int y: [Int!] h: Hue }\n"
)


@dataclass(slots=True)
class _Field:
    """A field in one subgraph."""

    type: str
    arguments: str = ""
    directives: str = ""
    is_external: bool = False
    is_free: bool = True
    """Nothing is said about it yet: it may be shared, overridden, required."""


@dataclass(slots=True)
class _Type:
    """A composite type in one subgraph."""

    keyword: str
    header: str = ""
    interfaces: set[str] = field(default_factory=set)
    members: tuple[str, ...] = ()
    fields: dict[str, _Field] = field(default_factory=dict)
    enterable: bool = False


class _Draft:
    """All subgraphs while they are being decided on."""

    def __init__(self, random: Random) -> None:
        self.random = random
        count = random.choice((2, 2, 3, 3, 4))
        self.graphs = random.sample(_NAMES, count)
        self.types: dict[str, dict[str, _Type]] = {graph: {} for graph in self.graphs}
        self.entities = [f"E{index}" for index in range(random.randrange(1, 4))]
        self.values = [f"V{index}" for index in range(random.randrange(3))]
        self._numbers = iter(range(1000))

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def fresh(self, letter: str) -> str:
        return f"{letter}{next(self._numbers)}"

    def where(self, name: str) -> list[str]:
        """Return the subgraphs that have a type."""
        return [graph for graph in self.graphs if name in self.types[graph]]

    def some(self, graphs: list[str], probability: float = 0.5) -> list[str]:
        """Return some of the subgraphs, at least one."""
        return [graph for graph in graphs if self.chance(probability)] or [self.random.choice(graphs)]

    def wrapped(self, name: str) -> str:
        return self.random.choice((name, name, f"[{name}]", f"{name}!", f"[{name}!]!", f"[[{name}]]"))

    def targets(self, graphs: Iterable[str]) -> list[str]:
        """Return the composite types that all the subgraphs have, but for roots and parts of keys."""
        common = set.intersection(*(set(self.types[graph]) for graph in graphs))
        return sorted(name for name in common if name not in {"Query", "Mutation", "Ref"})

    def resolving(self, type_name: str, field_name: str) -> list[str]:
        """Return the subgraphs that resolve a field."""
        return [
            graph
            for graph in self.where(type_name)
            if (found := self.types[graph][type_name].fields.get(field_name)) and not found.is_external
        ]


def random_subgraphs(random: Random) -> dict[str, str]:
    """Return SDL by subgraph name."""
    draft = _Draft(random)
    for name in draft.entities:
        _place_entity(draft, name)
    for name in draft.values:
        for graph in draft.some(draft.graphs, 0.6):
            draft.types[graph][name] = _Type("type")
    interfaces = ["I0", "I1"][: random.choice((0, 1, 1, 2))]
    for name in interfaces:
        _place_interface(draft, name)
    if draft.chance(0.5):
        _place_union(draft)
    for name in (*draft.entities, *draft.values):
        for _ in range(random.randrange(1, 5)):
            _add_field(draft, name)
    for name in interfaces:
        _fill_interface(draft, name)
    _fill_empty(draft)
    for name in draft.entities:
        _add_requirements(draft, name)
        _add_override(draft, name)
    _add_roots(draft)
    for graph in draft.graphs:
        _add_provisions(draft, graph)
    return {graph: _print(draft, graph) for graph in draft.graphs}


def _place_entity(draft: _Draft, name: str) -> None:
    usual = draft.random.choice(_KEYS)
    for graph in draft.some(draft.graphs, 0.65):
        table = draft.types[graph][name] = _Type("type")
        if draft.chance(0.06):
            continue  # a value here, an entity elsewhere
        keys = {usual if draft.chance(0.85) else draft.random.choice(_KEYS)}
        if draft.chance(0.25):
            keys.add(draft.random.choice(_KEYS))
        for key in sorted(keys):
            closed = draft.chance(0.12)
            table.header += f' @key(fields: "{key}"{", resolvable: false" if closed else ""})'
            table.enterable |= not closed
            _add_key_fields(draft, graph, name, key)


def _add_key_fields(draft: _Draft, graph: str, name: str, key: str) -> None:
    fields = draft.types[graph][name].fields
    if "id" in key:
        fields.setdefault("id", _Field("ID!", is_free=False))
    if "code" in key:
        fields.setdefault("code", _Field("String!", is_free=False))
    if "ref" in key:
        fields.setdefault("ref", _Field("Ref!", is_free=False))
        draft.types[graph]["Ref"] = _Type("type", fields={"tag": _Field("String!", is_free=False)})


def _place_interface(draft: _Draft, name: str) -> None:
    """Decide who implements an interface where, and which subgraphs know it as an object."""
    random = draft.random
    is_entity = draft.chance(0.7)
    pool = draft.entities if is_entity else [*draft.entities, *draft.values]
    members = random.sample(pool, random.randrange(1, len(pool) + 1))
    if not is_entity:
        for graph in draft.some(draft.graphs, 0.6):
            _implement(draft, graph, name, [member for member in members if member in draft.types[graph]])
        return
    free = [graph for graph in draft.graphs if not any("@interf" in t.header for t in draft.types[graph].values())]
    whole = draft.some(free or draft.graphs, 0.4)
    objects = [graph for graph in draft.graphs if graph not in whole and draft.chance(0.7)]
    for graph in objects:
        if any(table.interfaces for table in draft.types[graph].values()):
            continue  # its types already implement another interface
        for member in members:
            draft.types[graph].pop(member, None)
        table = draft.types[graph][name] = _Type("type", ' @key(fields: "id") @interfaceObject', enterable=True)
        table.fields["id"] = _Field("ID!", is_free=False)
    for graph in draft.graphs:
        if graph in whole:
            for member in members:
                _make_entity(draft, graph, member)
            _implement(draft, graph, name, members)
            if name in draft.types[graph]:
                draft.types[graph][name].header = ' @key(fields: "id")'
                draft.types[graph][name].fields["id"] = _Field("ID!", is_free=False)
        elif name not in draft.types[graph] and draft.chance(0.3):
            _implement(draft, graph, name, [member for member in members if member in draft.types[graph]])


def _make_entity(draft: _Draft, graph: str, name: str) -> None:
    table = draft.types[graph].setdefault(name, _Type("type"))
    table.header = table.header.replace('"id", resolvable: false', '"id"')
    if '"id"' not in table.header:
        table.header += ' @key(fields: "id")'
    table.enterable = True
    table.fields.setdefault("id", _Field("ID!", is_free=False))


def _implement(draft: _Draft, graph: str, name: str, members: list[str]) -> None:
    if not members or name in draft.types[graph]:
        return
    draft.types[graph][name] = _Type("interface")
    for member in members:
        draft.types[graph][member].interfaces.add(name)


def _place_union(draft: _Draft) -> None:
    pool = [*draft.entities, *draft.values]
    members = draft.random.sample(pool, min(len(pool), 3))
    for graph in draft.some(draft.graphs, 0.6):
        here = tuple(member for member in members if member in draft.types[graph] and draft.chance(0.85))
        if here:
            draft.types[graph]["U0"] = _Type("union", members=here)


def _add_field(draft: _Draft, name: str) -> None:
    """Add a field to an entity or a value: mostly one subgraph resolves it of an entity, several of a value."""
    random = draft.random
    places = draft.where(name)
    if not places:
        return
    if name in draft.entities:
        graphs = draft.some(places, 0.5) if draft.chance(0.25) else [random.choice(places)]
    else:
        graphs = draft.some(places, 0.7)
    type_text = random.choice(_LEAVES)
    arguments = random.choice(_ARGUMENTS)
    targets = draft.targets(graphs)
    if targets and draft.chance(0.5):
        type_text = draft.wrapped(random.choice(targets))
    field_name = draft.fresh("f")
    hidden = " @inaccessible" if draft.chance(0.05) else ""
    for graph in graphs:
        stricter = "!" if not type_text.endswith("!") and draft.chance(0.1) else ""
        draft.types[graph][name].fields[field_name] = _Field(type_text + stricter, arguments, hidden, is_free=not hidden)


def _fill_empty(draft: _Draft) -> None:
    """Give every object type without fields one that it shares with the others."""
    for name in (*draft.entities, *draft.values):
        for graph in draft.where(name):
            if not draft.types[graph][name].fields:
                draft.types[graph][name].fields["w"] = _Field("Int")


def _fill_interface(draft: _Draft, name: str) -> None:
    """Give an interface fields, which everything that implements it must have, and an interface object its own."""
    members = sorted({m for graph in draft.graphs for m, table in draft.types[graph].items() if name in table.interfaces})
    known = [graph for graph in draft.where(name) if draft.types[graph][name].keyword == "interface"]
    objects = [graph for graph in draft.where(name) if graph not in known]
    for _ in range(draft.random.randrange(1, 3)):
        if known:
            _add_interface_field(draft, name, members, draft.some(known, 0.7))
    for graph in objects:
        for _ in range(draft.random.randrange(1, 4)):
            _add_object_field(draft, name, graph, known)
    for graph in known:
        if not draft.types[graph][name].fields:
            _add_interface_field(draft, name, members, [graph])
    _share_object_fields(draft, name, objects)


def _add_interface_field(draft: _Draft, name: str, members: list[str], graphs: list[str]) -> None:
    field_name = draft.fresh("i")
    type_text = draft.random.choice(_LEAVES)
    targets = draft.targets(graphs)
    if targets and draft.chance(0.35):
        type_text = draft.wrapped(draft.random.choice(targets))
    arguments = draft.random.choice(_ARGUMENTS)
    for graph in graphs:
        draft.types[graph][name].fields[field_name] = _Field(type_text, arguments)
    for member in members:
        stricter = "!" if not type_text.endswith("!") and draft.chance(0.15) else ""
        places = [graph for graph in draft.where(member) if graph in graphs]
        others = [graph for graph in draft.where(member) if graph not in places]
        external = bool(others) and bool(places) and member in draft.entities and draft.chance(0.25)
        if external or not places:
            usable = [graph for graph in others if set(draft.targets([graph])) >= {_bare(type_text)} & set(targets)]
            if not usable:
                external = False
            else:
                owner = draft.random.choice(usable)
                draft.types[owner][member].fields[field_name] = _Field(type_text + stricter, arguments)
        for graph in places:
            draft.types[graph][member].fields[field_name] = _Field(
                type_text + stricter, arguments, is_external=external, is_free=not external
            )


def _add_object_field(draft: _Draft, name: str, graph: str, known: list[str]) -> None:
    table = draft.types[graph][name]
    type_text = draft.random.choice(_LEAVES)
    targets = draft.targets([graph])
    if targets and draft.chance(0.4):
        type_text = draft.wrapped(draft.random.choice(targets))
    added = _Field(type_text, draft.random.choice(_ARGUMENTS))
    table.fields[draft.fresh("o")] = added
    if not draft.chance(0.35):
        return
    offered = [
        (field_name, found)
        for other in known
        for field_name, found in draft.types[other][name].fields.items()
        if field_name != "id" and _bare(found.type) not in draft.targets([other]) and "(" not in found.arguments
    ]
    if offered:
        field_name, found = draft.random.choice(offered)
        table.fields.setdefault(field_name, _Field(found.type, is_external=True, is_free=False))
        if table.fields[field_name].is_external:
            added.directives = f' @requires(fields: "{field_name}")'
            added.is_free = False


def _share_object_fields(draft: _Draft, name: str, objects: list[str]) -> None:
    """Have a second subgraph that knows the interface as an object resolve a leaf of the first one too."""
    if len(objects) < 2 or not draft.chance(0.4):
        return
    first, second = draft.random.sample(objects, 2)
    for field_name, found in draft.types[first][name].fields.items():
        if found.is_free and _bare(found.type) not in draft.targets([first]):
            draft.types[second][name].fields.setdefault(field_name, _Field(found.type, found.arguments))
            return


def _add_requirements(draft: _Draft, name: str) -> None:
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
            type_text = draft.random.choice(_LEAVES)
            targets = draft.targets([graph])
            if targets and draft.chance(0.25):
                type_text = draft.wrapped(draft.random.choice(targets))
            draft.types[graph][name].fields[draft.fresh("r")] = _Field(
                type_text,
                draft.random.choice(_ARGUMENTS),
                f' @requires(fields: "{" ".join(wanted)}")',
                is_free=False,
            )


def _requirable(draft: _Draft, name: str, graph: str) -> list[str]:
    """Return names of the fields that other subgraphs resolve and this one does not."""
    mine = draft.types[graph][name].fields
    names = {
        field_name
        for other in draft.where(name)
        for field_name, found in draft.types[other][name].fields.items()
        if not found.is_external and "@inaccessible" not in found.directives
        if field_name not in mine or mine[field_name].is_external
    }
    return draft.random.sample(sorted(names), len(names))


def _require(draft: _Draft, name: str, graph: str, field_name: str) -> str:
    """Declare a field external here and return how to require it; empty if that cannot be."""
    owner = draft.resolving(name, field_name)[0]
    found = draft.types[owner][name].fields[field_name]
    arguments = ""
    if "!" in found.arguments or (found.arguments.startswith("(n") and draft.chance(0.5)):
        arguments = f"(n: {draft.random.randrange(3)})"
    below = ""
    if found.type.strip("[]!") == "Ref":
        return ""
    if _bare(found.type) in draft.targets([owner]):
        below = _require_below(draft, owner, graph, _bare(found.type))
        if not below:
            return ""
    mine = draft.types[graph][name].fields
    mine.setdefault(field_name, _Field(found.type, found.arguments, is_external=True, is_free=False))
    return f"{field_name}{arguments}{below}"


def _require_below(draft: _Draft, owner: str, graph: str, name: str) -> str:
    """Return a selection of one or two fields of a type, declared here too; empty if that cannot be."""
    if name not in draft.types[graph]:
        return ""
    there, here = draft.types[owner][name], draft.types[graph][name]
    if there.keyword == "union" or here.keyword == "union":
        members = [member for member in here.members if member in there.members][:2]
        parts = [f"... on {member}{found}" for member in members if (found := _require_below(draft, owner, graph, member))]
        return f" {{ {' '.join(parts)} }}" if parts else ""
    usable = [
        field_name
        for field_name, found in there.fields.items()
        if _bare(found.type) not in draft.targets([owner]) and not found.type.startswith("Ref")
        if "!" not in found.arguments and not found.is_external and "@" not in found.directives
        if field_name in here.fields or here.keyword == "type"
    ]
    if not usable:
        return ""
    chosen = draft.random.sample(usable, min(len(usable), draft.random.choice((1, 1, 2))))
    for field_name in chosen:
        found = there.fields[field_name]
        here.fields.setdefault(field_name, _Field(found.type, found.arguments, is_external=True, is_free=False))
    return f" {{ {' '.join(chosen)} }}"


def _add_override(draft: _Draft, name: str) -> None:
    places = draft.where(name)
    if len(places) < 2 or not draft.chance(0.25):
        return
    source, target = draft.random.sample(places, 2)
    for field_name, found in draft.types[source][name].fields.items():
        is_alone = draft.resolving(name, field_name) == [source]
        if found.is_free and is_alone and field_name not in draft.types[target][name].fields:
            if _bare(found.type) in draft.targets([source]) and _bare(found.type) not in draft.targets([target]):
                continue
            found.is_free = False
            draft.types[target][name].fields[field_name] = _Field(
                found.type, found.arguments, f' @override(from: "{source}")', is_free=False
            )
            return


def _add_provisions(draft: _Draft, graph: str) -> None:
    """Have fields that lead to entities provide a field which the subgraph does not resolve elsewhere."""
    for table in list(draft.types[graph].values()):
        for found in list(table.fields.values()):
            if table.keyword != "type" or not found.is_free or found.is_external or not draft.chance(0.3):
                continue
            provided = _provide(draft, graph, _bare(found.type))
            if provided:
                found.directives += f' @provides(fields: "{provided}")'
                found.is_free = False


def _provide(draft: _Draft, graph: str, name: str) -> str:
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
        is_leaf = _bare(found.type) not in draft.targets([owner]) and not found.type.startswith("Ref")
        if is_leaf and not found.arguments:
            table.fields.setdefault(field_name, _Field(found.type, found.arguments, is_external=True, is_free=False))
            return field_name
    return ""


def _add_roots(draft: _Draft) -> None:
    for graph in draft.graphs:
        query = _Type("type")
        for target in draft.targets([graph]):
            if draft.chance(0.55):
                type_text = draft.wrapped(target).rstrip("!")
                query.fields[draft.fresh("q")] = _Field(type_text, draft.random.choice(_ARGUMENTS))
        if draft.chance(0.3):
            query.fields[draft.fresh("q")] = _Field("Int", draft.random.choice(_ARGUMENTS))
        if query.fields or draft.chance(0.5):
            draft.types[graph]["Query"] = query
    _share_root(draft)
    if not any(draft.types[graph].get("Query", _Type("type")).fields for graph in draft.graphs):
        graph = draft.random.choice(draft.graphs)
        targets = draft.targets([graph])
        draft.types[graph]["Query"] = _Type("type", fields={"q": _Field(targets[0] if targets else "Int")})
    for graph in draft.graphs:
        targets = draft.targets([graph])
        if targets and draft.chance(0.12):
            draft.types[graph]["Mutation"] = _Type("type")
            for _ in range(draft.random.randrange(1, 3)):
                name = draft.wrapped(draft.random.choice(targets)).rstrip("!")
                draft.types[graph]["Mutation"].fields[draft.fresh("m")] = _Field(name, draft.random.choice(_ARGUMENTS))


def _share_root(draft: _Draft) -> None:
    graphs = draft.random.sample(draft.graphs, draft.random.choice((2, len(draft.graphs))))
    targets = draft.targets(graphs)
    if targets and draft.chance(0.6):
        name, type_text = draft.fresh("q"), draft.wrapped(draft.random.choice(targets)).rstrip("!")
        for graph in graphs:
            draft.types[graph].setdefault("Query", _Type("type")).fields[name] = _Field(type_text)


def _bare(type_text: str) -> str:
    return type_text.strip("[]!")


def _print(draft: _Draft, graph: str) -> str:
    parts = [_LINK]
    for name, table in draft.types[graph].items():
        if table.keyword == "union":
            parts.append(f"union {name} = {' | '.join(table.members)}\n")
            continue
        if not table.fields:
            continue
        interfaces = f" implements {' & '.join(sorted(table.interfaces))}" if table.interfaces else ""
        parts.append(f"{table.keyword} {name}{interfaces}{table.header} {{\n")
        parts.extend(_print_field(draft, table, name, item) for item in table.fields.items())
        parts.append("}\n")
    return "".join(parts)


def _print_field(draft: _Draft, table: _Type, type_name: str, item: tuple[str, _Field]) -> str:
    name, found = item
    directives = found.directives
    if found.is_external:
        directives += " @external"
    elif table.keyword == "type" and _is_shared(draft, type_name, name, "@override" in directives):
        directives += " @shareable"
    return f"  {name}{found.arguments}: {found.type}{directives}\n"


def _is_shared(draft: _Draft, type_name: str, name: str, is_override: bool) -> bool:
    """Whether others declare the field too; what they only provide counts as shared, what is overridden does not."""
    tables = [draft.types[graph][type_name] for graph in draft.where(type_name)]
    return sum(name in table.fields for table in tables) > (2 if is_override else 1)
