"""Automatic persisted queries and trusted documents."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from router.config import RouterSettings
from router.http import ConfigurationError
from router.http.documents import PersistedDocuments, TrustedDocuments, sha256_of
from tests.router.http.kit import app_in_memory, client_of, shop

QUERY = "{ me { name } }"
DATA = {"data": {"me": {"name": "Ann"}}}
GRAPHQL = "application/graphql-response+json"


def persisted(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(text)}}, **more}


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["errors"][0]["extensions"]["code"]
    return found


async def test_a_document_is_registered_by_its_hash_and_then_named_by_it() -> None:
    subgraphs = shop()
    async with client_of(app_in_memory(subgraphs)) as client:
        unknown = await client.post("/graphql", json=persisted(QUERY))
        assert sum(len(found.requests) for found in subgraphs.values()) == 0
        registered = await client.post("/graphql", json=persisted(QUERY, query=QUERY))
        by_post = await client.post("/graphql", json=persisted(QUERY))
        by_id = await client.post("/graphql", json={"documentId": f"sha256:{sha256_of(QUERY)}"})
        extensions = json.dumps(persisted(QUERY)["extensions"])
        by_get = await client.get("/graphql", params={"extensions": extensions})

    assert unknown.status_code == 200
    assert unknown.json()["errors"] == [
        {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}
    ]
    assert [answer.json() for answer in (registered, by_post, by_id, by_get)] == [DATA] * 4


async def test_a_document_can_be_registered_by_get() -> None:
    async with client_of(app_in_memory(shop())) as client:
        extensions = json.dumps(persisted(QUERY)["extensions"])
        registered = await client.get("/graphql", params={"extensions": extensions, "query": QUERY})
        named = await client.get("/graphql", params={"extensions": extensions})

    assert [registered.json(), named.json()] == [DATA] * 2


async def test_an_unknown_hash_is_a_bad_request_where_the_client_knows_statuses() -> None:
    async with client_of(app_in_memory(shop())) as client:
        answer = await client.post("/graphql", json=persisted(QUERY), headers={"accept": GRAPHQL})

    assert (answer.status_code, code(answer)) == (400, "PERSISTED_QUERY_NOT_FOUND")


async def test_a_wrong_hash_registers_nothing_and_runs_nothing() -> None:
    subgraphs = shop()
    async with client_of(app_in_memory(subgraphs)) as client:
        answer = await client.post("/graphql", json=persisted("{ other }", query=QUERY))
        later = await client.post("/graphql", json=persisted("{ other }"))

    assert [code(answer), code(later)] == ["PERSISTED_QUERY_HASH_MISMATCH", "PERSISTED_QUERY_NOT_FOUND"]
    assert subgraphs["accounts"].requests == []


async def test_a_document_that_is_not_valid_is_not_kept() -> None:
    async with client_of(app_in_memory(shop())) as client:
        answers = [await client.post("/graphql", json=persisted("{ x }", query=query)) for query in ("{ x }", None)]

    assert [code(answer) for answer in answers] == ["GRAPHQL_VALIDATION_FAILED", "PERSISTED_QUERY_NOT_FOUND"]


async def test_a_registered_mutation_is_still_refused_by_get() -> None:
    text = 'mutation { rename(id: "1", name: "X") { name } }'
    async with client_of(app_in_memory(shop())) as client:
        await client.post("/graphql", json=persisted(text, query=text))
        answer = await client.get("/graphql", params={"extensions": json.dumps(persisted(text)["extensions"])})

    assert (answer.status_code, code(answer)) == (405, "MUTATION_NOT_ALLOWED")


@pytest.mark.parametrize(
    "body",
    [
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "a" * 64}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a" * 63}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 7}}},
        {"extensions": {"persistedQuery": "x"}},
        {"documentId": 7},
        {"documentId": "md5:1"},
        {"operationName": "Unknown"},
    ],
)
async def test_what_names_no_document_is_a_bad_request(body: dict[str, Any]) -> None:
    async with client_of(app_in_memory(shop())) as client:
        answer = await client.post("/graphql", json=body)

    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_persisted_queries_can_be_switched_off() -> None:
    async with client_of(app_in_memory(shop(), apq=False)) as client:
        answer = await client.post("/graphql", json=persisted(QUERY))
        in_full = await client.post("/graphql", json=persisted(QUERY, query=QUERY))

    assert answer.json()["errors"][0]["message"] == "PersistedQueryNotSupported"
    assert code(answer) == "PERSISTED_QUERY_NOT_SUPPORTED"
    assert in_full.json() == DATA


def test_registered_documents_are_bounded_and_the_least_recently_used_goes_first() -> None:
    kept = PersistedDocuments(max_bytes=3 * 1_200)
    for name in "abc":
        kept.keep(name, name * 1_000)
    kept.get("a")

    kept.keep("d", "d" * 1_000)
    kept.keep("d", "d" * 1_000)

    assert [name for name in "abcd" if kept.get(name) is not None] == ["a", "c", "d"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "me.graphql").write_text("query Me { me { name } }\n", encoding="utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "two.graphql").write_text("query A { me { id } } query B { me { name } }", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "body",
    [
        persisted("query Me { me { name } }"),
        persisted("query Me { me { name } }\n"),
        {"operationName": "Me"},
        {"operationName": "B"},
        {"query": "query Me { me { name } }"},
    ],
)
async def test_a_trusted_document_is_served_by_hash_name_or_text(folder: Path, body: dict[str, Any]) -> None:
    async with client_of(app_in_memory(shop(), trusted_documents=folder, free_form=False)) as client:
        assert (await client.post("/graphql", json=body)).json() == DATA


async def test_trusted_documents_are_prepared_at_start(folder: Path) -> None:
    app = app_in_memory(shop(), trusted_documents=folder)
    await app.aclose()

    assert len(app.engine._cache) == 4


@pytest.mark.parametrize("body", [{"query": QUERY}, persisted(QUERY, query=QUERY), persisted(QUERY)])
async def test_other_documents_are_refused_where_only_trusted_ones_are_served(
    folder: Path, body: dict[str, Any]
) -> None:
    subgraphs = shop()
    async with client_of(app_in_memory(subgraphs, trusted_documents=folder, free_form=False)) as client:
        answer = await client.post("/graphql", json=body, headers={"x-free-form-key": ""})

    assert code(answer) == "DOCUMENT_NOT_TRUSTED"
    assert subgraphs["accounts"].requests == []


async def test_who_has_the_key_may_send_any_document(folder: Path) -> None:
    settings = {"trusted_documents": folder, "free_form": False, "free_form_key": "open sesame"}
    async with client_of(app_in_memory(shop(), **settings)) as client:
        answers = [
            await client.post("/graphql", json={"query": QUERY}, headers={"x-free-form-key": key})
            for key in ("open sesame", "guess")
        ]

    assert answers[0].json() == DATA
    assert code(answers[1]) == "DOCUMENT_NOT_TRUSTED"


def test_a_folder_that_cannot_be_used_is_refused_at_start(tmp_path: Path, folder: Path) -> None:
    (folder / "again.graphql").write_text("query Me { me { id } }", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="repeats the operation name Me"):
        TrustedDocuments(folder)
    (folder / "again.graphql").write_text("query {", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"again\.graphql cannot be used"):
        TrustedDocuments(folder)
    with pytest.raises(ValueError, match="ROUTER_TRUSTED_DOCUMENTS"):
        RouterSettings(free_form=False)
