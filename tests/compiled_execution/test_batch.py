"""Batch fields and batched entities: one call, a value for each parent; compiled and on graphql-core alike."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.extensions import ParserCache

from compiled_execution import BatchedEntities, CompiledExecution, CompiledOperations, Loader, batch_field, deferred
from compiled_execution.batch import _open


@dataclass
class Context:
    calls: list[Any] = field(default_factory=list)
    batches: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loader = Loader(self._load)

    async def _load(self, keys: list[int]) -> list[int | BaseException]:
        self.batches.append(keys)
        return [ValueError(f"no {key}") if key == 13 else key * 2 for key in keys]


@strawberry.interface
class Numbered:
    n: int

    @batch_field(description="Its square.")
    @staticmethod
    async def square(parents: list["Numbered"], info: strawberry.Info, plus: int = 0) -> list[int | None]:
        info.context.calls.append(("square", [parent.n for parent in parents], plus))
        await asyncio.sleep(0)
        return [_value(parent.n, parent.n**2 + plus) for parent in parents]


def _value(n: int, good: Any) -> Any:
    return ValueError(f"none for {n}") if n == 5 else good


@strawberry.type
class Even(Numbered):
    @batch_field
    @staticmethod
    def half(parents: list["Even"]) -> list[int]:
        return [parent.n // 2 for parent in parents]


@strawberry.type
class Odd(Numbered):
    @batch_field
    @staticmethod
    async def must(parents: list["Odd"]) -> list[int]:
        return [_value(parent.n, None if parent.n == 7 else parent.n) for parent in parents]

    @batch_field
    @staticmethod
    async def below(parents: list["Odd"]) -> "list[list[Numbered]]":
        return [[_number(n) for n in range(max(parent.n - 2, 0), parent.n)] for parent in parents]

    @batch_field
    @staticmethod
    async def broken(parents: list["Odd"]) -> list[int | None]:
        raise OSError(f"{len(parents)} at once")

    @batch_field
    @staticmethod
    async def short(parents: list["Odd"]) -> list[int | None]:
        return []

    @strawberry.field
    def loaded(self, info: strawberry.Info) -> int:
        return deferred(info.context.loader.load(self.n))  # type: ignore[no-any-return]

    @strawberry.field
    async def awaited(self, info: strawberry.Info) -> int:
        return await info.context.loader.load(self.n)  # type: ignore[no-any-return]


def _number(n: int) -> Numbered:
    return Odd(n=n) if n % 2 else Even(n=n)


@strawberry.type
class Query:
    @strawberry.field
    def numbers(self, upto: int = 5) -> list[Numbered | None]:
        return [_number(n) for n in range(upto)]

    @strawberry.field
    def number(self, n: int) -> Numbered | None:
        return _number(n)


class _Compiled(CompiledExecution, strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        pass


def make(compiled: bool) -> Any:
    schema = _Compiled(Query, types=[Even, Odd], extensions=[lambda: ParserCache(maxsize=50)])
    schema.compiled_operations = (
        CompiledOperations(schema, compile_at_sighting=1, in_thread=False) if compiled else None
    )
    return schema


SCHEMAS = {"compiled": make(compiled=True), "graphql-core": make(compiled=False)}


async def run(kind: str, query: str) -> tuple[Any, list[str], Context]:
    schema, context = SCHEMAS[kind], Context()
    answer = await schema.execute(query, context_value=context)
    if kind == "compiled":
        assert not schema.compiled_operations.statistics.fallbacks
    return answer.data, sorted(f"{error.path} {error.message}" for error in answer.errors or ()), context


@pytest.mark.parametrize("kind", SCHEMAS)
async def test_one_call_resolves_all_objects_of_all_types(kind: str) -> None:
    data, errors, context = await run(kind, "{ numbers { square(plus: 1) ... on Even { half } } }")

    assert data == {
        "numbers": [
            {"square": 1, "half": 0},
            {"square": 2},
            {"square": 5, "half": 1},
            {"square": 10},
            {"square": 17, "half": 2},
        ]
    }
    assert errors == []
    assert context.calls == [("square", [0, 1, 2, 3, 4], 1)]


@pytest.mark.parametrize("kind", SCHEMAS)
async def test_each_alias_is_its_own_call(kind: str) -> None:
    data, _, context = await run(kind, "{ numbers(upto: 2) { a: square(plus: 1) b: square } }")

    assert data == {"numbers": [{"a": 1, "b": 0}, {"a": 2, "b": 1}]}
    assert context.calls == [("square", [0, 1], 1), ("square", [0, 1], 0)]


@pytest.mark.parametrize("kind", SCHEMAS)
async def test_an_exception_in_the_list_is_the_error_of_one_object(kind: str) -> None:
    data, errors, _ = await run(kind, "{ numbers(upto: 8) { square ... on Odd { must } } }")

    assert data["numbers"][:5] == [
        {"square": 0},
        {"square": 1, "must": 1},
        {"square": 4},
        {"square": 9, "must": 3},
        {"square": 16},
    ]
    assert data["numbers"][5:] == [None, {"square": 36}, None]
    assert [error for error in errors if "must" in error] == [
        "['numbers', 5, 'must'] none for 5",
        "['numbers', 7, 'must'] Cannot return null for non-nullable field Odd.must.",
    ]


@pytest.mark.parametrize("kind", SCHEMAS)
async def test_what_the_function_raises_is_the_error_of_every_object(kind: str) -> None:
    data, errors, _ = await run(kind, "{ numbers(upto: 4) { ... on Odd { broken short n } } }")

    assert data == {
        "numbers": [{}, {"broken": None, "short": None, "n": 1}, {}, {"broken": None, "short": None, "n": 3}]
    }
    assert errors == [
        "['numbers', 1, 'broken'] 2 at once",
        "['numbers', 1, 'short'] A batch of 2 came back as 0 values.",
        "['numbers', 3, 'broken'] 2 at once",
        "['numbers', 3, 'short'] A batch of 2 came back as 0 values.",
    ]


@pytest.mark.parametrize("kind", SCHEMAS)
async def test_batches_below_batches_and_beside_loads(kind: str) -> None:
    data, errors, context = await run(
        kind, "{ numbers(upto: 4) { ... on Odd { loaded awaited below { square ... on Odd { again: loaded } } } } }"
    )

    assert data["numbers"][3] == {
        "loaded": 6,
        "awaited": 6,
        "below": [{"square": 1, "again": 2}, {"square": 4}],
    }
    assert errors == []
    assert sorted(number for _, numbers, _ in context.calls for number in numbers) == [0, 1, 2]
    assert context.batches == [[1, 3]]
    if kind == "compiled":
        assert len(context.calls) == 1


@pytest.mark.parametrize("kind", SCHEMAS)
async def test_the_error_of_a_load_is_that_of_its_field(kind: str) -> None:
    data, errors, context = await run(
        kind, "{ a: number(n: 13) { ... on Odd { loaded } } b: number(n: 1) { ... on Odd { loaded } } }"
    )

    assert data == {"a": None, "b": {"loaded": 2}}
    assert errors == ["['a', 'loaded'] no 13"]
    assert context.batches == [[13, 1]]


async def test_calls_on_graphql_core_leave_nothing_behind() -> None:
    await run("graphql-core", "{ numbers { square } numbers { ... on Odd { broken short } } }")

    assert _open == {}


def test_a_synchronous_batch_field_works_in_synchronous_execution() -> None:
    for schema in SCHEMAS.values():
        answer = schema.execute_sync("{ number(n: 4) { ... on Even { half } } }")

        assert (answer.data, answer.errors) == ({"number": {"half": 2}}, None)


def test_a_function_that_returns_no_list_is_refused() -> None:
    with pytest.raises(TypeError, match="must say that it returns a list"):

        @batch_field
        def wrong(parents: list[Any]) -> int:
            return len(parents)


@strawberry.federation.type(keys=["id"])
class Item:
    id: strawberry.ID

    @classmethod
    async def resolve_references(cls, references: list[Any], info: strawberry.Info) -> list[Any]:
        info.context.calls.append([reference["id"] for reference in references])
        if any(reference["id"] == "broken" for reference in references):
            return []
        return [
            None if each["id"] == "gone" else ValueError("bad") if each["id"] == "bad" else cls(id=each["id"])
            for each in references
        ]


@strawberry.federation.type(keys=["id"])
class Other:
    id: strawberry.ID

    @classmethod
    async def resolve_references(cls, references: list[Any], info: strawberry.Info) -> list[Any]:
        return [cls(id=each["id"]) for each in references]


class _Federated(CompiledExecution, BatchedEntities, strawberry.federation.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        pass


ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Item { id } ... on Other { other: id } } }"


async def entities(*representations: Any) -> tuple[Any, list[str], Context]:
    schema, context = _Federated(Query, types=[Item, Other]), Context()
    schema.compiled_operations = CompiledOperations(schema, compile_at_sighting=1, in_thread=False)
    answer = await schema.execute(ENTITIES, {"r": list(representations)}, context_value=context)
    assert schema.compiled_operations.statistics.compiled_runs == 1
    assert answer.data is not None
    return answer.data["_entities"], [f"{error.path} {error.message}" for error in answer.errors or ()], context


def reference(type_name: str, key: str) -> dict[str, str]:
    return {"__typename": type_name, "id": key}


async def test_entities_keep_order_and_length_and_duplicates() -> None:
    found, errors, context = await entities(
        reference("Item", "a"), reference("Other", "b"), reference("Item", "gone"), reference("Item", "a")
    )

    assert found == [{"id": "a"}, {"other": "b"}, None, {"id": "a"}]
    assert errors == []
    assert context.calls == [["a", "gone", "a"]]


async def test_what_is_no_reference_or_fails_leaves_its_neighbours_alone() -> None:
    found, errors, _ = await entities(
        reference("Item", "bad"), "text", reference("Nobody", "x"), reference("Item", "a")
    )

    assert found == [None, None, None, {"id": "a"}]
    assert errors == [
        "['_entities', 0] bad",
        "['_entities', 1] A reference is an object with `__typename`.",
        "['_entities', 2] This subgraph has no entity 'Nobody'.",
    ]


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("$r: [_Any!]! = []", "$r"),
        ("$r: [_Any!]!", "$r"),
        ("$one: _Any!", "[$one]"),
        ("$id: ID!", '[{__typename: "Item", id: $id}]'),
        ("$id: ID!", '{__typename: "Item", id: $id}'),
    ],
)
async def test_representations_are_handed_over_however_they_are_written(declared: str, written: str) -> None:
    item = reference("Item", "a")
    compiled, stock = _Federated(Query, types=[Item, Other]), _Federated(Query, types=[Item, Other])
    compiled.compiled_operations = CompiledOperations(compiled, compile_at_sighting=1, in_thread=False)
    stock.compiled_operations = None
    query = f"query({declared}) {{ x: _entities(representations: {written}) {{ __typename ... on Item {{ id }} }} }}"

    for variables in ({"r": [item], "one": item, "id": "a"}, {"r": item, "one": item, "id": "a"}):
        answers = [
            await schema.execute(query, {**variables}, context_value=Context())
            for schema in (stock, compiled, compiled)
        ]
        assert [(each.data, each.errors) for each in answers] == [
            ({"x": [{"__typename": "Item", "id": "a"}]}, None)
        ] * 3


async def test_too_few_entities_are_the_error_of_each() -> None:
    found, errors, _ = await entities(reference("Item", "broken"), reference("Other", "b"), reference("Item", "a"))

    assert found == [None, {"other": "b"}, None]
    assert errors == [
        "['_entities', 0] A batch of 2 came back as 0 values.",
        "['_entities', 2] A batch of 2 came back as 0 values.",
    ]
