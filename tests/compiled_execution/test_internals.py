"""Each private name of Strawberry and graphql-core is what compiled execution takes it for."""

import ast
import asyncio
import dataclasses
import inspect
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql.execution.execute import execute
from graphql.execution.executor import Executor
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.fields.resolver import StrawberryResolver

from compiled_execution import internals
from tests.compiled_execution.nasty import QuietSchema, schema_of

SCHEMA = schema_of(QuietSchema)
PACKAGE = Path(internals.__file__).parent
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def definition(type_name: str, field: str) -> Any:
    return SCHEMA._schema.get_type(type_name).fields[field]


@pytest.mark.parametrize("name", internals.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(internals, name) is not None


@pytest.mark.parametrize("name", internals.SCHEMA_MEMBERS)
def test_every_member_of_the_schema_is_there(name: str) -> None:
    assert hasattr(SCHEMA, name)


def test_no_other_module_names_what_is_private() -> None:
    modules = [path for path in PACKAGE.glob("*.py") if path.name != "internals.py"]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    ours = {node.name for node in nodes if isinstance(node, DEFINITIONS)}
    ours |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr.startswith("_")}

    assert {name for name in imported if name.split(".")[0] in {"graphql", "strawberry"}} == {
        "graphql",
        "strawberry",
        "strawberry.federation",
        "strawberry.types",
        "strawberry.types.graphql",
        "strawberry.types.info",
    }
    private = {name for name in read - ours if not name.startswith("__") and name != "_name_"}  # of an enum
    assert private <= {*internals.SCHEMA_MEMBERS, *internals.OTHER_MEMBERS}


async def test_a_task_says_for_what_it_waits_and_who_else_does() -> None:
    loop = asyncio.get_running_loop()
    alone, shared = loop.create_future(), loop.create_future()
    shared.add_done_callback(lambda _: None)

    async def wait(*futures: asyncio.Future[None]) -> None:
        await (futures[0] if len(futures) == 1 else asyncio.gather(*futures))

    tasks = [asyncio.ensure_future(wait(*each)) for each in ((alone,), (shared,), (loop.create_future(), shared))]
    before = [internals.waits_for_shared_future(task) for task in tasks]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    after = [internals.waits_for_shared_future(task) for task in tasks]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert before == [False, False, False]
    assert after == [False, True, True]


def test_strawberry_asks_its_own_hook_for_the_function_that_executes() -> None:
    assert SCHEMA._get_execute_function() is execute
    assert "_get_execute_function" in inspect.getsource(strawberry.Schema.execute)
    assert "_get_execute_function" in inspect.getsource(strawberry.Schema.execute_sync)


def test_strawberry_passes_the_arguments_that_are_handled() -> None:
    source = inspect.getsource(strawberry.Schema._execute_operation)

    for name in (
        "root_value=",
        "middleware=",
        "variable_values=",
        "operation_name=",
        "context_value=",
        "is_awaitable=",
    ):
        assert name in source
    assert SCHEMA._get_custom_context_kwargs({}, sync=True).keys() == {"operation_extensions", "is_async_iterable"}


def test_a_plain_field_reads_an_attribute() -> None:
    assert internals.plain_attribute(definition("Cat", "alive")) == "alive"
    assert internals.plain_attribute(definition("Cat", "double")) is None


def test_the_users_function_is_found_behind_strawberrys_resolver() -> None:
    function = internals.direct_resolver(definition("Cat", "double"))

    assert getattr(function, "__name__", None) == "double"


@pytest.mark.parametrize("field", ["secret", "secretLater", "twice", "alive"])
def test_a_field_with_more_around_it_has_no_direct_function(field: str) -> None:
    assert internals.direct_resolver(definition("Cat", field)) is None


def test_exception_handlers_are_seen_in_the_resolvers_closure() -> None:
    assert "field_exception_handlers" in definition("Cat", "double").resolve.__code__.co_freevars


def test_the_closures_that_decide_by_class_are_recognised() -> None:
    schema = SCHEMA._schema

    assert internals.decides_by_class(schema.get_type("Thing").resolve_type)
    assert internals.decides_by_class(schema.get_type("CatOrRock").resolve_type)
    assert internals.is_type_of_by_class(schema.get_type("Cat"))
    assert not internals.is_type_of_by_class(schema.get_type("Ghost"))


def test_a_cast_is_an_attribute_of_the_object() -> None:
    class Row:
        pass

    assert getattr(strawberry.cast(Row, Row()), internals.TYPE_CAST_ATTRIBUTE) is Row


def test_the_info_of_resolvers_has_the_fields_that_are_filled() -> None:
    assert internals.ResolveInfo._fields == (
        "field_name",
        "field_nodes",
        "return_type",
        "parent_type",
        "path",
        "schema",
        "fragments",
        "root_value",
        "operation",
        "variable_values",
        "context",
        "is_awaitable",
        "abort_signal",
        "async_helpers",
        "operation_extensions",
    )
    assert [field.name for field in dataclasses.fields(internals.Info)] == ["_raw_info", "_field"]


def test_a_resolver_calls_its_function_with_what_it_is_given() -> None:
    assert "return self.wrapped_func(*args, **kwargs)" in inspect.getsource(StrawberryResolver.__call__)


def test_the_order_of_reserved_arguments_is_known() -> None:
    source = inspect.getsource(inspect.getmodule(GraphQLCoreConverter).get_arguments)  # type: ignore[union-attr]

    assert source.index("self_parameter") < source.index("parent_parameter") < source.index("root_parameter")
    assert source.index("root_parameter") < source.index("info_parameter")


def test_an_executor_knows_operation_fragments_and_variables() -> None:
    names = Executor.__init__.__annotations__

    assert {"operation", "fragments", "fragment_definitions", "variable_values"} <= names.keys()
