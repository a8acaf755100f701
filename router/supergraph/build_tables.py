"""Builds the tables from the facts of all types, once the graphs are numbered.

Field sets are parsed last, since they are read against the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode, parse_type, print_ast

from router.errors import InvalidSupergraphError
from router.supergraph.selections import SelectionSet, ask_types, parse_field_set
from router.supergraph.tables import (
    Authorization,
    ContextArgument,
    FieldTable,
    Graph,
    GraphField,
    Key,
    TypeKind,
    TypeTable,
)
from router.supergraph.type_facts import ContextFacts, FieldFacts, TypeFacts, arguments_of


def build_tables(
    definitions: Mapping[str, TypeFacts], graphs: Mapping[str, Graph], object_names: tuple[str, ...]
) -> dict[str, TypeTable]:
    """Return a table per type."""
    bits = {name: 1 << index for index, name in enumerate(object_names)}
    tables = {
        name: TypeTable(
            name=name,
            kind=definition.kind,
            mask=_possible_mask(definition, definitions, bits),
            graphs=sum(1 << graphs[graph].index for graph in definition.graphs),
            keys={},
            fields={},
            interface_object=sum(1 << graphs[graph].index for graph in definition.interface_object),
            possible_in=_possible_in(definition, definitions, graphs, bits),
            interfaces=definition.interface_names,
            is_inaccessible=_has_directive(definition.node, "inaccessible"),
            authorization=_authorization(definition.node),
        )
        for name, definition in definitions.items()
    }
    setters = _setters(definitions)
    # Field sets may name any type, so all types must have fields before the first one is parsed.
    for name, definition in definitions.items():
        tables[name] = replace(tables[name], fields=_build_fields(definition, graphs, None, setters))
    complete = {
        name: replace(table, keys=_build_keys(definitions[name], graphs, tables)) for name, table in tables.items()
    }
    for name, definition in definitions.items():
        complete[name] = replace(complete[name], fields=_build_fields(definition, graphs, tables, setters))
    return complete


def _setters(definitions: Mapping[str, TypeFacts]) -> dict[str, tuple[str, ...]]:
    """Return the types that set each context, objects before the abstract ones that may stand for them."""
    found: dict[str, list[str]] = {}
    for name, definition in sorted(
        definitions.items(), key=lambda item: (item[1].kind is not TypeKind.OBJECT, item[0])
    ):
        for context in definition.contexts:
            found.setdefault(context, []).append(name)
    return {context: tuple(names) for context, names in found.items()}


def _possible_mask(definition: TypeFacts, definitions: Mapping[str, TypeFacts], bits: Mapping[str, int]) -> int:
    if definition.kind is TypeKind.OBJECT:
        return bits[definition.name]
    if definition.kind is TypeKind.UNION:
        return sum(bits[name] for name in definition.member_names)
    return sum(bits[name] for name in bits if definition.name in definitions[name].interface_names)


def _possible_in(
    definition: TypeFacts,
    definitions: Mapping[str, TypeFacts],
    graphs: Mapping[str, Graph],
    bits: Mapping[str, int],
) -> dict[int, int] | None:
    if definition.kind is TypeKind.UNION:
        return {
            graphs[graph].index: sum(
                bits[name]
                for name in definition.member_names
                if (
                    name in definition.members.get(graph, ())
                    if definition.members
                    else graph in definitions[name].graphs
                )
            )
            for graph in definition.graphs
        }
    if definition.kind is not TypeKind.INTERFACE:
        return None
    objects = [definitions[name] for name in bits if definition.name in definitions[name].interface_names]
    return {
        graphs[graph].index: sum(
            bits[candidate.name]
            for candidate in objects
            if graph in candidate.graphs
            and (definition.name in candidate.implements.get(graph, ()) if candidate.implements else True)
        )
        for graph in definition.graphs
    }


def _build_keys(
    definition: TypeFacts, graphs: Mapping[str, Graph], tables: Mapping[str, TypeTable]
) -> dict[int, tuple[Key, ...]]:
    return {
        graphs[graph].index: tuple(
            Key(key.text, parse_field_set(key.text, definition.name, types=tables), resolvable=key.resolvable)
            for key in keys
        )
        for graph, keys in definition.keys.items()
        if keys
    }


def _build_fields(
    definition: TypeFacts,
    graphs: Mapping[str, Graph],
    tables: Mapping[str, TypeTable] | None,
    setters: Mapping[str, tuple[str, ...]],
) -> dict[str, FieldTable]:
    """Return the field tables; without `tables`, requirements, provisions and contexts are left out.

    Args:
        setters: The types that set each context.
    """
    fields: dict[str, FieldTable] = {}
    for node in definition.field_nodes:
        name = node.name.value
        type_name, list_depth = _unwrap(node.type)
        fields[name] = FieldTable(
            name=name,
            type_text=print_ast(node.type),
            type_name=type_name,
            list_depth=list_depth,
            graphs={
                graphs[graph].index: _build_graph_field(
                    definition, facts, tables, graph=graphs[graph].index, setters=setters
                )
                for graph, facts in definition.fields[name].items()
            },
            is_inaccessible=_has_directive(node, "inaccessible"),
            authorization=_authorization(node),
        )
    return fields


def _build_graph_field(
    definition: TypeFacts,
    facts: FieldFacts,
    tables: Mapping[str, TypeTable] | None,
    *,
    graph: int,
    setters: Mapping[str, tuple[str, ...]],
) -> GraphField:
    type_name, list_depth = _unwrap(parse_type(facts.type_text, no_location=True))
    requires = None
    if tables and facts.requires:
        # The subgraph is told the type of what it requires where it knows several.
        requires = ask_types(parse_field_set(facts.requires, definition.name, types=tables), types=tables, graph=graph)
    return GraphField(
        type_text=facts.type_text,
        type_name=type_name,
        list_depth=list_depth,
        is_resolvable=not facts.external and not facts.used_overridden,
        requires=requires,
        provides=parse_field_set(facts.provides, type_name, types=tables) if tables and facts.provides else None,
        contexts=tuple(
            _context_argument(found, setters.get(found.context, ()), tables, graph=graph) for found in facts.contexts
        )
        if tables
        else (),
    )


def _context_argument(
    facts: ContextFacts, setters: tuple[str, ...], tables: Mapping[str, TypeTable], *, graph: int
) -> ContextArgument:
    """Return an argument with what it takes from each type that sets its context.

    Raises:
        InvalidSupergraphError: No type sets it, or what is selected does not fit one that does.
    """
    text = facts.selection.strip()
    text = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    values: list[tuple[int, SelectionSet]] = []
    taken = 0
    for name in setters:
        table = tables[name]
        mask = (table.possible_in or {}).get(graph, 0) if table.is_abstract else table.mask
        if mask & ~taken:
            values.append((mask & ~taken, parse_field_set(text, name, types=tables)))
            taken |= mask
    if not values:
        raise InvalidSupergraphError(f"No type sets the context {facts.context}.")
    return ContextArgument(facts.name, facts.type_text, facts.context, " ".join(text.split()), tuple(values), taken)


def _unwrap(node: TypeNode) -> tuple[str, int]:
    depth = 0
    while not isinstance(node, NamedTypeNode):
        assert isinstance(node, ListTypeNode | NonNullTypeNode)
        depth += isinstance(node, ListTypeNode)
        node = node.type
    return node.name.value, depth


def _has_directive(node: object, name: str) -> bool:
    return any(True for _ in arguments_of(node, name))


def _authorization(node: object) -> Authorization | None:
    scopes = _any_of_all(node, "requiresScopes", "scopes")
    policies = _any_of_all(node, "policy", "policies")
    authenticated = scopes is not None or _has_directive(node, "authenticated")
    if not authenticated and policies is None:
        return None
    return Authorization(authenticated=authenticated, scopes=scopes or (), policies=policies or ())


def _any_of_all(node: object, directive_name: str, argument_name: str) -> tuple[tuple[str, ...], ...] | None:
    """Return a list of lists as tuples; None without the directive.

    Raises:
        InvalidSupergraphError: The list is missing or empty; what it demands is not clear.
    """
    for arguments in arguments_of(node, directive_name):
        groups = arguments.get(argument_name)
        if not groups:
            raise InvalidSupergraphError(f"@{directive_name} says nothing in its argument {argument_name}.")
        # GraphQL takes a single value for a list of one.
        return tuple(
            tuple(str(name) for name in (group if isinstance(group, list) else [group]))
            for group in (groups if isinstance(groups, list) else [groups])
        )
    return None
