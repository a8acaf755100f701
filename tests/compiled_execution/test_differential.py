"""Random operations answer compiled as they do on graphql-core; `differential` sweeps more of them by command."""

import pytest
from graphql import GraphQLError, Source

from tests.compiled_execution.differential import DIFFERENT, Differ, verdict_on_errors


@pytest.mark.parametrize("seed", [10_000, 20_000, 30_000, 40_000])
async def test_random_operations_answer_as_on_graphql_core(seed: int) -> None:
    differ = Differ()

    report = await differ.sweep(seed=seed, count=600)

    assert report.faults == []
    assert report.with_errors > 100
    assert report.verdicts["identical"] > 550
    assert differ.compiled.compiled_operations.statistics.compiled_runs == 600


def error(message: str, *path: str | int) -> GraphQLError:
    return GraphQLError(message, path=path, source=Source("{a}"), positions=[1])


def test_a_missing_error_is_a_fault() -> None:
    assert verdict_on_errors([error("no", "a")], [], {"a": None}) in DIFFERENT


def test_another_message_of_a_field_that_failed_itself_is_a_fault() -> None:
    assert verdict_on_errors([error("no", "a")], [error("yes", "a")], {"a": None}) in DIFFERENT


def test_another_error_below_the_same_nulled_position_is_a_choice() -> None:
    left, right = [error("no", "a", "b")], [error("no", "a", "c")]

    assert verdict_on_errors(left, right, {"a": None}) == "choice under a nulled position"


def test_an_error_below_another_nulled_position_is_a_fault() -> None:
    left, right = [error("no", "a", "b")], [error("no", "d", "b")]

    assert verdict_on_errors(left, right, {"a": None, "d": None}) in DIFFERENT
