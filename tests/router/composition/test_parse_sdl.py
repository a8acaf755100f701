"""SDL is read as the GraphQL library reads it, faults included, and its rules say what they say there."""

import pytest
from graphql import DocumentNode, GraphQLSyntaxError, Lexer, Token, parse
from graphql.validation.validate import validate_sdl

from router.composition.parse_sdl import parse_sdl
from router.composition.validate_subgraph.sdl_rules import broken_rules

GOOD = {
    "names, signs and lists": "type A implements B & C @x(y: [-20, 0]) { f(a: [I!]! = {b: c}): [A]! } union U = A | D",
    "commas, tabs and marks": "\ufefftype\tA,{,a:\n\n  Int ,}",
    "no separators": 'type A@b(c:"d"){e:F!}',
    "block strings": '"""\n  One\n\n    two "quoted" ""\n  """ type A { """x""" a: Int """""" b: Int }',
    "strings": '"" type A @b(c: "d e", f: "") { "g" h: Int }',
    "escapes": r'type A @b(c: "d \"e\" \u00e9 \n") { """ \""" """ f: Int }',
    "comments": "# one\ntype A { # two\n # three\n a: Int } # four",
    "carriage returns": '"""a\r\n  b\r  c"""\r\ntype A {\r a: Int }',
    "floats": "directive @a(b: Float = 1.5e3, c: Float = -0.1) on OBJECT",
    "other planes": '"é 😀" type A { """😀""" a: Int } # 😀',
    "an operation": "query Q($a: Int = 1) { ...F a(b: $a) } fragment F on A { b }",
}
FAULTY = {
    "nothing": "",
    "an open block string": '"""a "" type A',
    "an open string": 'type A @b(c: "d\n")',
    "four quotes": '"""a"""" type A { b: Int }',
    "a number that begins with 0": "directive @a(b: Int = 01) on OBJECT",
    "a number with a name behind": "directive @a(b: Int = 12x) on OBJECT",
    "a number and a dot": "directive @a(b: Int = 1.) on OBJECT",
    "a minus": "directive @a(b: Int = -) on OBJECT",
    "half a character": '"\ud83d" type A { b: Int }',
    "half a character in a comment": "# \ud83d\ntype A { b: Int }",
    "a sign that is none": "type A { b: Int ; }",
    "one dot": "type A { b. Int }",
    "an open brace": "type A { b: Int",
    "a letter that is none": "type Ä { b: Int }",
}
BREAKING = [
    "type A { a: Int } type A { a: Int }",
    "type A { a: Int a: Int } enum E { B B }",
    "type A { a(b: Int, b: Int): C }",
    "extend type A { a: Int } type B @c @deprecated { a: Int @deprecated @deprecated(x: 1, x: 2) }",
    "directive @c(d: Int!, d: Int) on OBJECT directive @c on OBJECT type A @c { a: I @c(d: {e: 1, e: {f: 2, f: 3}}) }",
    "schema { query: A query: A } schema { mutation: A } extend schema { query: B }",
    "input I { a: Int @deprecated(reasons: 1) } type A { a(b: I = {a: 1} @nope): [Missing!]! }",
]


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_reads_what_the_library_reads(text: str) -> None:
    read = parse_sdl(text)

    assert isinstance(read, DocumentNode)
    assert read == parse(text, no_location=True)
    assert read != parse("type Other { a: Int }", no_location=True)


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_says_what_the_library_says(text: str) -> None:
    with pytest.raises(GraphQLSyntaxError) as expected:
        parse(text, no_location=True)

    with pytest.raises(GraphQLSyntaxError) as said:
        parse_sdl(text)

    assert (str(said.value), said.value.positions) == (str(expected.value), expected.value.positions)


def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    text = f"directive @a(b: Int = {'[' * 20_000}) on OBJECT"

    with pytest.raises(GraphQLSyntaxError, match="nested too deeply"):
        parse_sdl(text)


def test_leaves_what_is_usual_to_no_other_lexer(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    library = Lexer.read_next_token

    def reading(lexer: Lexer, start: int) -> Token:
        read.append(start)
        return library(lexer, start)

    monkeypatch.setattr(Lexer, "read_next_token", reading)
    text = GOOD["names, signs and lists"]

    parse_sdl(text)

    assert read == [len(text)]


@pytest.mark.parametrize("text", BREAKING)
def test_the_rules_say_the_same_in_the_same_order(text: str) -> None:
    document = parse_sdl(text)

    expected = [error.message for error in validate_sdl(document)]

    assert len(expected) > 0
    assert [error.message for error in broken_rules(document)] == expected
