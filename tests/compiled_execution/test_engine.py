"""What is compiled when, what falls back and why, and the switch."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode
from strawberry.extensions import ParserCache, SchemaExtension

from compiled_execution import CompiledExecution, CompiledOperations


@strawberry.type
class Person:
    name: str

    @strawberry.field
    def greeting(self, info: strawberry.Info, word: str = "Hello") -> str:
        return f"{word}, {self.name} at {info.path.as_list()}"


@strawberry.type
class Query:
    @strawberry.field
    def person(self, name: str = "Ada") -> Person | None:
        return Person(name=name)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


class _Schema(CompiledExecution, strawberry.Schema):
    pass


def make_schema(**options: Any) -> _Schema:
    extensions = [lambda: ParserCache(maxsize=100), *options.pop("extensions", [])]
    return _Schema(Query, subscription=Subscription, extensions=extensions, **options)


def operations_of(schema: _Schema) -> CompiledOperations:
    assert schema.compiled_operations is not None
    return schema.compiled_operations


async def test_an_operation_is_compiled_at_its_second_sighting() -> None:
    schema = make_schema()
    statistics = operations_of(schema).statistics

    answers = [await schema.execute("{ person { name } }") for _ in range(3)]

    assert [answer.data for answer in answers] == [{"person": {"name": "Ada"}}] * 3
    assert (statistics.cold_runs, statistics.compiled_runs, statistics.plans_compiled) == (1, 2, 1)


async def test_each_value_of_skip_and_include_has_its_own_plan() -> None:
    schema = make_schema()
    query = "query Q($s: Boolean!) { person { name @skip(if: $s) greeting } }"

    answers = [await schema.execute(query, {"s": s}) for s in (True, True, False, False)]

    assert [list((answer.data or {})["person"]) for answer in answers] == [["greeting"]] * 2 + [
        ["name", "greeting"]
    ] * 2
    assert operations_of(schema).statistics.plans_compiled == 2


async def test_the_variants_of_one_operation_are_limited() -> None:
    schema = make_schema()
    names = "abcdef"
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    query = f"query Q({declared}) {{ person {{ z: name {' '.join(f'{n}: name @skip(if: ${n})' for n in names)} }} }}"

    for number in range(41):
        answer = await schema.execute(query, {name: bool(number >> bit & 1) for bit, name in enumerate(names)})
        assert len((answer.data or {})["person"]) == 7 - number.bit_count()

    statistics = operations_of(schema).statistics
    assert (statistics.plans_compiled, statistics.fallbacks) == (32, {"too many variants": 8})


async def test_an_operation_that_cannot_be_compiled_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise SyntaxError("planted")

    monkeypatch.setattr("compiled_execution.engine.compile_plan", refuse)
    schema = make_schema()

    answers = [await schema.execute("{ person { name } }") for _ in range(3)]

    assert [answer.data for answer in answers] == [{"person": {"name": "Ada"}}] * 3
    assert operations_of(schema).statistics.fallbacks == {"cannot be compiled": 2}


async def test_introspection_runs_on_graphql_core_and_is_counted() -> None:
    schema = make_schema()

    answers = [await schema.execute("{ __schema { queryType { name } } person { name } }") for _ in range(3)]

    assert {str(answer.data) for answer in answers} == {
        "{'__schema': {'queryType': {'name': 'Query'}}, 'person': {'name': 'Ada'}}"
    }
    assert operations_of(schema).statistics.fallbacks == {"introspection": 2}


async def test_an_extension_around_every_field_runs_on_graphql_core() -> None:
    class Loud(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
            value = _next(root, info, *args, **kwargs)
            return value.upper() if isinstance(value, str) else value

    schema = make_schema(extensions=[Loud])

    answers = [await schema.execute("{ person { name } }") for _ in range(2)]

    assert [answer.data for answer in answers] == [{"person": {"name": "ADA"}}] * 2
    assert operations_of(schema).statistics.fallbacks == {"extension with resolve": 2}


async def test_an_own_execution_context_runs_on_graphql_core() -> None:
    from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

    class Own(StrawberryGraphQLCoreExecutionContext):
        pass

    schema = make_schema(execution_context_class=Own)

    await schema.execute("{ person { name } }")

    assert operations_of(schema).statistics.fallbacks == {"own execution context": 1}


async def test_subscriptions_run_on_graphql_core() -> None:
    schema = make_schema()

    for _ in range(2):
        events = await schema.subscribe("subscription { ticks }")
        assert [event.data async for event in events] == [{"ticks": 1}]

    assert operations_of(schema).statistics.compiled_runs == 0


async def test_a_wrong_variable_is_refused_as_on_graphql_core() -> None:
    schema = make_schema()
    query = "query Q($n: String!) { person(name: $n) { name } }"
    good = [await schema.execute(query, {"n": "Eva"}) for _ in range(2)]

    refused = await schema.execute(query, {"n": 5})

    assert [answer.data for answer in good] == [{"person": {"name": "Eva"}}] * 2
    assert refused.data is None
    assert [error.message for error in refused.errors or ()] == [
        "Variable '$n' has invalid value: String cannot represent a non string value: 5"
    ]


def test_synchronous_execution_is_compiled_too() -> None:
    schema = make_schema()

    answers = [schema.execute_sync('{ person { greeting(word: "Hi") } }') for _ in range(2)]

    assert [answer.data for answer in answers] == [{"person": {"greeting": "Hi, Ada at ['person', 'greeting']"}}] * 2
    assert operations_of(schema).statistics.compiled_runs == 1


async def test_the_operation_of_a_document_is_chosen_by_name() -> None:
    schema = make_schema()
    query = 'query A { person(name: "a") { name } } query B { person(name: "b") { name } }'

    answers = [(await schema.execute(query, operation_name=name)).data for name in "ABABAB"]

    assert answers == [{"person": {"name": "a"}}, {"person": {"name": "b"}}] * 3
    assert operations_of(schema).statistics.plans_compiled == 2


@pytest.mark.parametrize("value", ["off", "0", "False"])
async def test_the_switch_leaves_everything_to_graphql_core(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COMPILED_EXECUTION", value)
    schema = make_schema()

    answers = [await schema.execute("{ person { name } }") for _ in range(3)]

    assert schema.compiled_operations is None
    assert [answer.data for answer in answers] == [{"person": {"name": "Ada"}}] * 3


async def test_the_source_of_a_compiled_operation_can_be_read() -> None:
    schema = make_schema()
    operations = operations_of(schema)
    for _ in range(2):
        await schema.execute("{ person { name } }")
    document = next(iter(operations._operations.values())).document
    assert isinstance(document, DocumentNode)

    source = operations.source(document)

    assert source is not None
    assert "v = s.name" in source
    assert "# Person.name: String!" in source


async def test_the_operations_used_least_recently_are_forgotten() -> None:
    schema = make_schema()
    operations = CompiledOperations(schema, largest_documents=2, compile_at_sighting=1)
    schema.__dict__["compiled_operations"] = operations
    queries = [f"{{ person {{ a{number}: name }} }}" for number in range(3)]

    for query in (*queries, queries[2], queries[0]):
        await schema.execute(query)

    assert operations.statistics.plans_compiled == 4
    assert len(operations._operations) == 2
    assert operations._position_count == sum(known.position_count for known in operations._operations.values())


async def test_one_plan_larger_than_the_cache_is_kept_alone() -> None:
    schema = make_schema()
    operations = CompiledOperations(schema, largest_positions=1, compile_at_sighting=1)
    schema.__dict__["compiled_operations"] = operations

    for query in ("{ person { name } }", "{ person { greeting } }", "{ person { greeting } }"):
        await schema.execute(query)

    assert operations.statistics.plans_compiled == 2
    assert len(operations._operations) == 1
