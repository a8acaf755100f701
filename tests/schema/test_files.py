"""The committed files fit the code, each other and the saved operations."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from graphql import OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values

from router.planning import plan_operation, print_plan
from router.supergraph import Supergraph
from schema.check import find_faults, operation_faults
from schema.cli import main
from schema.files import FOLDER, saved_operations, saved_subgraphs, subgraph_names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed files."""
    copy = tmp_path / "schema"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def test_the_committed_files_are_up_to_date() -> None:
    assert find_faults() == []


def test_there_is_a_file_for_each_subgraph() -> None:
    assert sorted(saved_subgraphs()) == subgraph_names()
    assert len(subgraph_names()) == 8


def test_a_change_of_a_subgraph_is_found_until_it_is_exported(folder: Path) -> None:
    path = folder / "subgraphs" / "relay.graphql"
    path.write_text(path.read_text(encoding="utf-8").replace("Opaque global id.", "An id."), encoding="utf-8")

    faults = find_faults(folder)

    assert faults[0] == "subgraphs/relay.graphql is stale. Run `python -m schema export`."


def test_a_changed_supergraph_is_found(folder: Path) -> None:
    path = folder / "supergraph.graphql"
    path.write_text(path.read_text(encoding="utf-8") + "\n# by hand\n", encoding="utf-8")

    assert find_faults(folder) == ["supergraph.graphql is stale. Run `python -m schema compose`."]


def test_missing_and_foreign_files_are_found(folder: Path) -> None:
    (folder / "api.graphql").unlink()
    (folder / "subgraphs" / "gone.graphql").write_text("type Gone { id: ID }", encoding="utf-8")

    faults = find_faults(folder)

    assert "subgraphs/gone.graphql belongs to no subgraph." in faults
    assert "api.graphql is stale. Run `python -m schema compose`." in faults


def test_subgraphs_that_do_not_compose_are_found(folder: Path) -> None:
    path = folder / "subgraphs" / "ads.graphql"
    path.write_text(
        path.read_text(encoding="utf-8").replace("durationSeconds: Int ", "durationSeconds: String "), "utf-8"
    )

    faults = find_faults(folder)

    assert faults[0] == "subgraphs/ads.graphql is stale. Run `python -m schema export`."
    assert len(faults) > 1
    assert all(fault.startswith("The subgraphs do not compose. ") for fault in faults[1:])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("query A { nothing }", "operations/x.graphql: Cannot query field 'nothing' on type 'Query'."),
        ("query A {", "operations/x.graphql does not parse: Syntax Error: Expected Name, found <EOF>."),
        ("{ a }", "operations/x.graphql must hold exactly one operation, with a name."),
        ("query A { a } query B { a }", "operations/x.graphql must hold exactly one operation, with a name."),
    ],
)
def test_an_operation_that_does_not_fit_is_found(text: str, fault: str) -> None:
    assert fault in operation_faults({"x.graphql": text}, api="type Query { a: Int }")


def test_each_screen_has_its_operation() -> None:
    assert sorted(saved_operations()) == [
        "continue-watching.graphql",
        "elsewhere.graphql",
        "home.graphql",
        "my-account.graphql",
        "plans.graphql",
        "search.graphql",
        "title-detail.graphql",
    ]


@pytest.mark.parametrize("name", sorted(saved_operations()))
def test_an_operation_runs_without_variables(name: str) -> None:
    api = build_schema((FOLDER / "api.graphql").read_text(encoding="utf-8"))
    [operation] = [
        node for node in parse(saved_operations()[name]).definitions if isinstance(node, OperationDefinitionNode)
    ]

    values = get_variable_values(api, operation.variable_definitions or (), {})

    assert not isinstance(values, list), values


@pytest.mark.requirement("IN-RM-2")
def test_the_home_operation_reaches_seven_subgraphs_in_one_request() -> None:
    supergraph = Supergraph.from_sdl((FOLDER / "supergraph.graphql").read_text(encoding="utf-8"))
    document = parse(saved_operations()["home.graphql"])

    plan = print_plan(plan_operation(supergraph, document))

    services = {line.split('"')[1] for line in plan.splitlines() if "Fetch(service:" in line}
    assert sorted(services) == ["activity", "ads", "billing", "catalog", "playback", "recommendations", "users"]


def test_the_commands_say_what_they_found() -> None:
    checked = CliRunner().invoke(main, ["check"])
    linted = CliRunner().invoke(main, ["lint"])

    assert (checked.exit_code, checked.output) == (0, "The files of the API are up to date.\n")
    assert (linted.exit_code, linted.output) == (0, "The API keeps its conventions.\n")
