"""The list of the platform's parts agrees with the parts."""

from importlib import import_module
from pathlib import Path

import pytest
from starlette.routing import Route

from stack.environment import Addresses, build_environment
from stack.home import PROJECT, Home
from stack.keys import load_keys
from stack.services import SUBGRAPHS, Subgraph, migration_folders, migrations_digest

_STORES = {
    "postgres": "postgresql://nobody@127.0.0.1:1",
    "valkey": "redis://127.0.0.1:1/0",
    "documents": "mongodb://127.0.0.1:1/",
}


@pytest.fixture
def settings_in_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)
    home.create()
    for name, value in build_environment(home, load_keys(home.keys), Addresses(_STORES, 4000, {})).items():
        monkeypatch.setenv(name, value)


def test_every_package_with_an_application_is_listed() -> None:
    folders = [path.parent for path in (PROJECT / "subgraphs").glob("*/__init__.py")]
    packages = {folder.name for folder in folders if (folder / "app.py").exists() or (folder / "app").is_dir()}

    assert {subgraph.name for subgraph in SUBGRAPHS} == packages


def test_who_owns_a_database_has_migrations_and_nobody_else() -> None:
    with_migrations = {path.parent.name for path in (PROJECT / "subgraphs").glob("*/migrations")}

    assert set(migration_folders()) == with_migrations


@pytest.mark.usefixtures("settings_in_environment")
@pytest.mark.parametrize("subgraph", SUBGRAPHS, ids=lambda subgraph: subgraph.name)
def test_every_plain_route_is_below_a_prefix_of_its_subgraph(subgraph: Subgraph) -> None:
    app = import_module(subgraph.app_module).create_app()

    paths = [route.path for route in app.routes if isinstance(route, Route)]

    assert len(paths) == len(app.routes)
    assert [path for path in paths if not path.startswith(subgraph.plain_prefixes)] == []
    assert [prefix for prefix in subgraph.plain_prefixes if not any(path.startswith(prefix) for path in paths)] == []


def test_no_two_subgraphs_claim_the_same_paths() -> None:
    prefixes = [prefix for subgraph in SUBGRAPHS for prefix in subgraph.plain_prefixes]

    claimed_twice = [
        (first, second) for first in prefixes for second in prefixes if first is not second and first.startswith(second)
    ]
    assert claimed_twice == []


def test_the_digest_of_the_migrations_is_stable() -> None:
    assert migrations_digest() == migrations_digest()
