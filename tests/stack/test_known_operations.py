"""What the router asks for the saved operations is compiled when a subgraph starts."""

from importlib import import_module

import pytest

from compiled_execution import CompiledOperations
from stack.known_operations import known_operations
from stack.services import SUBGRAPHS

ASKED = [subgraph.name for subgraph in SUBGRAPHS if subgraph.name != "relay"]


@pytest.mark.parametrize("name", ASKED)
def test_every_known_operation_is_compiled_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = import_module(f"subgraphs.{name}.schema").schema
    operations = CompiledOperations(schema)
    monkeypatch.setitem(schema.__dict__, "compiled_operations", operations)
    known = known_operations(name)

    counts = [schema.compile_known(known) for _ in range(2)]

    assert counts == [len(known), len(known)]
    assert operations.statistics.plans_compiled == len(known) > 0


def test_a_subgraph_that_is_not_asked_knows_none() -> None:
    assert known_operations("relay") == []
