"""Reads the `@link`s of a subgraph: which federation version it uses and what it calls each directive.

A directive that is not imported has its specification's namespace before its name (`federation__key`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

from router.composition.errors import Report, subgraph_list, subgraph_subject
from router.composition.specifications import (
    FEDERATION,
    FEDERATION_DIRECTIVES,
    FEDERATION_TYPES,
    KNOWN_FEDERATION_VERSIONS,
    STANDALONE_DIRECTIVES,
    Version,
    federation_directives,
)

_URL = re.compile(r"^https?://.+?/(?P<name>[^/]+)/v(?P<major>\d+)\.(?P<minor>\d+)/?$")
_FEDERATION_1: Version = (1, 0)


@dataclass(slots=True)
class LinkedNames:
    """What a subgraph links: its federation version, its names for directives, and names of types to leave out."""

    version: Version = _FEDERATION_1
    directives: dict[str, str] = field(default_factory=dict)  # local name to canonical name
    types: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Link:
    specification: str
    version: Version
    namespace: str
    imports: Sequence[tuple[str, str]]  # (name there, name here)
    purpose: str | None


def read_links(document: DocumentNode, *, subgraph: str, report: Report) -> LinkedNames:
    """Return the names that a subgraph's links give it; problems go to the report.

    Without a link to the federation specification the version is 1.0 and every Federation 1 directive has its own name.
    """
    names = LinkedNames()
    for directive in _link_directives(document):
        link = _read_link(directive, subgraph=subgraph, report=report)
        if link is not None:
            _apply_link(link, names, subgraph=subgraph, report=report)
    if names.version == _FEDERATION_1:
        for name in federation_directives(_FEDERATION_1):
            names.directives.setdefault(name, name)
    return names


def _link_directives(document: DocumentNode) -> Iterator[DirectiveNode | ConstDirectiveNode]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield from (directive for directive in definition.directives or () if directive.name.value == "link")


def _read_link(directive: DirectiveNode, *, subgraph: str, report: Report) -> _Link | None:
    arguments = {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
    url = arguments.get("url")
    if not isinstance(url, str):
        report.error(
            "INVALID_LINK_DIRECTIVE_USAGE",
            f"A @link in {subgraph_list([subgraph])} has no url. Give it the address of a specification.",
            subgraphs=[subgraph],
        )
        return None
    found = _URL.match(url)
    if found is None:
        # Someone's own vocabulary without a version: nothing that composition reads.
        return None
    name = found["name"]
    namespace = arguments.get("as")
    purpose = arguments.get("for")
    return _Link(
        specification=name,
        version=(int(found["major"]), int(found["minor"])),
        namespace=namespace if isinstance(namespace, str) else name,
        imports=list(_read_imports(arguments.get("import"), subgraph=subgraph, report=report)),
        purpose=purpose if isinstance(purpose, str) else None,
    )


def _read_imports(imports: object, *, subgraph: str, report: Report) -> Iterator[tuple[str, str]]:
    for item in imports if isinstance(imports, list) else []:
        match item:
            case str():
                yield item, item
            case {"name": str(name), "as": str(alias)} if name.startswith("@") == alias.startswith("@"):
                yield name, alias
            case {"name": str(name)} if "as" not in item:
                yield name, name
            case _:
                report.error(
                    "INVALID_LINK_DIRECTIVE_USAGE",
                    f"{subgraph_subject([subgraph])} imports {item!r} in a @link. Import a name, or"
                    ' {name: "@x", as: "@y"} with "@" before both or neither.',
                    subgraphs=[subgraph],
                )


def _apply_link(link: _Link, names: LinkedNames, *, subgraph: str, report: Report) -> None:
    if link.specification == FEDERATION:
        if link.version not in KNOWN_FEDERATION_VERSIONS:
            report.error(
                "UNKNOWN_FEDERATION_LINK_VERSION",
                f"{subgraph_subject([subgraph])} links federation v{link.version[0]}.{link.version[1]}, which"
                " is not known here. Link a version from v2.0 to v2.14.",
                subgraphs=[subgraph],
            )
            return
        names.version = link.version
        _apply_federation(link, names, subgraph=subgraph, report=report)
    elif link.specification in STANDALONE_DIRECTIVES:
        imported = dict(link.imports).get(f"@{link.specification}", f"@{link.namespace}")
        names.directives[imported.removeprefix("@")] = link.specification
    elif link.specification != "link" and link.purpose is not None:
        report.error(
            "UNSUPPORTED_LINKED_FEATURE",
            f'{subgraph_subject([subgraph])} links "{link.specification}" for {link.purpose}, which is not'
            " supported. Remove the link, or its `for` if the schema works without it.",
            subgraphs=[subgraph],
        )


def _apply_federation(link: _Link, names: LinkedNames, *, subgraph: str, report: Report) -> None:
    available = federation_directives(link.version)
    for name in available:
        names.directives[f"{link.namespace}__{name}"] = name
    names.types |= {f"{link.namespace}__{name}" for name in FEDERATION_TYPES}
    for name, alias in link.imports:
        bare = name.removeprefix("@")
        if name.startswith("@") and bare in available:
            names.directives.pop(f"{link.namespace}__{bare}", None)
            names.directives[alias.removeprefix("@")] = bare
        elif not name.startswith("@") and FEDERATION_TYPES.get(name, (9, 9)) <= link.version:
            names.types.add(alias)
        else:
            report.error(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f"{subgraph_subject([subgraph])} imports {name} from federation"
                f" v{link.version[0]}.{link.version[1]}, which has no such element.{_since(bare)}",
                subgraphs=[subgraph],
            )


def _since(name: str) -> str:
    directive = FEDERATION_DIRECTIVES.get(name)
    if directive is None:
        return ""
    return f" Link v{directive.since[0]}.{directive.since[1]} or newer to use it."
