"""`@link`: versions, imports, renames, and what subgraph libraries print."""

import pytest

from tests.router.composition.compositions import codes, composed_raw, errors, type_of


def _schema(link: str) -> str:
    return f"extend schema @link({link}) type Query {{ t: T }}"


FEDERATION = 'url: "https://specs.apollo.dev/federation/v2.5"'


@pytest.mark.parametrize(
    ("link", "key"),
    [
        (f'{FEDERATION}, import: ["@key"]', "@key"),
        (f'{FEDERATION}, import: [{{name: "@key", as: "@identifiedBy"}}]', "@identifiedBy"),
        (FEDERATION, "@federation__key"),
        (f'{FEDERATION}, as: "fed"', "@fed__key"),
    ],
)
def test_a_directive_has_the_name_that_the_link_gives_it(link: str, key: str) -> None:
    result = composed_raw(a=f'{_schema(link)} type T {key}(fields: "id") {{ id: ID! }}')

    assert type_of(result, "T") == 'type T\n  @join__type(graph: A, key: "id")\n{\n  id: ID!\n}'


def test_a_directive_that_is_not_imported_is_unknown() -> None:
    result = composed_raw(a=_schema(FEDERATION) + ' type T @key(fields: "id") { id: ID! }')

    assert errors(result) == [
        ("INVALID_GRAPHQL", "The schema of subgraph \"a\" is not valid GraphQL: Unknown directive '@key'.")
    ]


def test_refuses_to_import_what_the_version_does_not_have() -> None:
    link = 'url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@interfaceObject"]'

    assert errors(composed_raw(a=_schema(link) + " type T { x: Int }")) == [
        (
            "INVALID_LINK_DIRECTIVE_USAGE",
            (
                'Subgraph "a" imports @interfaceObject from federation v2.0, which has no such element. Link'
                " v2.3 or newer"
                " to use it."
            ),
        )
    ]


@pytest.mark.parametrize("version", ["v2.99", "v3.0"])
def test_refuses_unknown_versions(version: str) -> None:
    result = composed_raw(a=_schema(f'url: "https://specs.apollo.dev/federation/{version}"') + " type T { x: Int }")

    assert errors(result) == [
        (
            "UNKNOWN_FEDERATION_LINK_VERSION",
            f'Subgraph "a" links federation {version}, which is not known here. Link a version from v2.0 to v2.14.',
        )
    ]


def test_refuses_a_linked_feature_that_it_would_have_to_understand() -> None:
    result = composed_raw(a=_schema('url: "https://example.com/secret/v1.0", for: SECURITY') + " type T { x: Int }")

    assert [error.code for error in result.errors] == ["UNSUPPORTED_LINKED_FEATURE"]


def test_leaves_out_the_machinery_that_subgraph_libraries_print() -> None:
    result = composed_raw(
        a="""
        schema @link(url: "https://specs.apollo.dev/link/v1.0")
          @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "FieldSet"]) { query: Query }
        directive @link(url: String!, import: [link__Import]) repeatable on SCHEMA
        directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
        directive @federation__requires(fields: FieldSet!) on FIELD_DEFINITION
        scalar link__Import
        scalar FieldSet
        scalar _Any
        union _Entity = T
        type _Service { sdl: String }
        type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! t: T }
        type T @key(fields: "id") { id: ID! }
        """,
        b="""
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
        scalar _Any
        union _Entity = T
        type _Service { sdl: String }
        type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }
        type T @key(fields: "id") { id: ID! x: Int }
        """,
    )

    assert type_of(result, "Query") == (
        "type Query\n  @join__type(graph: A)\n  @join__type(graph: B)\n{\n  t: T @join__field(graph: A)\n}"
    )
    assert "_Entity" not in result.supergraph_sdl
    assert "_Service" not in result.supergraph_sdl
    assert "scalar FieldSet" not in result.supergraph_sdl


def test_refuses_a_federation_directive_that_is_defined_otherwise() -> None:
    result = composed_raw(
        a=_schema(f'{FEDERATION}, import: ["@key"]')
        + " directive @key(fields: String!, since: Int) repeatable on OBJECT | ENUM type T { x: Int }"
    )

    assert errors(result) == [
        (
            "DIRECTIVE_DEFINITION_INVALID",
            (
                'Subgraph "a" defines @key unlike federation does: it has no argument "since"; it cannot stand on ENUM.'
                " Remove the definition and import the directive with @link."
            ),
        )
    ]


def test_what_follows_from_a_wrong_link_is_not_reported_beside_it() -> None:
    sdl = "type Query { x: Int @shareable }"
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/{}", import: [{}])'

    unknown_import = composed_raw(a=link.format("v2.5", '"@shareables"') + sdl)
    no_version = composed_raw(a=link.format("v2", '"@shareable"') + sdl)

    assert codes(unknown_import) == ["INVALID_LINK_DIRECTIVE_USAGE"]
    assert codes(no_version) == ["INVALID_LINK_IDENTIFIER"]


def test_no_directive_of_an_unknown_federation_version_has_a_name() -> None:
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v3.0", import: ["@key"])'

    result = composed_raw(a=link + 'type Query { t: T } type T @key(fields: "id") { id: ID! }')

    assert codes(result) == ["UNKNOWN_FEDERATION_LINK_VERSION", "INVALID_GRAPHQL"]
    assert errors(result)[1][1] == "The schema of subgraph \"a\" is not valid GraphQL: Unknown directive '@key'."
