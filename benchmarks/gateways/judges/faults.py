"""Makes one mistake in a set of subgraphs, as people make them: a key forgotten, a type changed, a name misspelt.

Whether the set is still right afterwards is for the composers to say.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    NameNode,
    parse,
    parse_type,
    print_ast,
)

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external",'
    ' "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject", "@tag", "@extends",'
    ' "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@context", "@fromContext"])'
)
_LEAVES = ("Int", "String", "Int!", "[Int]", "ID", "Hue", "Point", "[[String!]!]")
_ON_FIELDS = (
    *("@shareable", "@external", "@inaccessible", '@override(from: "{graph}")', '@override(from: "elsewhere")'),
    *('@requires(fields: "{field}")', '@provides(fields: "{field}")', '@requires(fields: "id")', "@deprecated"),
    *('@tag(name: "public")', "@authenticated", '@requiresScopes(scopes: [["read"]])', "@cost(weight: 2)"),
    *('@override(from: "{graph}", label: "percent(5)")', '@override(from: "{graph}", label: "0")'),
    *("@listSize(assumedSize: 3)", "@listSize(assumedSize: -1)", '@listSize(slicingArguments: ["n"])'),
    *('@listSize(sizedFields: ["{field}"])', "@listSize(slicingArguments: [])", '@policy(policies: [["p"]])'),
)
_ON_TYPES = (
    *('@key(fields: "{field}")', '@key(fields: "id")', '@key(fields: "id", resolvable: false)', "@shareable"),
    *("@external", "@inaccessible", "@interfaceObject", "@extends", '@key(fields: "{field} {{ id }}")'),
    *('@key(fields: "")', '@key(fields: "missing")', '@key(fields: "{field} @skip(if: true)")', '@tag(name: "t")'),
    *("@authenticated", '@context(name: "c")', '@context(name: "_")', "@key(fields: 5)", '@policy(policies: [["p"]])'),
)
_INPUTS = ("added: Int!", "added: Int", "added: Int! = 1", "added: Missing", "n: Int = 2", 'n: Int = "x"')
_KINDS = (
    "scalar {}",
    "enum {} {{ A }}",
    "input {} {{ a: Int }}",
    "type {} {{ id: ID! }}",
    "interface {} {{ id: ID! }}",
)
_LINKS = (
    *(_LINK.replace("v2.9", version) for version in ("v2.0", "v2.2", "v2.3", "v2.5", "v2.99", "v3.0", "v1")),
    *(_LINK.replace('"@key", ', ""), _LINK.replace('"@key"', '{name: "@key", as: "@k"}')),
    *(_LINK.replace('"@shareable"', '"@shareables"'), _LINK.replace('"@tag"', '{name: "@tag", as: "@label"}')),
    f'{_LINK} @link(url: "https://example.org/own/v1.0", for: SECURITY)',
    f'{_LINK} @link(url: "https://example.org/own/v1.0", import: ["@own"])',
    f"{_LINK} @link(url: 5)",
    f'{_LINK} @composeDirective(name: "@own")',
    "scalar Unlinked",
)
_FIELD_SETS = ('""', '"missing"', '"id"', '"{field}"', '"{field} {{ id }}"', '"a: id"', '"id("', "3", '["id"]')


def with_fault(subgraphs: Mapping[str, str], random: Random) -> dict[str, str]:
    """Return the subgraphs with one mistake, sometimes two."""
    documents = {name: parse(sdl, no_location=True) for name, sdl in subgraphs.items()}
    for _ in range(random.choice((1, 1, 1, 2))):
        while not random.choice(_FAULTS)(documents, random):
            pass
    return {name: print_ast(document) for name, document in documents.items()}


def _remove_directive(documents: dict[str, DocumentNode], random: Random) -> bool:
    owner = _choose(random, (node for node in _elements(documents, random) if node.directives))
    if owner is None:
        return False
    _put(owner, "directives", _without(owner.directives, random))
    return True


def _add_directive(documents: dict[str, DocumentNode], random: Random) -> bool:
    document = random.choice(list(documents.values()))
    kinds = {
        "object_type_definition": _ON_TYPES,
        "interface_type_definition": _ON_TYPES,
        "union_type_definition": _ON_TYPES,
        "field_definition": _ON_FIELDS,
        "input_value_definition": ("@inaccessible", '@tag(name: "x")', '@fromContext(field: "$c {{ {field} }}")'),
        "enum_value_definition": ("@inaccessible",),
        "enum_type_definition": ("@inaccessible", "@shareable"),
        "input_object_type_definition": ("@inaccessible",),
    }
    owner = _choose(random, (node for node in _below(document) if node.kind in kinds))
    if owner is None:
        return False
    text = random.choice(kinds[owner.kind]).format(
        field=random.choice(_field_names(document)), graph=random.choice(list(documents))
    )
    _link_to_all(document)
    _put(owner, "directives", (*(owner.directives or ()), _directive(text)))
    return True


def _change_field_set(documents: dict[str, DocumentNode], random: Random) -> bool:
    document = random.choice(list(documents.values()))
    directive = _choose(
        random,
        (
            each
            for node in _below(document)
            for each in node.directives or ()
            if each.name.value in {"key", "requires", "provides"}
        ),
    )
    if directive is None:
        return False
    text = random.choice(_FIELD_SETS).format(field=random.choice(_field_names(document)))
    changed = _directive(f"@{directive.name.value}(fields: {text})")
    _put(directive, "arguments", (*(changed.arguments or ()), *directive.arguments[1:]))
    return True


def _remove_part(documents: dict[str, DocumentNode], random: Random) -> bool:
    """Remove a field, an argument, a value, a member, an interface or a whole type."""
    places = [
        (node, part)
        for document in documents.values()
        for node in (document, *_below(document))
        for part in ("fields", "arguments", "values", "types", "interfaces", "definitions")
        if getattr(node, part, None)
    ]
    node, part = random.choice(places)
    _put(node, part, _without(getattr(node, part), random))
    return True


def _change_type(documents: dict[str, DocumentNode], random: Random) -> bool:
    document = random.choice(list(documents.values()))
    owner = _choose(random, (node for node in _below(document) if getattr(node, "type", None) is not None))
    if owner is None:
        return False
    text = print_ast(owner.type)
    others = [*_LEAVES, f"{text.rstrip('!')}!", text.rstrip("!"), f"[{text}]", *_type_names(document)]
    _put(owner, "type", parse_type(random.choice(others)))
    return True


def _rename(documents: dict[str, DocumentNode], random: Random) -> bool:
    """Rename a definition but none of its uses."""
    owner = _choose(random, (node for node in _elements(documents, random) if getattr(node, "name", None)))
    if owner is None:
        return False
    name = random.choice((f"{owner.name.value}x", "id", "code", "Query", "E0", "V0", "__own"))
    _put(owner, "name", NameNode(value=name))
    return True


def _add_input(documents: dict[str, DocumentNode], random: Random) -> bool:
    text = random.choice(_INPUTS)
    owner = _choose(
        random,
        (
            node
            for node in _elements(documents, random)
            if node.kind in {"field_definition", "input_object_type_definition"}
        ),
    )
    if owner is None:
        return False
    definition: Any = parse(f"input Any {{ {text} }}", no_location=True).definitions[0]
    part = "arguments" if isinstance(owner, FieldDefinitionNode) else "fields"
    _put(owner, part, (*(getattr(owner, part) or ()), *definition.fields))
    return True


def _change_default(documents: dict[str, DocumentNode], random: Random) -> bool:
    owner = _choose(random, (node for node in _elements(documents, random) if node.kind == "input_value_definition"))
    if owner is None:
        return False
    definition: Any = parse(f"input Any {{ any: Int = {random.choice(('1', '7', 'null', 'HUE_0'))} }}").definitions[0]
    _put(owner, "default_value", definition.fields[0].default_value if owner.default_value is None else None)
    return True


def _add_value(documents: dict[str, DocumentNode], random: Random) -> bool:
    owner = _choose(random, (node for node in _elements(documents, random) if node.kind == "enum_type_definition"))
    if owner is None:
        return False
    definition: Any = parse("enum Any { ADDED }", no_location=True).definitions[0]
    _put(owner, "values", (*(owner.values or ()), *definition.values))
    return True


def _change_kind(documents: dict[str, DocumentNode], random: Random) -> bool:
    """Make a type one of another kind, as far as its parts allow."""
    document = random.choice(list(documents.values()))
    definitions: list[Any] = list(document.definitions)
    chosen = _choose(random, (node for node in definitions[1:] if hasattr(node, "name")))
    if chosen is None:
        return False
    name = chosen.name.value
    replacement = random.choice(_KINDS).format(name)
    definitions[definitions.index(chosen)] = parse(replacement, no_location=True).definitions[0]
    _put(document, "definitions", tuple(definitions))
    return True


def _change_link(documents: dict[str, DocumentNode], random: Random) -> bool:
    """Name other versions or features, or import otherwise."""
    document = random.choice(list(documents.values()))
    if document.definitions[0].kind != "schema_extension":
        return False
    changed = parse(random.choice(_LINKS), no_location=True).definitions[0]
    _put(document, "definitions", (changed, *document.definitions[1:]))
    return True


_FAULTS: tuple[Callable[[dict[str, DocumentNode], Random], bool], ...] = (
    *(_remove_directive, _remove_directive, _remove_directive, _add_directive, _add_directive, _add_directive),
    *(_change_field_set, _remove_part, _remove_part, _change_type, _change_type, _rename, _rename),
    *(_add_input, _change_default, _add_value, _change_kind, _change_link),
)


def _put(node: Any, part: str, value: object) -> None:
    """Change a syntax tree in place: they are frozen, but this one is ours alone."""
    object.__setattr__(node, part, value)


def _link_to_all(document: DocumentNode) -> None:
    _put(document, "definitions", (parse(_LINK, no_location=True).definitions[0], *document.definitions[1:]))


def _elements(documents: Mapping[str, DocumentNode], random: Random) -> Iterator[Any]:
    yield from _below(random.choice(list(documents.values())))


def _below(document: DocumentNode) -> Iterator[Any]:
    """Yield the types of a document and all parts of them that may have directives."""
    waiting: list[Any] = [node for node in document.definitions if node.kind.endswith("_definition")]
    while waiting:
        node = waiting.pop()
        if node.kind != "schema_definition":
            yield node
        for part in ("fields", "arguments", "values"):
            waiting.extend(getattr(node, part, None) or ())


def _field_names(document: DocumentNode) -> list[str]:
    return sorted({node.name.value for node in _below(document) if node.kind == "field_definition"}) or ["id"]


def _type_names(document: DocumentNode) -> list[str]:
    return sorted(node.name.value for node in _below(document) if node.kind.endswith("type_definition"))


def _directive(text: str) -> DirectiveNode:
    definition: Any = parse(f"scalar Any {text}", no_location=True).definitions[0]
    found: DirectiveNode = definition.directives[0]
    return found


def _without(parts: tuple[Any, ...], random: Random) -> tuple[Any, ...]:
    left = list(parts)
    left.remove(random.choice(left))
    return tuple(left)


def _choose(random: Random, nodes: Iterator[Any]) -> Any:
    found = list(nodes)
    return random.choice(found) if found else None
