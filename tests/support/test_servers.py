"""The fixtures that give tests their real servers."""

from pathlib import Path

import asyncpg
import pytest
import redis
from pymongo import MongoClient

from tests.support import servers
from tests.support.servers import DatabaseFactory


async def test_each_database_is_new_and_empty(make_database: DatabaseFactory) -> None:
    first = await make_database("users", migrate=False)
    second = await make_database("users", migrate=False)

    connection = await asyncpg.connect(f"{first.server_url}/{first.name}")
    await connection.execute("CREATE TABLE seen (id int)")
    await connection.close()

    other = await asyncpg.connect(f"{second.server_url}/{second.name}")
    tables = await other.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await other.close()
    assert first.name != second.name
    assert tables == 0


async def test_trigram_and_accent_extensions_can_be_created(make_database: DatabaseFactory) -> None:
    database = await make_database("catalog", migrate=False)

    connection = await asyncpg.connect(f"{database.server_url}/{database.name}")
    await connection.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; CREATE EXTENSION btree_gin")
    lowered = await connection.fetchval("SELECT lower('ÉCLAIR')")
    await connection.close()

    assert lowered == "éclair"


def test_the_cache_is_empty_at_the_start_of_a_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_the_cache_is_empty_again_in_the_next_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_a_document_database_belongs_to_its_test(mongodb_url: str, mongo_database: str) -> None:
    with MongoClient[dict[str, object]](mongodb_url, directConnection=True) as client:
        client[mongo_database].things.insert_one({"_id": 1})

        found = client[mongo_database].things.count_documents({})

    assert found == 1


def test_servers_keep_their_files_on_a_disk_where_memory_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_ROOM_BYTES", 2**63)

    assert servers._folder_in_memory() is None


def test_servers_keep_their_files_on_a_disk_where_no_folder_lies_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_MEMORY_FOLDER", tmp_path / "none")

    assert servers._folder_in_memory() is None
