"""One `@link`: the specification that it names, and how its elements are called in the schema that links it.

Reading and checking a single link. How several of them go together, and what federation's means: links.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import ConstDirectiveNode, DirectiveNode, value_from_ast_untyped

from router.composition.errors import Report, subgraph_list, subgraph_subject
from router.composition.specifications import SPECIFICATION_HOST, Version

_URL = re.compile(r"^(?P<identity>https?://[^/?#]+(?:/[^?#]*)?/(?P<name>[^/?#]+))/v(?P<major>\d+)\.(?P<minor>\d+)/?$")
_NAMESPACE = re.compile(r"^[A-Za-z_][\w.-]*$", flags=re.ASCII)
_IMPORTED = re.compile(r"^@?[A-Za-z_]\w*$", flags=re.ASCII)


@dataclass(frozen=True, slots=True)
class LinkedFeature:
    """A specification that a schema links.

    Attributes:
        identity: Its address without the version.
        name: The last part of the address, which is also the name of its main directive.
        namespace: What stands before `__` in the names of elements that are not imported.
        imports: Pairs of the name there and the name here, both with the `@` of a directive.
    """

    identity: str
    name: str
    version: Version
    namespace: str
    imports: tuple[tuple[str, str], ...] = ()
    purpose: str | None = None

    @property
    def is_of_federation(self) -> bool:
        """Whether the specification is one of those that composition may know."""
        return self.identity == f"{SPECIFICATION_HOST}/{self.name}"

    @property
    def url(self) -> str:
        """The address with its version."""
        return f"{self.identity}/v{self.version[0]}.{self.version[1]}"

    def local_name(self, directive: str) -> str:
        """Return what the schema calls a directive of the specification."""
        imported = dict(self.imports).get(f"@{directive}")
        if imported is not None:
            return imported.removeprefix("@")
        return self.namespace if directive == self.name else f"{self.namespace}__{directive}"

    def name_there(self, local: str) -> str | None:
        """Return what the specification calls a directive of the schema, None when it is not of it."""
        for there, here in self.imports:
            if here == f"@{local}":
                return there.removeprefix("@")
        prefix, separator, rest = local.partition("__")
        if local == self.namespace:
            return self.name
        return rest if separator and prefix == self.namespace else None


def read_link(directive: DirectiveNode | ConstDirectiveNode, *, subgraph: str, report: Report) -> LinkedFeature | None:
    """Return what one `@link` says, or None when it says nothing that makes sense; why is in the report."""
    arguments = {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
    url = arguments.get("url")
    if not isinstance(url, str):
        _misused(
            f"A @link in {subgraph_list([subgraph])} has no url. Give it the address of a specification.",
            subgraph,
            report,
        )
        return None
    found = _URL.match(url)
    if found is None:
        report.error(
            "INVALID_LINK_IDENTIFIER",
            f'{subgraph_subject([subgraph])} links "{url}", which is no address of a specification. It ends in a name'
            " and a version, as in https://example.com/name/v1.0.",
            subgraphs=[subgraph],
        )
        return None
    namespace = arguments.get("as")
    purpose = arguments.get("for")
    feature = LinkedFeature(
        identity=found["identity"],
        name=found["name"],
        version=(int(found["major"]), int(found["minor"])),
        namespace=namespace if isinstance(namespace, str) else found["name"],
        imports=tuple(_read_imports(arguments.get("import"), subgraph=subgraph, report=report)),
        # Anything else is named when the schema is checked as GraphQL.
        purpose=purpose if purpose in ("SECURITY", "EXECUTION") else None,
    )
    if not _NAMESPACE.match(feature.namespace) or "__" in feature.namespace or feature.namespace.endswith("_"):
        _misused(
            f'{subgraph_subject([subgraph])} links {feature.url} as "{feature.namespace}", which is not a name, or has'
            ' "__" in it or "_" at its end. Give it another one with `as`.',
            subgraph,
            report,
        )
        return None
    return feature


def _read_imports(imports: object, *, subgraph: str, report: Report) -> Iterator[tuple[str, str]]:
    # A single value where a list is expected stands for a list of one.
    for item in imports if isinstance(imports, list) else [] if imports is None else [imports]:
        match item:
            case str(name) if _IMPORTED.match(name):
                yield name, name
            case {"name": str(name), "as": str(alias), **others} if not others and _is_renaming(name, alias):
                yield name, alias
            case {"name": str(name), **others} if not others and _IMPORTED.match(name):
                yield name, name
            case _:
                _misused(
                    f"{subgraph_subject([subgraph])} imports {item!r} in a @link. Import a name, or"
                    ' {name: "@x", as: "@y"} with "@" before both or neither.',
                    subgraph,
                    report,
                )


def _is_renaming(name: str, alias: str) -> bool:
    are_names = _IMPORTED.match(name) is not None and _IMPORTED.match(alias) is not None
    return are_names and name.startswith("@") == alias.startswith("@")


def _misused(message: str, subgraph: str, report: Report) -> None:
    report.error("INVALID_LINK_DIRECTIVE_USAGE", message, subgraphs=[subgraph])
