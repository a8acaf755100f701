"""The generated source: in pieces, so that compiling one keeps nobody waiting."""

import json

import pytest

from compiled_execution import CompiledOperations
from tests.compiled_execution.conftest import UNAWAITED
from tests.compiled_execution.nasty import QuietCompiledSchema, QuietSchema, World, schema_of


def test_an_object_of_many_fields_is_compiled_in_pieces() -> None:
    schema = schema_of(QuietCompiledSchema)
    operations = CompiledOperations(schema, in_thread=False)
    text = "{ rock: must { " + " ".join(f"m{number}: mass" for number in range(100)) + " } }"

    source, reason = operations.explain(schema._schema, text, None)

    assert reason is None
    assert source is not None
    assert max(len(part.splitlines()) for part in source.split("\n\n")) < 130
    assert source.count("def select_1_") == 5


@pytest.mark.usefixtures("collected_leftovers")
@pytest.mark.filterwarnings(*UNAWAITED)
async def test_objects_of_many_fields_answer_as_on_graphql_core() -> None:
    stock, compiled = schema_of(QuietSchema), schema_of(QuietCompiledSchema)
    compiled.compiled_operations = CompiledOperations(compiled, compile_at_sighting=1, in_thread=False)
    text = "{ must { " + " ".join(f"m{number}: mass l{number}: label" for number in range(60)) + " __typename } }"

    for seed in range(10):
        expected, got = [await schema.execute(text, context_value=World(seed, 0.2)) for schema in (stock, compiled)]

        assert json.dumps(got.data) == json.dumps(expected.data)
        assert [str(error) for error in got.errors or ()] == [str(error) for error in expected.errors or ()]
