"""The quick parser and the quick validation never say yes where graphql-core says no, and read what it reads.

`DOCUMENTS` are changed at random: a token left out, doubled, swapped or replaced. Many of the results are still
documents, some are valid, most are wrong in one place only.
"""

import re
from random import Random

import pytest
from graphql import DocumentNode, GraphQLSyntaxError, build_schema, parse, validate

from router.execution.limits import Limits
from router.execution.quick_parse import quick_parse
from router.execution.quick_validation import is_surely_valid
from router.execution.read_document import read_document
from router.execution.refusals import RefusedError

SCHEMA = build_schema(
    """
    scalar Date
    enum Order { OLDEST NEWEST }
    interface Node { id: ID! name(short: Boolean! = false): String }
    interface Empty { id: ID! }
    type Movie implements Node {
      id: ID! name(short: Boolean! = false): String minutes: Int! tags: [String!]! cast(first: Int!): [Person!] }
    type Show implements Node { id: ID! name(short: Boolean! = false): String! seasons: [Season!]! tags: [String] }
    type Season { number: Int show: Show title: String }
    type Person implements Node { id: ID! name(short: Boolean! = false): String born: Date }
    union Title = Movie | Show
    input Range { from: Int! to: Int = 10 dates: [Date!] }
    input Filter { text: String order: Order ranges: [Range!] nested: Filter }
    input By @oneOf { id: ID name: String }
    type Query {
      node(id: ID!): Node
      title(by: By!): Title
      titles(filter: Filter, first: Int! = 10, after: String, ids: [[ID!]]): [Title!]!
      movies(order: Order = NEWEST, since: Date, factor: Float): [Movie]
      empty: Empty
    }
    type Mutation { add(filter: Filter!, names: [String!]!): Movie }
    type Subscription { added: Movie }
    """
)

DOCUMENTS = r'''
{ node(id: 1) { id name __typename ... on Movie { minutes } ... on Show { seasons { number show { id } } } } }
---
query Q($first: Int! = 3, $order: Order, $ids: [ID!]!) {
  titles(first: $first, ids: [$ids, ["a"], null], filter: {order: $order, ranges: [{from: 1}, {from: 2, to: $first}]}) {
    ...T ...T __typename
  }
}
fragment T on Title { ... on Movie { ...M } ... on Show { id name } }
fragment M on Movie { id short: name(short: true) cast(first: $first) { id born } }
---
query A($yes: Boolean!, $no: Boolean = false) {
  a: node(id: 5) @include(if: $yes) { id ... @skip(if: $no) { name } } node(id: 7) { id }
}
query B($x: ID!) { node(id: $x) { ...N @skip(if: false) } }
fragment N on Node { id }
---
mutation($names: [String!]!, $f: Filter!) {
  add(filter: $f, names: $names) { id tags }
  b: add(names: "one", filter: {nested: {nested: {text: ""}, order: OLDEST}}) { minutes, id }
}
---
query ($d: Date, $f: Float) {
  movies(since: $d, factor: $f) { id } x: movies(since: "2020", factor: 1) { id }
  y: movies(factor: -1.5e3, order: OLDEST) { cast(first: 2) { name } cast(first: 2) { id } }
} # the end
---
query ($n: String!) { title(by: {name: $n}) { ... on Node { id } } other: title(by: {id: "x"}) { __typename } }
---
query ($s: String = null, $i: Int = 2) { titles(after: $s, first: $i) { ...on Movie{id t: tags} ...on Show{id} } }
---
subscription S { added { id } }
---
{ empty { id } __schema { types { name } } }
---
query ($a: [Int!] = [1, 2]) { node(id: 1) { name(short: false) ... on Node { name(short: false) } } }
---
query "described" { node(id: 1) { id } } { empty { id } }
---
{ node(id: "\u0041") { id } node2: node(id: """block""") { id } }
'''.strip().split("\n---\n")
INSERTED = (
    *("{", "}", "(", ")", "[", "]", ":", "$", "!", "=", "...", "on", "@skip(if: true)", "@include(if: $yes)", "@other"),
    *("id", "name", "nope", "Movie", "Show", "Node", "Title", "Filter", "Int", "[ID]", "T", "M", "N", "null", "true"),
    *("1", "-1", "007", "1.", "3000000000", "1e999", '"text"', '"', "OLDEST", "{from: 1}", "{}", "[]", "$first", "a:"),
    *("fragment T on Movie { id }", "query Q { empty { id } }", "...M", "...T", "... on Season { number }", "|", "é"),
    *("\ud800", "\x00", "\ufeff", "#", "# comment\n", "&", ".", "..", "__typename", "__x: id", "first: 1", "id: 1"),
)
TOKENS = re.compile(r'"[^"]*"|[_A-Za-z]\w*|\.\.\.|-?\d[\d.e]*|\s+|.')


def changed(text: str, random: Random) -> str:
    """Return the text with one or two changes."""
    tokens = TOKENS.findall(text)
    for _ in range(random.choice((1, 1, 2))):
        place, other = random.randrange(len(tokens)), random.randrange(len(tokens))
        match random.randrange(5):
            case 0:
                tokens[place] = ""
            case 1:
                tokens[place] *= 2
            case 2:
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case 3:
                tokens[place] = random.choice(INSERTED)
            case _:
                tokens.insert(place, f" {random.choice(INSERTED)} ")
    return "".join(tokens)


def slow_parse(text: str) -> DocumentNode | None:
    """Return what graphql-core reads in a text, None if it refuses it."""
    try:
        return parse(text, no_location=True, max_tokens=1_000, allow_empty_selection_sets=False)
    except GraphQLSyntaxError:
        return None


def test_says_yes_only_where_graphql_core_does() -> None:
    random = Random(17)
    parsed = sure = 0

    for number in range(4_000):
        text = changed(DOCUMENTS[number % len(DOCUMENTS)], random)
        document = quick_parse(text, 1_000)
        if document is None:
            continue
        parsed += 1
        assert document == slow_parse(text), text
        if is_surely_valid(SCHEMA, document):
            sure += 1
            assert validate(SCHEMA, document, allow_empty_selection_sets=False) == [], text

    assert parsed > 500
    assert sure > 100


@pytest.mark.parametrize("text", DOCUMENTS[:10])
def test_reads_usual_documents_by_itself(text: str) -> None:
    document = quick_parse(text, 1_000)

    assert (document is None) == text.startswith("subscription")
    assert document is None or document == slow_parse(text)


@pytest.mark.parametrize("text", DOCUMENTS[10:])
def test_leaves_unusual_documents_to_graphql_core(text: str) -> None:
    assert quick_parse(text, 1_000) is None


@pytest.mark.parametrize("number", [0, 1, 3, 4, 6])
def test_is_sure_of_usual_valid_documents(number: int) -> None:
    document = quick_parse(DOCUMENTS[number], 1_000)

    assert document is not None
    assert is_surely_valid(SCHEMA, document)


@pytest.mark.parametrize(
    "text",
    [
        "{ node(id: 1) { id: name id } }",
        "{ node(id: 1) { name(short: true) name(short: false) } }",
        "{ titles { ... on Movie { tags } ... on Show { tags } } }",
        "{ titles { ... on Movie { name } ... on Show { name } } }",
        "{ titles { ...A } } fragment A on Movie { ...B } fragment B on Movie { ...A }",
        "{ node(id: 1) { ... on Season { number } } }",
        "query ($x: Int) { node(id: $x) { id } }",
        "query ($x: ID!, $x: ID!) { node(id: $x) { id } }",
        "query ($unused: ID) { node(id: 1) { id } }",
        "{ node(id: $undefined) { id } }",
        "{ node { id } }",
        "{ node(id: 1, id: 1) { id } }",
        "{ node(id: null) { id } }",
        "{ node(id: 1) }",
        "{ node(id: 1) { id { x } } }",
        "{ node(id: 1) { __a: id } }",
        "{ titles(filter: {ranges: [{to: 1}]}) { __typename } }",
        "{ titles(filter: {text: 1}) { __typename } }",
        "{ node(id: 1) @skip { id } }",
        "{ node(id: 1) @skip(if: true) @skip(if: true) { id } }",
        'query ($x: Boolean = true) { node(id: "1") @skip(if: $x) { id } unknown }',
        "query ($x: Movie) { node(id: $x) { id } }",
        "{ node(id: 1) { id } } fragment F on Node { id }",
        "query A { empty { id } } query A { empty { id } }",
    ],
)
def test_wrong_documents_are_refused_with_places(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_document(text, schema=SCHEMA, limits=Limits(), allow_introspection=True)

    assert refused.value.refusal_code == "GRAPHQL_VALIDATION_FAILED"
    assert all(error["locations"] for error in refused.value.errors)


def test_comments_count_as_tokens() -> None:
    assert quick_parse("{ a } #b\n#c", 7) is not None
    assert quick_parse("{ a } #b\n#c", 4) is None


def test_one_name_is_one_node() -> None:
    one, other = quick_parse("{ empty { id } }", 100), quick_parse("{ node(id: 3) { id } }", 100)

    assert one is not None
    assert other is not None
    assert one.definitions[0].selection_set.selections[0].selection_set.selections[0].name is (  # type: ignore[attr-defined]  # an operation
        other.definitions[0].selection_set.selections[0].selection_set.selections[0].name  # type: ignore[attr-defined]  # an operation
    )
