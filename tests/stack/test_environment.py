"""The environment that services get."""

import json
from pathlib import Path

import pytest

from stack.environment import Addresses, build_environment
from stack.home import Home
from stack.keys import Keys, load_keys

_STORES = {"postgres": "postgresql://u:p@127.0.0.1:5", "valkey": "redis://127.0.0.1:6/0", "documents": "mongodb://h:7/"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.create()
    return made


@pytest.fixture
def keys(home: Home) -> Keys:
    return load_keys(home.keys)


def test_names_every_store_and_key(home: Home, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "MONGODB_URL", "VIEWER_CONTEXT_KEY", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)

    environment = build_environment(home, keys, Addresses(_STORES, 4000, {}))

    assert environment["DATABASE_URL"] == _STORES["postgres"]
    assert environment["REDIS_URL"] == _STORES["valkey"]
    assert environment["MONGODB_URL"] == _STORES["documents"]
    assert environment["PUBLIC_URL"] == "http://127.0.0.1:4000"
    assert environment["VIEWER_CONTEXT_KEY"] == environment["ROUTER_CONTEXT_KEY"] == keys.viewer_context_key
    assert environment["ROUTER_JWT_ISSUER"] == environment["ACCESS_TOKEN_ISSUER"]
    assert "ROUTER_SUBGRAPH_URLS" not in environment


def test_what_the_user_set_wins_also_for_the_router(home: Home, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = "a key that the user chose, 32 bytes long"
    monkeypatch.setenv("VIEWER_CONTEXT_KEY", chosen)
    monkeypatch.setenv("PUBLIC_URL", "https://films.example")

    environment = build_environment(home, keys, Addresses(_STORES, 4000, {}))

    assert environment["VIEWER_CONTEXT_KEY"] == environment["ROUTER_CONTEXT_KEY"] == chosen
    assert environment["PUBLIC_URL"] == "https://films.example"


def test_an_empty_variable_counts_as_unset(home: Home, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")

    environment = build_environment(home, keys, Addresses(_STORES, 4000, {}))

    assert environment["DATABASE_URL"] == _STORES["postgres"]


def test_the_router_learns_where_subgraphs_of_their_own_are(home: Home, keys: Keys) -> None:
    environment = build_environment(home, keys, Addresses(_STORES, 4000, {"users": 4101, "ads": 4102}))

    assert json.loads(environment["ROUTER_SUBGRAPH_URLS"]) == {
        "users": "http://127.0.0.1:4101/graphql",
        "ads": "http://127.0.0.1:4102/graphql",
    }
