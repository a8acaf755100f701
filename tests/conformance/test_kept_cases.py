"""Cases in which the router once answered otherwise than a single executor, made small. Each keeps the seed it had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.conformance.case import Operation, World
from tests.conformance.invented_data import Faults
from tests.conformance.linked import linked


@dataclass(frozen=True, slots=True)
class Kept:
    """A case to keep."""

    name: str
    seed: int
    subgraphs: dict[str, str]
    operation: str
    variables: dict[str, Any] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)


KEPT = [
    Kept(
        "the type of an interface object is found out although the field that also needs it is skipped",
        45,
        {
            "delta": """
            type E0 implements I0 @key(fields: "id") { id: ID! f1: [String!]! }
            interface I0 @key(fields: "id") { id: ID! }
            """,
            "beta": """
            type I0 @key(fields: "id") @interfaceObject { id: ID! }
            type Query { q15: I0 }
            type Mutation { m16: I0 }
            """,
        },
        "mutation($maybe: Boolean! = true) { m16 { ... on I0 @skip(if: $maybe) { ... on E0 { x: f1 } } __typename } }",
    ),
    Kept(
        "the type of an interface object decides between fields of which one is skipped",
        274,
        {
            "delta": 'type I0 @key(fields: "id") @interfaceObject { id: ID! o4: I0! }',
            "gamma": """
            type E1 implements I0 @key(fields: "id") { id: ID! }
            type E0 implements I0 @key(fields: "id") { id: ID! i3(n: Int!): String! }
            interface I0 @key(fields: "id") { id: ID! }
            type Query { q7: E0 }
            """,
        },
        "query($maybe: Boolean! = true) { q7 { o4 { ... on E0 @skip(if: $maybe) { i3(n: 0) } ... on E1 { id } } } }",
        faults=Faults(one_in=6),
    ),
    Kept(
        "a variable that only decides whether a type is found out is declared in the request",
        7,
        {
            "delta": """
            type E0 implements I0 @key(fields: "id") { id: ID! f1: Int }
            interface I0 @key(fields: "id") { id: ID! }
            """,
            "beta": """
            type I0 @key(fields: "id") @interfaceObject { id: ID! o1: Int }
            type Query { q1: I0 q2: I0 }
            """,
        },
        "query Op($on: Boolean!) { q1 { ... on E0 @include(if: $on) { o1 } } q2 { ... on E0 { f1 } } }",
        {"on": True},
    ),
    Kept(
        "a client's alias for one type does not hide the key of an interface object for another",
        52,
        {
            "alpha": """
            type E0 implements I0 @key(fields: "id") { id: ID! i5: [Int] }
            type E1 implements I0 @key(fields: "id") { id: ID! i5: [Int] }
            interface I0 @key(fields: "id") { id: ID! i5: [Int] }
            """,
            "delta": """
            type I0 @key(fields: "id") @interfaceObject {
              id: ID! o6: String @requires(fields: "i5") i5: [Int] @external
            }
            type Query { q12(n: Int!): [I0!] }
            """,
            "beta": 'type I0 @key(fields: "id") @interfaceObject { id: ID! o8(n: Int): [I0] }',
        },
        "query Op($v0: Int!) { q12(n: $v0) { o8(n: 0) { o8_4: o8(n: 0) { ... on E1 { id: o6 } o6_3: o6 } } } }",
        {"v0": 0},
    ),
    Kept(
        "an interface object is asked for what one type wants without what that requires only for that type",
        184,
        {
            "alpha": """
            type I0 @key(fields: "id") @interfaceObject { id: ID! o14: I0 }
            type Query { q18: I0 }
            """,
            "beta": """
            type E1 implements I0 @key(fields: "id") { id: ID! i13: [String!]! }
            type E2 implements I0 @key(fields: "id") { id: ID! i13: [String!]! }
            type E0 implements I0 @key(fields: "id") { id: ID! i13: [String!]! }
            interface I0 @key(fields: "id") { id: ID! i13: [String!]! }
            """,
            "gamma": """
            type I0 @key(fields: "id") @interfaceObject {
              id: ID! o16: String! o17: Int @requires(fields: "i13") i13: [String!]! @external
            }
            """,
        },
        "{ q18 { o14 { o16 ... on E0 { o17 } } } }",
        faults=Faults(one_in=6),
    ),
    Kept(
        "an interface object of which nothing is wanted has no type to mistake",
        322,
        {
            "beta": """
            type I0 @key(fields: "id") @interfaceObject { id: ID! }
            type Query { q15(n: Int): [I0] }
            """,
            "delta": """
            type E1 implements I0 @key(fields: "id") { id: ID! i9: Boolean }
            interface I0 @key(fields: "id") { id: ID! i9: Boolean }
            """,
        },
        "{ q15(n: 0) { id @skip(if: true) } }",
    ),
    Kept(
        "a skipped part of a field that is also wanted otherwise is not fetched",
        6054,
        {
            "alpha": """
            type E0 implements I0 { id: ID! @shareable i1: [[I0]] }
            interface I0 { i1: [[I0]] }
            type Query { q4: [I0!] }
            """,
            "omega": """
            type E0 @key(fields: "id") { id: ID! i2: Int }
            interface I0 { i2: Int }
            """,
            "beta": 'type I0 @key(fields: "id") @interfaceObject { id: ID! o3: [Int] }',
        },
        "query($on: Boolean!) { q4 { o3 } ... on Query @skip(if: $on) { q4 { i2 } } }",
        {"on": True},
        Faults(one_in=6),
    ),
    Kept(
        "a required value of an interface carries its type although an interface object returns it",
        200033,
        {
            "omega": """
            type E0 @key(fields: "id") { id: ID! f1: I0 @external r8: Hue @requires(fields: "f1 { id }") }
            enum Hue { HUE_0 HUE_1 }
            type E1 implements I0 @key(fields: "id") { id: ID! }
            interface I0 @key(fields: "id") { id: ID! }
            type Query { q10(n: Int): [E0!] }
            """,
            "gamma": """
            type E0 @key(fields: "id") { id: ID! f1: I0 }
            type I0 @key(fields: "id") @interfaceObject { id: ID! o6: Int }
            """,
        },
        "{ x: q10(n: 0) { r8 } }",
    ),
    Kept(
        "a field of a shared interface is read from each subgraph for the types that it can tell it of",
        0,  # by hand
        {
            "a": """
            type Query { node: Node @shareable }
            interface Node { name: String }
            type Film implements Node @shareable { name: String @external x: Int }
            type Show implements Node @shareable { name: String }
            """,
            "b": """
            type Query { node: Node @shareable }
            interface Node { name: String }
            type Film implements Node @shareable { name: String }
            type Show implements Node @shareable { name: String @external x: Int }
            """,
        },
        "{ node { __typename name } }",
    ),
    Kept(
        "types of which different subgraphs resolve what an interface object requires are told apart",
        219,
        {
            "omega": """
            type Query { q24(n: Int): [I0!]! }
            interface I0 { id: ID! }
            type E0 implements I0 @key(fields: "id") { id: ID! }
            type E2 implements I0 @key(fields: "id") { id: ID! i12: Boolean }
            """,
            "alpha": """
            interface I0 @key(fields: "id") { id: ID! i12: Boolean }
            type E0 implements I0 @key(fields: "id") { id: ID! i12: Boolean }
            type E2 implements I0 @key(fields: "id") { id: ID! i12: Boolean @external }
            """,
            "beta": """
            type I0 @key(fields: "id") @interfaceObject {
              id: ID! i12: Boolean @external o13: Int! @requires(fields: "i12")
            }
            """,
        },
        "{ a: q24(n: 1) { o13 } b: q24(n: 2) { o13 } c: q24(n: 3) { o13 } d: q24(n: 4) { o13 } }",
    ),
    Kept(
        "a subgraph that shares a field as an interface object rules no type out",
        300438,
        {
            "omega": """
            type E0 implements I0 @key(fields: "id") { id: ID! }
            interface I0 @key(fields: "id") { id: ID! }
            union U0 = E0
            type Query { q19: [I0] @shareable }
            """,
            "delta": """
            type V0 { f3: Int! }
            type I0 @key(fields: "id") @interfaceObject { id: ID! o9: U0 }
            union U0 = V0
            """,
            "beta": """
            type I0 @key(fields: "id") @interfaceObject { id: ID! }
            type Query { q19: [I0] @shareable }
            """,
        },
        "{ x: q19 { o9 { ... on V0 { f3 } } } }",
    ),
    Kept(
        "an error at what was read of an interface object for another type is not said",
        377879,
        {
            "omega": """
            type E0 implements I1 @key(fields: "id") { id: ID! i14: [Int] }
            type E1 implements I1 @key(fields: "id") { id: ID! i14: [Int] }
            interface I1 @key(fields: "id") { id: ID! i14: [Int] }
            """,
            "alpha": """
            type V1 { f10(n: Int!): [I1] }
            type I1 @key(fields: "id") @interfaceObject { id: ID! o15(n: Int): U0! }
            union U0 = V1
            type Query { q21: V1 }
            """,
        },
        "{ x: q21 { f10(n: 0) { ... on E1 { o15(n: 0) { ... on V1 { f10(n: 0) { i14 } } } } } } }",
        faults=Faults(one_in=6),
    ),
    Kept(
        "members of a union are told by who resolves the field of the type, not by who only knows the interface's",
        3,
        {
            "gamma": """
            type E0 { i7: Int! }
            type E1 @key(fields: "id") { id: ID! i5: U0 }
            union U0 = E0
            """,
            "beta": """
            type E1 implements I0 @key(fields: "id") { id: ID! i5: U0 @external }
            interface I0 { i5: U0 }
            union U0 = E1
            type Query { q14: I0 }
            """,
        },
        "{ q14 { i5 { ... on E0 { i7 } } } }",
    ),
]


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: f"{kept.seed}: {kept.name}")
async def test_the_router_answers_as_a_single_executor(kept: Kept) -> None:
    subgraphs = {name: linked(sdl) for name, sdl in kept.subgraphs.items()}
    world = World(subgraphs, seed=kept.seed, faults=kept.faults)

    difference = await world.difference(Operation(kept.operation, kept.variables))

    world.close()
    assert difference is None, str(difference)
