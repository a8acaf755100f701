"""`@composeDirective`: directives of the subgraphs' own in the supergraph."""

import pytest

from tests.router.composition.compositions import codes, composed, composed_raw, errors, federation_2, hints, type_of

DEFINITION = "directive @foo(x: String) repeatable on FIELD_DEFINITION | OBJECT"
COMPOSE = '@composeDirective(name: "@foo")'


def _linked(
    sdl: str, *, version: str = "1.0", imports: str = '"@foo"', compose: str = COMPOSE, definition: str = DEFINITION
) -> str:
    link = f'@link(url: "https://example.com/foo/v{version}", import: [{imports}])'
    return f"extend schema {link} {compose}\n{definition}\n{sdl}"


def test_every_use_is_kept_once_with_the_definition_and_the_link() -> None:
    result = composed(
        a=_linked('type Query @foo { q: Int @shareable @foo(x: "1") @foo(x: "2") }'),
        b=_linked('type Query @foo { q: Int @shareable @foo(x: "2") @foo(x: "3") }'),
    )

    assert hints(result) == []
    assert '  q: Int @foo(x: "1") @foo(x: "2") @foo(x: "3")\n' in type_of(result, "Query")
    assert "  @foo\n{" in type_of(result, "Query")
    assert '  @link(url: "https://example.com/foo/v1.0", import: ["@foo"])\n' in result.supergraph_sdl
    assert f"\n{DEFINITION}\n" in result.supergraph_sdl


def test_of_one_that_is_not_repeatable_the_most_frequent_use_is_kept() -> None:
    definition = DEFINITION.replace(" repeatable", "")
    uses = ("1", "2", "2")

    result = composed(
        **{
            name: _linked(f'type Query {{ q: Int @shareable @foo(x: "{use}") }}', definition=definition)
            for name, use in zip("abc", uses, strict=True)
        }
    )

    assert '  q: Int @foo(x: "2")\n' in type_of(result, "Query")
    assert [code for code, _ in hints(result)] == ["INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"]


def test_a_subgraph_that_does_not_ask_keeps_its_uses_to_itself() -> None:
    result = composed(
        a=_linked('type Query { q: Int @shareable @foo(x: "1") }'),
        b=_linked('type Query { q: Int @shareable @foo(x: "2") r: Int @foo }', compose=""),
    )

    assert '  q: Int @foo(x: "1")\n  r: Int @join__field(graph: B)\n' in type_of(result, "Query")


def test_without_a_wish_nothing_is_composed() -> None:
    result = composed(a=_linked("type Query { q: Int @foo }", compose=""))

    assert type_of(result, "Query") == "type Query\n  @join__type(graph: A)\n{\n  q: Int\n}"
    assert "foo" not in result.supergraph_sdl


@pytest.mark.parametrize(
    ("imports", "name", "expected"),
    [
        ('{name: "@foo", as: "@bar"}', "bar", '{name: "@foo", as: "@bar"}'),
        ("", "foo__bar", '{name: "@bar", as: "@foo__bar"}'),
        ("", "foo", '"@foo"'),
    ],
)
def test_it_keeps_the_name_that_the_subgraphs_give_it(imports: str, name: str, expected: str) -> None:
    result = composed(
        a=_linked(
            f"type Query {{ q: Int @{name} }}",
            imports=imports,
            compose=f'@composeDirective(name: "@{name}")',
            definition=f"directive @{name} on FIELD_DEFINITION",
        )
    )

    assert f"  q: Int @{name}\n" in type_of(result, "Query")
    assert f'@link(url: "https://example.com/foo/v1.0", import: [{expected}])\n' in result.supergraph_sdl


def test_the_newest_version_that_is_composed_defines_it() -> None:
    newer = "directive @foo(x: String, y: Int) repeatable on FIELD_DEFINITION"

    result = composed(
        a=_linked("type Query { q: Int @foo }", version="1.2", definition=newer),
        b=_linked('type Query { r: Int @foo(x: "1") }', version="1.1"),
    )

    assert hints(result) == []
    assert f"\n{newer}\n" in result.supergraph_sdl
    assert '@link(url: "https://example.com/foo/v1.2", import: ["@foo"])' in result.supergraph_sdl


def test_a_use_that_the_chosen_definition_does_not_allow_is_refused() -> None:
    result = composed(
        a=_linked("type Query { t: T } type T @foo { x: Int }"),
        b=_linked("type Query { r: Int @foo }", version="1.1", definition="directive @foo on FIELD_DEFINITION"),
    )

    assert errors(result) == [
        (
            "INVALID_GRAPHQL",
            (
                '"T" has @foo in the supergraph, where it stands on OBJECT; by its definition it may stand on'
                " FIELD_DEFINITION. Add the place to the definition in every subgraph."
            ),
        )
    ]


def test_it_may_stand_on_the_schema_and_use_types_of_the_subgraph() -> None:
    definition = "directive @foo(e: E) on SCHEMA enum E { A }"

    result = composed(a=_linked("type Query { q: Int }", compose=f"{COMPOSE} @foo(e: A)", definition=definition))

    assert hints(result) == []
    assert "  @foo(e: A)\n{\n  query: Query\n}" in result.supergraph_sdl


@pytest.mark.parametrize(
    ("sdl", "problem"),
    [
        (
            'extend schema @composeDirective(name: "")',
            'Subgraph "a" has a @composeDirective without a name. Name a directive.',
        ),
        (
            'extend schema @composeDirective(name: "foo")',
            'Subgraph "a" asks to compose "foo". Write the name with its "@".',
        ),
        (
            'extend schema @composeDirective(name: "@foo")',
            'Subgraph "a" asks to compose @foo, which it does not define. Define the directive there.',
        ),
        (
            'extend schema @composeDirective(name: "@key")',
            (
                'Subgraph "a" asks to compose @key, which is federation\'s own: composition itself says what becomes'
                " of it. Remove the @composeDirective."
            ),
        ),
        (
            _linked("directive @bar on FIELD_DEFINITION", imports='{name: "@foo", as: "@bar"}'),
            (
                'Subgraph "a" asks to compose @foo, but imports that directive of https://example.com/foo as @bar.'
                " Use the imported name."
            ),
        ),
    ],
)
def test_refuses_a_wish_that_names_no_directive_of_its_own(sdl: str, problem: str) -> None:
    assert errors(composed(version="2.9", a=f"{sdl} type Query {{ q: Int }}")) == [
        ("DIRECTIVE_COMPOSITION_ERROR", problem)
    ]


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (
            _linked("type Query { r: Int @foo }", version="2.0"),
            (
                'https://example.com/foo is composed in different major versions: v1 in subgraph "a", v2 in subgraph'
                ' "b". Link the same one everywhere.'
            ),
        ),
        (
            _linked("type Query { r: Int @foo }").replace("example.com", "example.org"),
            (
                "@foo is composed from different specifications: https://example.com/foo in subgraph"
                ' "a", https://example.org/foo in subgraph "b". Rename one of them.'
            ),
        ),
        (
            _linked(
                "type Query { r: Int @bar }",
                imports='{name: "@foo", as: "@bar"}',
                compose='@composeDirective(name: "@bar")',
                definition=DEFINITION.replace("@foo", "@bar"),
            ),
            (
                "@foo of https://example.com/foo is composed under different names: @foo in subgraph"
                ' "a", @bar in subgraph "b". Import it under the same name everywhere.'
            ),
        ),
        (
            _linked(
                "type Query { r: Int @bar }",
                version="1.1",
                imports='"@bar"',
                compose='@composeDirective(name: "@bar")',
                definition=DEFINITION.replace("@foo", "@bar"),
            ),
            (
                "@foo is composed from https://example.com/foo/v1.1, but not defined in subgraph"
                ' "b", which has that version. Define it there.'
            ),
        ),
    ],
)
def test_refuses_a_directive_that_is_not_the_same_everywhere(other: str, problem: str) -> None:
    result = composed(version="2.9", a=_linked("type Query { q: Int @foo }"), b=other)

    assert ("DIRECTIVE_COMPOSITION_ERROR", problem) in errors(result)
    assert set(codes(result)) == {"DIRECTIVE_COMPOSITION_ERROR"}


def test_refuses_the_name_that_another_subgraph_gives_to_tags() -> None:
    renaming = 'url: "https://specs.apollo.dev/federation/v2.5", import: [{name: "@tag", as: "@foo"}]'

    result = composed_raw(
        a=federation_2(_linked("type Query { q: Int @foo }")),
        b=f"extend schema @link({renaming}) type Query {{ r: Int }}",
    )

    assert errors(result) == [
        (
            "DIRECTIVE_COMPOSITION_ERROR",
            (
                'Subgraph "a" asks to compose @foo, which is the name of federation\'s @tag in subgraph "b". Rename one'
                " of them."
            ),
        )
    ]


def test_another_major_version_that_is_not_composed_is_only_remarked() -> None:
    result = composed(
        a=_linked("type Query { q: Int @foo }"), b=_linked("type Query { r: Int @foo }", version="2.0", compose="")
    )

    assert hints(result) == [
        (
            "DIRECTIVE_COMPOSITION_INFO",
            (
                'https://example.com/foo is linked in different major versions: v1 in subgraph "a", v2 in subgraph "b".'
                " Not all of them are composed."
            ),
        )
    ]
    assert "  q: Int @join__field(graph: A) @foo\n  r: Int @join__field(graph: B)\n" in type_of(result, "Query")
