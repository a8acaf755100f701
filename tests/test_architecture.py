"""The import contracts of .importlinter hold, and each one catches the violation that it is there for."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_CONTRACT = "importlinter:contract:"

# contract, module that gets the import, what it imports
VIOLATIONS = [
    ("parts", "media/artwork.py", "subgraphs.shared.clock"),
    ("parts", "workers/planted.py", "schema"),
    ("compiled-execution-alone", "compiled_execution/plan.py", "subgraphs.shared.clock"),
    ("compiled-execution-by-the-kernel", "subgraphs/users/schema.py", "compiled_execution"),
    ("router-layers", "router/supergraph/tables.py", "router.planning.plan"),
    ("router-alone", "router/errors.py", "media.delivery"),
    ("rooms", "subgraphs/users/errors.py", "subgraphs.users.service"),
    ("rooms", "subgraphs/users/helpers.py", "logging"),
    ("bounded-contexts", "subgraphs/ads/errors.py", "subgraphs.billing.errors"),
    ("kernel", "subgraphs/shared/planted.py", "subgraphs.users.errors"),
    ("rules-without-graphql", "subgraphs/users/service/pairing.py", "starlette.requests"),
    ("rules-without-graphql", "subgraphs/users/service/pairing.py", "subgraphs.shared.graphql.pagination"),
    ("gathered-by-the-worker", "subgraphs/catalog/queries/external.py", "subgraphs.catalog.gateways.calls"),
    ("workers-use-services", "workers/planted.py", "subgraphs.users.models"),
    ("workers-without-graphql", "workers/planted.py", "starlette.requests"),
    ("workers-without-graphql", "workers/planted.py", "router.errors"),
    ("media-for-playback", "subgraphs/users/config.py", "media.delivery"),
    ("media-delivery", "subgraphs/playback/config.py", "media.artwork"),
    ("relay-without-stores", "subgraphs/relay/queries.py", "redis"),
]


def contracts() -> dict[str, str]:
    """Return the name of each contract by its key."""
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return {
        section.removeprefix(_CONTRACT): parser[section]["name"]
        for section in parser.sections()
        if section.startswith(_CONTRACT)
    }


def broken_contracts(tree: Path) -> list[str]:
    """Return the keys of the contracts that the tree breaks."""
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(tree), "PATH": "", "PYTHONUTF8": "1", "COLUMNS": "200"},
    )
    names = contracts()
    kept = [key for key, name in names.items() if f"{name} KEPT" in result.stdout]
    broken = [key for key, name in names.items() if f"{name} BROKEN" in result.stdout]
    assert sorted(kept + broken) == sorted(names), result.stdout + result.stderr
    return broken


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages' code."""
    copy = tmp_path_factory.mktemp("tree")
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    for package in parser["importlinter"]["root_packages"].split():
        shutil.copytree(ROOT / package, copy / package, ignore=_all_but_code)
    shutil.copy(ROOT / ".importlinter", copy)
    return copy


def _all_but_code(folder: str, names: list[str]) -> list[str]:
    return [
        name for name in names if name == "__pycache__" or not (name.endswith(".py") or Path(folder, name).is_dir())
    ]


@pytest.fixture
def planted(tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy, while one module of it has one import too many."""
    module, imported = request.param
    path = tree / module
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\nimport {imported}\n", encoding="utf-8")
    yield tree
    if before is None:
        path.unlink()
    else:
        path.write_text(before, encoding="utf-8")


def test_the_tree_keeps_every_contract() -> None:
    assert broken_contracts(ROOT) == []


def test_each_contract_has_a_planted_violation() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(contracts())


@pytest.mark.parametrize(
    ("contract", "planted"),
    [(contract, (module, imported)) for contract, module, imported in VIOLATIONS],
    indirect=["planted"],
    ids=[f"{contract}:{imported}" for contract, _, imported in VIOLATIONS],
)
def test_a_planted_violation_breaks_exactly_its_contract(contract: str, planted: Path) -> None:
    assert broken_contracts(planted) == [contract]
