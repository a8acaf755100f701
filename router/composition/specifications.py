"""The specifications that a subgraph may link, as data: federation 2.0 to 2.14, and the small ones beside it.

Also what each adds to a subgraph's schema, so that its SDL can be validated. Reading `@link` itself: links.py.
"""

import re
from dataclasses import dataclass

Version = tuple[int, int]

SPECIFICATION_HOST = "https://specs.apollo.dev"
FEDERATION = "federation"
LINK = "link"
CONNECT = "connect"
LINK_DIRECTIVE = LINK
LINK_VERSIONS: tuple[Version, ...] = ((1, 0),)
KNOWN_FEDERATION_VERSIONS = frozenset((2, minor) for minor in range(15))

# Kept in federation's own namespace whatever a subgraph calls them; they describe values inside directives.
MACHINERY_TYPES = frozenset({"_Any", "_Entity", "_Service", "_FieldSet"})
BUILT_IN_SCALARS = frozenset({"ID", "Int", "Float", "String", "Boolean"})
MACHINERY_PREFIXES = ("federation__", "link__", "core__")
MACHINERY_FIELDS = frozenset({"_entities", "_service"})


@dataclass(frozen=True, slots=True)
class DirectiveSpecification:
    """A directive of a specification: when it appeared, its arguments, and where it may stand."""

    since: Version
    arguments: str
    locations: str
    repeatable: bool = False

    def definition(self, name: str) -> str:
        """Return the SDL that defines the directive under a local name."""
        arguments = f"({self.arguments})" if self.arguments else ""
        repeatable = " repeatable" if self.repeatable else ""
        return f"directive @{name}{arguments}{repeatable} on {self.locations}"


_AUTH = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
_ANYWHERE = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT"
    " | INPUT_FIELD_DEFINITION"
)
_COST = "ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR"
_LIST_SIZE = (
    "assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true"
)

FEDERATION_DIRECTIVES: dict[str, DirectiveSpecification] = {
    "key": DirectiveSpecification(
        (1, 0), "fields: federation__FieldSet!, resolvable: Boolean = true", "OBJECT | INTERFACE", repeatable=True
    ),
    "requires": DirectiveSpecification((1, 0), "fields: federation__FieldSet!", "FIELD_DEFINITION"),
    "provides": DirectiveSpecification((1, 0), "fields: federation__FieldSet!", "FIELD_DEFINITION"),
    "external": DirectiveSpecification((1, 0), "reason: String", "OBJECT | FIELD_DEFINITION"),
    "extends": DirectiveSpecification((1, 0), "", "OBJECT | INTERFACE"),
    "tag": DirectiveSpecification((1, 0), "name: String!", f"{_ANYWHERE} | SCHEMA", repeatable=True),
    "shareable": DirectiveSpecification((2, 0), "", "OBJECT | FIELD_DEFINITION", repeatable=True),
    "override": DirectiveSpecification((2, 0), "from: String!, label: String", "FIELD_DEFINITION"),
    "inaccessible": DirectiveSpecification((2, 0), "", _ANYWHERE),
    "composeDirective": DirectiveSpecification((2, 1), "name: String", "SCHEMA", repeatable=True),
    "interfaceObject": DirectiveSpecification((2, 3), "", "OBJECT"),
    "authenticated": DirectiveSpecification((2, 5), "", _AUTH),
    "requiresScopes": DirectiveSpecification((2, 5), "scopes: [[federation__Scope!]!]!", _AUTH),
    "policy": DirectiveSpecification((2, 6), "policies: [[federation__Policy!]!]!", _AUTH),
    "context": DirectiveSpecification((2, 8), "name: String!", "INTERFACE | OBJECT | UNION", repeatable=True),
    "fromContext": DirectiveSpecification((2, 8), "field: federation__ContextFieldValue", "ARGUMENT_DEFINITION"),
    "cost": DirectiveSpecification((2, 9), "weight: Int!", _COST),
    "listSize": DirectiveSpecification((2, 9), _LIST_SIZE, "FIELD_DEFINITION"),
    "cacheTag": DirectiveSpecification((2, 12), "format: String", "OBJECT | FIELD_DEFINITION", repeatable=True),
}


@dataclass(frozen=True, slots=True)
class StandaloneSpecification:
    """A small specification that may be linked without the federation specification around it.

    Attributes:
        implies: The federation version whose rules a subgraph asks for by linking it, None for any.
    """

    versions: tuple[Version, ...]
    directives: tuple[str, ...]
    implies: Version | None = None


STANDALONE_SPECIFICATIONS: dict[str, StandaloneSpecification] = {
    "tag": StandaloneSpecification(((0, 1), (0, 2), (0, 3)), ("tag",)),
    "inaccessible": StandaloneSpecification(((0, 1), (0, 2)), ("inaccessible",)),
    "authenticated": StandaloneSpecification(((0, 1),), ("authenticated",), (2, 5)),
    "requiresScopes": StandaloneSpecification(((0, 1),), ("requiresScopes",), (2, 5)),
    "policy": StandaloneSpecification(((0, 1),), ("policy",)),
    "cost": StandaloneSpecification(((0, 1),), ("cost", "listSize"), (2, 9)),
}

FEDERATION_TYPES: dict[str, Version] = {
    "FieldSet": (2, 0),
    "Scope": (2, 5),
    "Policy": (2, 6),
    "ContextFieldValue": (2, 8),
}

LINK_DEFINITIONS = """
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
enum link__Purpose { SECURITY EXECUTION }
scalar link__Import
scalar federation__FieldSet
scalar federation__Scope
scalar federation__Policy
scalar federation__ContextFieldValue
"""


def federation_directives(version: Version) -> list[str]:
    """Return the names of the directives that a federation version has."""
    return [name for name, directive in FEDERATION_DIRECTIVES.items() if directive.since <= version]


@dataclass(frozen=True, slots=True)
class MergedDirective:
    """A directive that reaches the supergraph: its definition there, and the link that declares it."""

    definition: str
    url: str
    purpose: str | None = None
    extra: str = ""  # definitions that belong to the directive, such as a type that its arguments use

    def definition_as(self, name: str) -> str:
        """Return the definition of the directive under another name."""
        return re.sub(r"@\w+", f"@{name}", self.definition, count=1)


MERGED_DIRECTIVES: dict[str, MergedDirective] = {
    "tag": MergedDirective(
        f"directive @tag(name: String!) repeatable on {_ANYWHERE} | SCHEMA", f"{SPECIFICATION_HOST}/tag/v0.3"
    ),
    "inaccessible": MergedDirective(
        f"directive @inaccessible on {_ANYWHERE}", f"{SPECIFICATION_HOST}/inaccessible/v0.2", "SECURITY"
    ),
    "authenticated": MergedDirective(
        f"directive @authenticated on {_AUTH}", f"{SPECIFICATION_HOST}/authenticated/v0.1", "SECURITY"
    ),
    "requiresScopes": MergedDirective(
        f"directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on {_AUTH}",
        f"{SPECIFICATION_HOST}/requiresScopes/v0.1",
        "SECURITY",
        "scalar requiresScopes__Scope",
    ),
    "policy": MergedDirective(
        f"directive @policy(policies: [[policy__Policy!]!]!) on {_AUTH}",
        f"{SPECIFICATION_HOST}/policy/v0.1",
        "SECURITY",
        "scalar policy__Policy",
    ),
    "cost": MergedDirective(f"directive @cost(weight: Int!) on {_COST}", f"{SPECIFICATION_HOST}/cost/v0.1"),
    "listSize": MergedDirective(
        f"directive @listSize({_LIST_SIZE}) on FIELD_DEFINITION", f"{SPECIFICATION_HOST}/cost/v0.1"
    ),
    "context": MergedDirective(
        "directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION",
        f"{SPECIFICATION_HOST}/context/v0.1",
        "SECURITY",
        "directive @context__fromContext(field: context__ContextFieldValue) on ARGUMENT_DEFINITION\n\n"
        "scalar context__ContextFieldValue",
    ),
}

# Directives that reach the supergraph inside @join__directive, each under its name in federation's own namespace.
JOIN_DIRECTIVES: dict[str, str] = {"cacheTag": "federation__cacheTag"}
JOIN_DIRECTIVE_LINKS: dict[str, str] = {
    "cacheTag": f'@link(url: "{SPECIFICATION_HOST}/cacheTag/v0.1", for: EXECUTION)',
}
