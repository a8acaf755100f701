"""The quick check of requests says what graphql-core says, of random requests and of what is left without parts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from graphql import DocumentNode, GraphQLSchema, build_schema, parse, print_ast, validate

from tests.conformance.case import NotComposableError, World
from tests.conformance.minimise import inlined, variants
from tests.conformance.random_operations import random_operation
from tests.conformance.random_subgraphs import random_subgraphs
from tests.conformance.request_check import RULES, mistakes_in

SCHEMA = build_schema("""
    input Point { x: Int y: [Int!] h: Int! = 3 }
    interface I { id: ID }
    type A implements I { id: ID n: Int! a: A s(n: Int!): String at(p: Point): Int u: U d(n: Int! = 1): Int }
    type B implements I { id: ID n: Int b: [B] s(n: Int!): String }
    type C { id: ID }
    union U = A | B
    type Query { i: I u: U a: A b: B c: C }
""")


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ("{ i { id ... on A { n } } }", True),
        ("{ i { n } }", False),
        ("{ u { __typename ... on I { id } ... on C { id } } }", False),
        ("{ u { ... on A { n } ... on B { n } } }", False),
        ("{ u { ... on A { x: n } ... on B { n } } }", True),
        ("{ u { ... on A { s(n: 1) } ... on B { s(n: 2) } } }", True),
        ("{ i { ... on A { s(n: 1) } ... on I { ... on A { s(n: 2) } } } }", False),
        ("{ i { x: id ... on A { x: a { id } } } }", False),
        ("{ u { ... on A { x: a { id: n } } ... on B { x: b { id } } } }", False),
        ("{ a { u { ... on A { id } } u { ... on B { id: n } } } }", False),
        ("{ a { a { x: id } a { x: n } } }", False),
        ("{ a { s } }", False),
        ("{ a { d(m: 1) } }", False),
        ("{ a }", False),
        ("{ a { id { id } } }", False),
        ("query($n: Int) { a { s(n: $n) } }", False),
        ("query($n: Int = 1) { a { s(n: $n) } }", True),
        ("query($n: Int) { a { d(n: $n) } }", True),
        ("query($n: Int!) { a { d } }", False),
        ("{ a { d(n: $n) } }", False),
        ("query($n: Int!) { a { at(p: {y: [$n], h: $n}) } }", True),
        ("query($n: Int) { a { at(p: {y: [$n]}) } }", False),
        ("query($n: Int) { a { at(p: {h: $n}) } }", True),
        ("query($n: Boolean) { a { id @skip(if: $n) } }", False),
        ("query($n: Boolean!) { a { ... @skip(if: $n) { id } } }", True),
        ("{ a { id @skip(if: true) @skip(if: true) } }", False),
        ("mutation { a { id } }", False),
        ("{ ...F } fragment F on Query { a { n id: n } b { id } }", True),
        ("{ ...F } fragment F on Query { a { none } }", False),
        ("{ a { ... on None { id } } }", False),
    ],
)
def test_a_request_is_valid_or_not(document: str, is_valid: bool) -> None:
    assert (not mistakes_in(SCHEMA, parse(document))) is is_valid
    assert _core_agrees(SCHEMA, parse(document))


@pytest.mark.parametrize("seed", [1, 2, 5, 6])
def test_random_requests_are_valid_or_not_as_for_graphql_core(seed: int) -> None:
    random = Random(seed)
    checked = invalid = 0
    for schema in islice(_schemas(random), 2):
        for _ in range(15):
            document = inlined(parse(random_operation(schema, random).text, no_location=True))
            for variant in (document, *islice(variants(document), 12)):
                if not variant.definitions:
                    continue
                assert _core_agrees(schema, variant), print_ast(variant)
                checked += 1
                invalid += bool(mistakes_in(schema, variant))
    assert checked > 100
    assert invalid > 10


def _core_agrees(schema: GraphQLSchema, document: DocumentNode) -> bool:
    if schema.get_root_type(document.definitions[0].operation) is None:  # type: ignore[attr-defined]  # an operation
        return True  # graphql-core leaves this to execution
    return bool(mistakes_in(schema, document)) == bool(validate(schema, document, RULES))


def _schemas(random: Random) -> Iterator[GraphQLSchema]:
    while True:
        try:
            world = World(random_subgraphs(random))
        except NotComposableError:
            continue
        world.close()
        yield world.supergraph.api_schema
