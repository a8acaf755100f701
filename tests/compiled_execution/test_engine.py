"""What is compiled when, what falls back and why, and the switch."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode
from strawberry.extensions import ParserCache, SchemaExtension
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from compiled_execution import CompiledExecution, CompiledOperations, exposition
from compiled_execution.__main__ import main


@strawberry.type
class Person:
    name: str

    @strawberry.field
    def greeting(self, info: strawberry.Info, word: str = "Hello") -> str:
        return f"{word}, {self.name} at {info.path.as_list()}"

    @strawberry.field
    async def odd(self) -> int:
        number = int(self.name.split()[1])
        if number % 2 == 0:
            raise ValueError("even")
        return number % 2


@strawberry.type
class Query:
    @strawberry.field
    def person(self, name: str = "Ada") -> Person | None:
        return Person(name=name)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, count: int) -> AsyncIterator[Person]:
        for number in range(count):
            yield Person(name=f"tick {number}")


@strawberry.type
class Failing:
    @strawberry.field
    def fails(self) -> str | None:
        raise ValueError("no")


class _Schema(CompiledExecution, strawberry.Schema):
    pass


def make_schema(**options: Any) -> _Schema:
    extensions = [lambda: ParserCache(maxsize=100), *options.pop("extensions", [])]
    schema = _Schema(Query, subscription=Subscription, extensions=extensions, **options)
    if schema.compiled_operations is not None:
        schema.compiled_operations = CompiledOperations(schema, in_thread=False)
    return schema


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
    def refuse(*_: Any, **__: Any) -> None:
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


async def test_the_events_of_a_subscription_run_compiled_from_the_second_on() -> None:
    schema = make_schema()

    for _ in range(2):
        events = await schema.subscribe("subscription { ticks(count: 3) { name greeting } }")
        assert [event.data async for event in events] == [
            {"ticks": {"name": f"tick {n}", "greeting": f"Hello, tick {n} at ['ticks', 'greeting']"}} for n in range(3)
        ]

    statistics = operations_of(schema).statistics
    assert (statistics.cold_runs, statistics.compiled_runs, statistics.plans_compiled) == (1, 5, 1)


async def test_an_error_ends_one_event_and_not_the_subscription() -> None:
    schema = make_schema()

    events = await schema.subscribe("subscription { ticks(count: 4) { odd } }")
    answers = [event async for event in events]

    assert [answer.data for answer in answers] == [None, {"ticks": {"odd": 1}}] * 2
    assert [[error.path for error in answer.errors or ()] for answer in answers] == [[["ticks", "odd"]], []] * 2
    assert operations_of(schema).statistics.compiled_runs == 3


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
    document = next(iter(operations._known)).document
    assert isinstance(document, DocumentNode)

    source = operations.source(document)

    assert source is not None
    assert "v = s.name" in source
    assert "# Person.name: String!" in source


async def test_the_operations_used_least_recently_are_forgotten() -> None:
    schema = make_schema()
    queries = [f"{{ person {{ a{number}: name }} }}" for number in range(3)]
    operations = schema.compiled_operations = CompiledOperations(schema, largest_bytes=1, compile_at_sighting=1)
    operations._in_thread = False
    await schema.execute(queries[0])
    size = operations._known.size_in_bytes
    schema.compiled_operations = operations = CompiledOperations(
        schema, largest_bytes=2 * size + 10, compile_at_sighting=1, in_thread=False
    )

    for query in (*queries, queries[2], queries[0]):
        await schema.execute(query)

    assert operations.statistics.plans_compiled == 4
    assert len(operations._known) == 2
    assert operations._known.size_in_bytes == sum(known.size_in_bytes for known in operations._known) == 2 * size


async def test_one_plan_larger_than_the_cache_is_kept_alone() -> None:
    schema = make_schema()
    operations = schema.compiled_operations = CompiledOperations(
        schema, largest_bytes=1, compile_at_sighting=1, in_thread=False
    )

    for query in ("{ person { name } }", "{ person { greeting } }", "{ person { greeting } }"):
        await schema.execute(query)

    assert operations.statistics.plans_compiled == 2
    assert len(operations._known) == 1


async def test_a_plan_is_compiled_in_a_thread_while_graphql_core_answers() -> None:
    schema = make_schema()
    operations = schema.compiled_operations = CompiledOperations(schema)
    statistics = operations.statistics

    while statistics.compiled_runs == 0:
        assert (await schema.execute("{ person { name } }")).data == {"person": {"name": "Ada"}}
        await asyncio.sleep(0.001)

    assert statistics.plans_compiled == 1
    assert statistics.cold_runs >= 2
    assert not statistics.fallbacks


async def test_known_operations_are_compiled_before_they_are_asked_for() -> None:
    schema = make_schema()
    operations = operations_of(schema)
    text = "query A($s: Boolean!) { person { name @skip(if: $s) greeting } } query B { person { name } }"

    count = schema.compile_known([text, "{ nonsense }"])

    answers = [
        await schema.execute(text, {"s": True}),
        await schema.execute(text, {"s": False}, operation_name="A"),
        await schema.execute(text, operation_name="B"),
    ]
    assert count == 2
    assert [list((answer.data or {})["person"]) for answer in answers] == [["greeting"], ["name", "greeting"], ["name"]]
    assert (operations.statistics.compiled_runs, operations.statistics.cold_runs) == (3, 0)


async def test_a_missing_variable_of_an_operation_known_in_advance_is_refused() -> None:
    schema = make_schema()
    text = "query A($n: String!) { person(name: $n) { name } }"
    schema.compile_known([text])

    refused, good = await schema.execute(text), await schema.execute(text, {"n": "Eva"})

    assert refused.data is None
    assert [error.message for error in refused.errors or ()] == [
        "Variable '$n' has invalid value: Expected a value of non-null type 'String!' to be provided."
    ]
    assert good.data == {"person": {"name": "Eva"}}


async def test_a_known_operation_of_a_kind_that_is_not_allowed_is_refused_as_before() -> None:
    schema = make_schema()
    for _ in range(3):
        await schema.execute("{ person { name } }")

    with pytest.raises(InvalidOperationTypeError):
        await schema.execute("{ person { name } }", allowed_operation_types=[OperationType.MUTATION])


async def test_an_extension_hears_of_every_step_of_a_known_operation() -> None:
    steps: list[str] = []

    class Listener(SchemaExtension):
        def on_operation(self) -> Any:
            steps.append("operation")
            yield

        def on_execute(self) -> Any:
            steps.append("execute")
            yield

    schema = make_schema(extensions=[Listener])

    for _ in range(4):
        await schema.execute("{ person { name } }")

    assert steps == ["operation", "execute"] * 4
    assert operations_of(schema).statistics.compiled_runs == 3


async def test_errors_of_a_known_operation_are_processed_with_its_context() -> None:
    seen: list[tuple[str, Any]] = []

    class Processing(_Schema):
        def process_errors(self, errors: Any, execution_context: Any = None) -> None:
            seen.extend((error.message, execution_context.context) for error in errors)

    schema = Processing(Failing, extensions=[lambda: ParserCache(maxsize=10)])
    schema.compiled_operations = CompiledOperations(schema, in_thread=False)

    for number in range(3):
        answer = await schema.execute("{ fails }", context_value=number)
        assert answer.data == {"fails": None}

    assert seen == [("no", 0), ("no", 1), ("no", 2)]


async def test_what_ran_how_is_told_to_prometheus() -> None:
    schema = make_schema()
    for _ in range(3):
        await schema.execute("{ person { name } }")
        await schema.execute("{ __schema { queryType { name } } }")

    lines = exposition([({"subgraph": "people"}, operations_of(schema).statistics)]).splitlines()

    assert [line for line in lines if not line.startswith("#")] == [
        'compiled_execution_runs_total{how="compiled",reason="",subgraph="people"} 2',
        'compiled_execution_runs_total{how="cold",reason="",subgraph="people"} 2',
        'compiled_execution_runs_total{how="fallback",reason="introspection",subgraph="people"} 2',
        'compiled_execution_plans_total{subgraph="people"} 1',
    ]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("{ person { name } }", 0, "v = s.name  # Person.name: String!"),
        ("{ __schema { queryType { name } } }", 1, "Runs on graphql-core: introspection."),
        ("{ nobody }", 1, "Runs on graphql-core: Cannot query field 'nobody' on type 'Query'."),
    ],
)
def test_the_generated_source_is_printed_by_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, said: str
) -> None:
    file = tmp_path / "operation.graphql"
    file.write_text(text)

    assert main([f"{__name__}:make_schema", str(file)]) == code

    assert said.split("  #")[0] in capsys.readouterr().out
