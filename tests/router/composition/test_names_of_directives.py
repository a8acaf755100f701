"""What the supergraph calls federation's directives, and `@cacheTag`, which it carries inside another one."""

import pytest

from router.supergraph import Supergraph
from tests.router.composition.compositions import composed, composed_raw, errors, hints, type_of

RENAMING = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@shareable", {name: "@tag", as: "@label"}, {name: "@inaccessible", as: "@hidden"}, {name: "@cost", as: "@price"}
])
"""


def test_a_renamed_directive_keeps_its_name_in_the_supergraph() -> None:
    result = composed_raw(a=RENAMING + 'type Query { q: Int @label(name: "x") @price(weight: 2) h: Int @hidden }')

    assert hints(result) == []
    assert '  q: Int @price(weight: 2) @label(name: "x")\n  h: Int @hidden\n' in type_of(result, "Query")
    assert (
        '  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", import: [{name: "@inaccessible", as: "@hidden"}],'
        " for: SECURITY)\n" in result.supergraph_sdl
    )
    assert "directive @label(name: String!) repeatable on " in result.supergraph_sdl


def test_the_router_reads_what_a_renamed_directive_means() -> None:
    result = composed_raw(a=RENAMING + "type Query { q: Int h: Int @hidden }")

    query = Supergraph.from_sdl(result.supergraph_sdl).api_schema.query_type
    assert query is not None
    assert list(query.fields) == ["q"]


def test_a_subgraph_that_does_not_use_a_directive_may_call_it_otherwise() -> None:
    result = composed_raw(
        a=RENAMING + 'type Query { q: Int @label(name: "x") }',
        b=RENAMING.replace("@label", "@mark") + "type Query { r: Int }",
    )

    assert errors(result) == []


def test_a_directive_that_is_not_imported_keeps_its_long_name() -> None:
    result = composed_raw(
        a='extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")'
        ' type Query { q: Int @federation__tag(name: "x") }'
    )

    assert '  q: Int @federation__tag(name: "x")\n' in type_of(result, "Query")
    assert 'import: [{name: "@tag", as: "@federation__tag"}])\n' in result.supergraph_sdl


@pytest.mark.parametrize("link", ['as: "label"', 'import: [{name: "@tag", as: "@label"}]'])
def test_a_specification_may_be_linked_by_itself_under_another_name(link: str) -> None:
    result = composed_raw(
        a='extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")'
        f' @link(url: "https://specs.apollo.dev/tag/v0.3", {link}) type Query {{ q: Int @label(name: "x") }}'
    )

    assert '  q: Int @label(name: "x")\n' in type_of(result, "Query")


def test_tags_of_the_schema_are_united() -> None:
    result = composed(
        a='extend schema @tag(name: "b") @tag(name: "a") type Query { q: Int }',
        b='extend schema @tag(name: "b") @tag(name: "c") type Query { r: Int }',
    )

    assert '  @tag(name: "a")\n  @tag(name: "b")\n  @tag(name: "c")\n{\n  query: Query\n}' in result.supergraph_sdl


def test_cache_tags_say_of_which_subgraphs_they_are() -> None:
    result = composed(
        version="2.12",
        a='type Query { t(id: ID): T @shareable @cacheTag(format: "t-{$args.id}") }'
        ' type T @key(fields: "id") @cacheTag(format: "t-{$key.id}") { id: ID! }',
        b='type Query { t(id: ID): T @shareable @cacheTag(format: "t-{$args.id}") @cacheTag(format: "all") }'
        ' type T @key(fields: "id") { id: ID! }',
    )

    assert hints(result) == []
    assert (
        '  t(id: ID): T @join__directive(args: { format: "all" }, graphs: [B], name: "federation__cacheTag")'
        ' @join__directive(args: { format: "t-{$args.id}" }, graphs: [A, B], name: "federation__cacheTag")\n'
    ) in type_of(result, "Query")
    assert '  @join__directive(args: { format: "t-{$key.id}" }, graphs: [A], name: ' in type_of(result, "T")
    assert '  @link(url: "https://specs.apollo.dev/cacheTag/v0.1", for: EXECUTION)\n' in result.supergraph_sdl
    assert Supergraph.from_sdl(result.supergraph_sdl).graphs[0].name == "a"


def test_a_newer_feature_brings_the_newer_join_specification() -> None:
    result = composed_raw(
        a='extend schema @link(url: "https://specs.apollo.dev/federation/v2.0")'
        ' @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"]) type Query { q: Int @cost(weight: 2) }'
    )

    assert [code for code, _ in hints(result)] == ["IMPLICITLY_UPGRADED_FEDERATION_VERSION"]
    assert "https://specs.apollo.dev/join/v0.5" in result.supergraph_sdl
