"""Random subgraphs that usually compose: entities with several keys, values, interfaces, interface objects, unions.

The conventions of `invented_data.py` hold. Decisions are made type by type over a draft of all subgraphs, which is then
printed as SDL; from there on only the SDL counts.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.conformance.random_requirements import add_provisions, add_requirements
from tests.conformance.subgraph_drafts import ARGUMENTS, LEAVES, Draft, Field, Type, bare, print_sdl

_KEYS = ("id", "id", "id", "code", "id code", "ref { tag }", "code ref { tag }")


def random_subgraphs(random: Random) -> dict[str, str]:
    """Return SDL by subgraph name."""
    draft = Draft(random)
    for name in draft.entities:
        _place_entity(draft, name)
    for name in draft.values:
        for graph in draft.some(draft.graphs, 0.6):
            draft.types[graph][name] = Type("type")
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
        _add_parent(draft, name)
    _fill_empty(draft)
    for name in draft.entities:
        add_requirements(draft, name)
        _add_override(draft, name)
    _add_roots(draft)
    for graph in draft.graphs:
        add_provisions(draft, graph)
    return {graph: print_sdl(draft, graph) for graph in draft.graphs}


def _place_entity(draft: Draft, name: str) -> None:
    usual = draft.random.choice(_KEYS)
    for graph in draft.some(draft.graphs, 0.65):
        table = draft.types[graph][name] = Type("type")
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


def _add_key_fields(draft: Draft, graph: str, name: str, key: str) -> None:
    fields = draft.types[graph][name].fields
    if "id" in key:
        fields.setdefault("id", Field("ID!", is_free=False))
    if "code" in key:
        fields.setdefault("code", Field("String!", is_free=False))
    if "ref" in key:
        fields.setdefault("ref", Field("Ref!", is_free=False))
        draft.types[graph]["Ref"] = Type("type", fields={"tag": Field("String!", is_free=False)})


def _place_interface(draft: Draft, name: str) -> None:
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
        table = draft.types[graph][name] = Type("type", ' @key(fields: "id") @interfaceObject', enterable=True)
        table.fields["id"] = Field("ID!", is_free=False)
    for graph in draft.graphs:
        if graph in whole:
            for member in members:
                _make_entity(draft, graph, member)
            _implement(draft, graph, name, members)
            if name in draft.types[graph]:
                draft.types[graph][name].header = ' @key(fields: "id")'
                draft.types[graph][name].fields["id"] = Field("ID!", is_free=False)
        elif name not in draft.types[graph] and draft.chance(0.3):
            _implement(draft, graph, name, [member for member in members if member in draft.types[graph]])


def _make_entity(draft: Draft, graph: str, name: str) -> None:
    table = draft.types[graph].setdefault(name, Type("type"))
    table.header = table.header.replace('"id", resolvable: false', '"id"')
    if '"id"' not in table.header:
        table.header += ' @key(fields: "id")'
    table.enterable = True
    table.fields.setdefault("id", Field("ID!", is_free=False))


def _implement(draft: Draft, graph: str, name: str, members: list[str]) -> None:
    if not members or name in draft.types[graph]:
        return
    draft.types[graph][name] = Type("interface")
    for member in members:
        draft.types[graph][member].interfaces.add(name)


def _place_union(draft: Draft) -> None:
    pool = [*draft.entities, *draft.values]
    members = draft.random.sample(pool, min(len(pool), 3))
    for graph in draft.some(draft.graphs, 0.6):
        here = tuple(member for member in members if member in draft.types[graph] and draft.chance(0.85))
        if here:
            draft.types[graph]["U0"] = Type("union", members=here)


def _add_field(draft: Draft, name: str) -> None:
    """Add a field to an entity or a value: mostly one subgraph resolves it of an entity, several of a value."""
    random = draft.random
    places = draft.where(name)
    if not places:
        return
    if name in draft.entities:
        graphs = draft.some(places, 0.5) if draft.chance(0.25) else [random.choice(places)]
    else:
        graphs = draft.some(places, 0.7)
    type_text = random.choice(LEAVES)
    arguments = random.choice(ARGUMENTS)
    targets = draft.targets(graphs)
    if targets and draft.chance(0.5):
        type_text = draft.wrapped(random.choice(targets))
    field_name = draft.fresh("f")
    hidden = " @inaccessible" if draft.chance(0.05) else ""
    for graph in graphs:
        stricter = "!" if not type_text.endswith("!") and draft.chance(0.1) else ""
        draft.types[graph][name].fields[field_name] = Field(type_text + stricter, arguments, hidden, is_free=not hidden)


def _fill_empty(draft: Draft) -> None:
    """Give every object type without fields one that it shares with the others."""
    for name in (*draft.entities, *draft.values):
        for graph in draft.where(name):
            if not draft.types[graph][name].fields:
                draft.types[graph][name].fields["w"] = Field("Int")


def _fill_interface(draft: Draft, name: str) -> None:
    """Give an interface fields, which everything that implements it must have, and an interface object its own."""
    members = sorted(
        {m for graph in draft.graphs for m, table in draft.types[graph].items() if name in table.interfaces}
    )
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


def _add_parent(draft: Draft, name: str) -> None:
    """Have an interface implement another one, of which it has all the fields, in some subgraphs."""
    if not draft.chance(0.3):
        return
    parent = name.replace("I", "J")
    for graph in draft.where(name):
        table = draft.types[graph][name]
        if table.keyword != "interface" or not table.fields or not draft.chance(0.7):
            continue
        chosen = draft.some(list(table.fields), 0.5)
        fields = {each: replace(table.fields[each], is_free=False) for each in chosen}
        for other in draft.types[graph].values():
            if name in other.interfaces:
                other.interfaces.add(parent)
        table.interfaces.add(parent)
        draft.types[graph][parent] = Type("interface", fields=fields)


def _add_interface_field(draft: Draft, name: str, members: list[str], graphs: list[str]) -> None:
    field_name = draft.fresh("i")
    type_text = draft.random.choice(LEAVES)
    targets = draft.targets(graphs)
    if targets and draft.chance(0.35):
        type_text = draft.wrapped(draft.random.choice(targets))
    arguments = draft.random.choice(ARGUMENTS)
    for graph in graphs:
        draft.types[graph][name].fields[field_name] = Field(type_text, arguments)
    for member in members:
        stricter = "!" if not type_text.endswith("!") and draft.chance(0.15) else ""
        places = [graph for graph in draft.where(member) if graph in graphs]
        others = [graph for graph in draft.where(member) if graph not in places]
        external = bool(others) and bool(places) and member in draft.entities and draft.chance(0.25)
        if external or not places:
            usable = [graph for graph in others if set(draft.targets([graph])) >= {bare(type_text)} & set(targets)]
            if not usable:
                external = False
            else:
                owner = draft.random.choice(usable)
                draft.types[owner][member].fields[field_name] = Field(type_text + stricter, arguments)
        for graph in places:
            draft.types[graph][member].fields[field_name] = Field(
                type_text + stricter, arguments, is_external=external, is_free=not external
            )


def _add_object_field(draft: Draft, name: str, graph: str, known: list[str]) -> None:
    table = draft.types[graph][name]
    type_text = draft.random.choice(LEAVES)
    targets = draft.targets([graph])
    if targets and draft.chance(0.4):
        type_text = draft.wrapped(draft.random.choice(targets))
    added = Field(type_text, draft.random.choice(ARGUMENTS))
    table.fields[draft.fresh("o")] = added
    if not draft.chance(0.35):
        return
    offered = [
        (field_name, found)
        for other in known
        for field_name, found in draft.types[other][name].fields.items()
        if field_name != "id" and bare(found.type) not in draft.targets([other]) and "(" not in found.arguments
    ]
    if offered:
        field_name, found = draft.random.choice(offered)
        table.fields.setdefault(field_name, Field(found.type, is_external=True, is_free=False))
        if table.fields[field_name].is_external:
            added.directives = f' @requires(fields: "{field_name}")'
            added.is_free = False


def _share_object_fields(draft: Draft, name: str, objects: list[str]) -> None:
    """Have a second subgraph that knows the interface as an object resolve a leaf of the first one too."""
    if len(objects) < 2 or not draft.chance(0.4):
        return
    first, second = draft.random.sample(objects, 2)
    for field_name, found in draft.types[first][name].fields.items():
        if found.is_free and bare(found.type) not in draft.targets([first]):
            draft.types[second][name].fields.setdefault(field_name, Field(found.type, found.arguments))
            return


def _add_override(draft: Draft, name: str) -> None:
    places = draft.where(name)
    if len(places) < 2 or not draft.chance(0.25):
        return
    source, target = draft.random.sample(places, 2)
    for field_name, found in draft.types[source][name].fields.items():
        is_alone = draft.resolving(name, field_name) == [source]
        if found.is_free and is_alone and field_name not in draft.types[target][name].fields:
            if bare(found.type) in draft.targets([source]) and bare(found.type) not in draft.targets([target]):
                continue
            found.is_free = False
            draft.types[target][name].fields[field_name] = Field(
                found.type, found.arguments, f' @override(from: "{source}")', is_free=False
            )
            return


def _add_roots(draft: Draft) -> None:
    for graph in draft.graphs:
        query = Type("type")
        for target in draft.targets([graph]):
            if draft.chance(0.55):
                type_text = draft.wrapped(target).rstrip("!")
                query.fields[draft.fresh("q")] = Field(type_text, draft.random.choice(ARGUMENTS))
        if draft.chance(0.3):
            query.fields[draft.fresh("q")] = Field("Int", draft.random.choice(ARGUMENTS))
        if query.fields or draft.chance(0.5):
            draft.types[graph]["Query"] = query
    _share_root(draft)
    if not any(draft.types[graph].get("Query", Type("type")).fields for graph in draft.graphs):
        graph = draft.random.choice(draft.graphs)
        targets = draft.targets([graph])
        draft.types[graph]["Query"] = Type("type", fields={"q": Field(targets[0] if targets else "Int")})
    _add_ways_back(draft)
    for graph in draft.graphs:
        targets = draft.targets([graph])
        if targets and draft.chance(0.12):
            draft.types[graph]["Mutation"] = Type("type")
            for _ in range(draft.random.randrange(1, 3)):
                name = draft.wrapped(draft.random.choice(targets)).rstrip("!")
                draft.types[graph]["Mutation"].fields[draft.fresh("m")] = Field(name, draft.random.choice(ARGUMENTS))


def _share_root(draft: Draft) -> None:
    graphs = draft.random.sample(draft.graphs, draft.random.choice((2, len(draft.graphs))))
    targets = draft.targets(graphs)
    if targets and draft.chance(0.6):
        name, type_text = draft.fresh("q"), draft.wrapped(draft.random.choice(targets)).rstrip("!")
        for graph in graphs:
            draft.types[graph].setdefault("Query", Type("type")).fields[name] = Field(type_text)


def _add_ways_back(draft: Draft) -> None:
    """Let an object now and then lead back to the root."""
    graph = draft.random.choice(draft.graphs)
    targets = [name for name in draft.targets([graph]) if draft.types[graph][name].keyword == "type"]
    if targets and draft.chance(0.1) and draft.types[graph].get("Query", Type("type")).fields:
        draft.types[graph][draft.random.choice(targets)].fields[draft.fresh("f")] = Field("Query", is_free=False)
