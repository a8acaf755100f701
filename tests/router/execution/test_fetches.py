"""Execution of hand-written plans: what is sent to subgraphs, when, and what comes out of their replies."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from router.execution.engine import EngineOptions
from router.execution.requests import GraphQLRequest
from router.execution.transport import BadResponseError, SubgraphRequest, SubgraphTimeoutError, UnreachableError
from router.planning.plan import (
    OperationKind,
    PathStep,
    Rename,
    RepresentationField,
    VariableTest,
)
from tests.router.execution.kit import FakeSubgraph, engine, entity_fetch, entry, query_plan, root_fetch, run, target

SDL = """
    type Query { trays: [Tray!] me: User movie(id: ID): Movie }
    type Mutation { first: Int second: Int third: Int! }
    type Tray { name: String items: [Movie] }
    type Movie { id: ID! name: String progress: Int rating: Rating must: Int! }
    type Rating { mine: Int stars: Float }
    type User { id: ID! name: String }
"""
ITEMS = (PathStep("trays", 1), PathStep("items", 1))
TRAYS = {
    "data": {
        "trays": [
            {"name": "New", "items": [{"id": "1"}, {"id": "2"}, None]},
            {"name": "Hot", "items": [{"id": "2"}, {"id": None}]},
        ]
    }
}
QUERY = "{ trays { name items { id name progress rating { mine } } } }"


def home_plan() -> Any:
    return query_plan(
        root_fetch(0, "catalog", "trays"),
        entity_fetch(1, "activity", entry(target(ITEMS), keys=("progress", "rating")), depends_on=(0,)),
    )


def movie(number: str | None, **fields: Any) -> dict[str, Any]:
    return {"id": number, "name": None, "progress": None, "rating": None, **fields}


async def test_sends_each_representation_once_and_leaves_out_objects_without_key() -> None:
    catalog = FakeSubgraph({"data": {"trays": [{"name": "New", "items": [{"id": "1"}, {"id": "1"}, {}, None]}]}})
    activity = FakeSubgraph({"data": {"_entities": [{"progress": 5, "rating": {"mine": 1}}]}})

    body = await run(
        engine(SDL, home_plan(), {"catalog": catalog, "activity": activity}), "{ trays { items { progress } } }"
    )

    assert body == {"data": {"trays": [{"items": [{"progress": 5}, {"progress": 5}, {"progress": None}, None]}]}}
    assert activity.variables == [{"representations": [{"__typename": "Movie", "id": "1"}]}]


async def test_a_fetch_without_representations_is_not_sent() -> None:
    catalog = FakeSubgraph({"data": {"trays": []}})
    activity = FakeSubgraph()

    body = await run(engine(SDL, home_plan(), {"catalog": catalog, "activity": activity}), QUERY)

    assert body == {"data": {"trays": []}}
    assert activity.requests == []


async def test_an_error_of_an_entity_shows_at_every_place_of_that_entity() -> None:
    catalog = FakeSubgraph({"data": {"trays": [{"name": "A", "items": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}]}})
    error = {
        "message": "Not yours.",
        "path": ["_entities", 0, "rating", "mine"],
        "extensions": {"code": "FORBIDDEN", "stacktrace": ["secret"]},
    }
    entities = [{"progress": 1, "rating": {"mine": None}}, {"progress": 2, "rating": {"mine": 0}}]
    activity = FakeSubgraph({"data": {"_entities": entities}, "errors": [error]})

    body = await run(engine(SDL, home_plan(), {"catalog": catalog, "activity": activity}), QUERY)

    assert body["errors"] == [
        {
            "message": "Not yours.",
            "path": ["trays", 0, "items", place, "rating", "mine"],
            "extensions": {"service": "activity", "code": "FORBIDDEN"},
        }
        for place in (0, 2)
    ]
    items = body["data"]["trays"][0]["items"]
    assert [item["rating"] for item in items] == [{"mine": None}, {"mine": 0}, {"mine": None}]


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (UnreachableError("refused"), "SERVICE_UNAVAILABLE", "The service activity is not available."),
        (SubgraphTimeoutError("slow"), "SERVICE_TIMEOUT", "The service activity did not answer in time."),
        (
            BadResponseError("html"),
            "SERVICE_BAD_RESPONSE",
            "The service activity gave an answer that could not be used.",
        ),
    ],
)
async def test_a_failed_subgraph_nulls_what_it_owned_with_one_error_for_each_place(
    failure: Exception, code: str, message: str
) -> None:
    served = engine(SDL, home_plan(), {"catalog": FakeSubgraph(TRAYS), "activity": FakeSubgraph(failure)})

    body = await run(served, "{ trays { name items { name progress } } }")

    nothing = {"name": None, "progress": None}
    assert body["data"] == {
        "trays": [{"name": "New", "items": [nothing, nothing, None]}, {"name": "Hot", "items": [nothing, nothing]}]
    }
    # `rating` belongs to the fetch too, but this client did not ask for it.
    assert [error["path"] for error in body["errors"]] == [
        ["trays", tray, "items", item, "progress"] for tray, item in [(0, 0), (0, 1), (1, 0)]
    ]
    assert {error["message"] for error in body["errors"]} == {message}
    assert all(error["extensions"] == {"service": "activity", "code": code} for error in body["errors"])


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"data": None},
        {"data": []},
        {"data": {"_entities": None}},
        {"data": {"_entities": [{"progress": 1}]}},
        {"data": {"_entities": [{}, {}, {}]}},
        {"data": {"_entities": {"0": {}}}},
        {"data": {"_entities": [{}, {}]}, "errors": ["text"]},
        {"data": {"_entities": [{}, {}]}, "errors": {"message": "x"}},
    ],
)
async def test_a_reply_of_the_wrong_shape_is_used_in_no_part(reply: Mapping[str, Any]) -> None:
    served = engine(SDL, home_plan(), {"catalog": FakeSubgraph(TRAYS), "activity": FakeSubgraph(reply)})

    body = await run(served, QUERY)

    assert body["data"]["trays"][1] == {"name": "Hot", "items": [movie("2"), None]}
    assert body["data"]["trays"][0]["items"] == [movie("1"), movie("2"), None]
    bad = [error for error in body["errors"] if error["extensions"]["code"] == "SERVICE_BAD_RESPONSE"]
    assert len(bad) == 6  # three places, two fields each


@pytest.mark.parametrize("entity", [5, "x", [], [{"progress": 1}], True])
async def test_an_entity_of_the_wrong_shape_leaves_its_fields_null(entity: object) -> None:
    catalog = FakeSubgraph({"data": {"trays": [{"items": [{"id": "1"}, {"id": "2"}]}]}})
    activity = FakeSubgraph({"data": {"_entities": [entity, {"progress": 2}]}})

    body = await run(
        engine(SDL, home_plan(), {"catalog": catalog, "activity": activity}), "{ trays { items { progress } } }"
    )

    assert body == {"data": {"trays": [{"items": [{"progress": None}, {"progress": 2}]}]}}


async def test_values_of_the_wrong_shape_deep_in_a_reply_never_crash() -> None:
    catalog = FakeSubgraph({"data": {"trays": [{"name": {"x": 1}, "items": [{"id": "1", "rating": 3}, "x", [1]]}, 7]}})
    activity = FakeSubgraph({"data": {"_entities": [{"progress": "many", "rating": {"mine": []}}]}})

    body = await run(engine(SDL, home_plan(), {"catalog": catalog, "activity": activity}), QUERY)

    assert body["data"] == {"trays": None}
    assert {error["extensions"]["code"] for error in body["errors"]} == {"SERVICE_INVALID_DATA"}


async def test_an_error_without_code_is_masked_and_logged_unless_configured() -> None:
    reply = {"data": {"me": None}, "errors": [{"message": "KeyError: password", "path": ["me"]}]}
    plan = query_plan(root_fetch(0, "users", "me"))

    masked = await run(engine(SDL, plan, {"users": FakeSubgraph(reply)}), "{ me { id } }")
    exposed = await run(
        engine(SDL, plan, {"users": FakeSubgraph(reply)}, options=EngineOptions(expose_subgraph_errors=True)),
        "{ me { id } }",
    )

    assert "password" not in str(masked)
    assert masked["errors"][0]["extensions"] == {"service": "users", "code": "INTERNAL"}
    assert masked["errors"][0]["path"] == ["me"]
    assert exposed["errors"][0]["message"] == "KeyError: password"


async def test_errors_without_data_count_for_all_that_was_asked() -> None:
    reply = {"errors": [{"message": "Sign in first.", "extensions": {"code": "UNAUTHENTICATED"}}]}

    body = await run(
        engine(SDL, query_plan(root_fetch(0, "users", "me")), {"users": FakeSubgraph(reply)}), "{ me { id } }"
    )

    assert body == {
        "errors": [
            {
                "message": "Sign in first.",
                "path": ["me"],
                "extensions": {"service": "users", "code": "UNAUTHENTICATED"},
            }
        ],
        "data": {"me": None},
    }


async def test_a_fetch_starts_when_its_own_inputs_are_there() -> None:
    release = asyncio.Event()
    order: list[str] = []

    class Slow(FakeSubgraph):
        async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
            await release.wait()
            order.append("slow")
            return {"data": {"me": {"id": "u"}}}

    class Last(FakeSubgraph):
        async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
            order.append("entities")
            release.set()
            return {"data": {"_entities": [{"progress": 1}]}}

    plan = query_plan(
        root_fetch(0, "users", "me"),
        root_fetch(1, "catalog", "movie"),
        entity_fetch(2, "activity", entry(target((PathStep("movie"),)), keys=("progress",)), depends_on=(1,)),
    )
    catalog = FakeSubgraph({"data": {"movie": {"id": "1"}}})

    body = await run(
        engine(SDL, plan, {"users": Slow(), "catalog": catalog, "activity": Last()}),
        "{ me { id } movie { progress } }",
    )

    assert body == {"data": {"me": {"id": "u"}, "movie": {"progress": 1}}}
    assert order == ["entities", "slow"]


async def test_a_failed_fetch_still_lets_its_dependents_finish() -> None:
    plan = query_plan(
        root_fetch(0, "users", "me"),
        root_fetch(1, "catalog", "movie"),
        entity_fetch(2, "activity", entry(target((PathStep("movie"),)), keys=("progress",)), depends_on=(0, 1)),
    )
    served = engine(
        SDL,
        plan,
        {
            "users": FakeSubgraph(UnreachableError("down")),
            "catalog": FakeSubgraph({"data": {"movie": {"id": "1"}}}),
            "activity": FakeSubgraph({"data": {"_entities": [{"progress": 1}]}}),
        },
    )

    body = await run(served, "{ me { id } movie { progress } }")

    assert body["data"] == {"me": None, "movie": {"progress": 1}}
    assert [error["path"] for error in body["errors"]] == [["me"]]


async def test_mutations_run_one_after_the_other_and_each_is_sent_as_a_mutation() -> None:
    kind = OperationKind.MUTATION
    plan = query_plan(
        root_fetch(0, "a", "first", kind=kind),
        root_fetch(1, "b", "second", kind=kind, depends_on=(0,)),
        root_fetch(2, "a", "third", kind=kind, depends_on=(1,)),
        kind=kind,
    )
    running: list[str] = []

    def answer(key: str) -> Any:
        def reply(request: SubgraphRequest) -> Mapping[str, Any]:
            running.append(key)
            return {"data": {key: len(running)}}

        return reply

    a, b = FakeSubgraph(answer("first"), answer("third")), FakeSubgraph(answer("second"))

    body = await run(engine(SDL, plan, {"a": a, "b": b}), "mutation { first second third }")

    assert body == {"data": {"first": 1, "second": 2, "third": 3}}
    assert not any(request.is_query for request in a.requests + b.requests)


async def test_merges_one_object_from_several_subgraphs_deeply() -> None:
    plan = query_plan(root_fetch(0, "a", "movie"), root_fetch(1, "b", "movie"))
    a = FakeSubgraph({"data": {"movie": {"id": "1", "rating": {"mine": 1}, "name": None}}})
    b = FakeSubgraph({"data": {"movie": {"name": "Up", "rating": {"stars": 4.5}}}})

    body = await run(engine(SDL, plan, {"a": a, "b": b}), "{ movie { name rating { stars mine } } }")

    assert body == {"data": {"movie": {"name": "Up", "rating": {"stars": 4.5, "mine": 1}}}}


async def test_places_of_one_entity_do_not_share_what_a_later_fetch_completes() -> None:
    later = entry(target((PathStep("trays", 1), PathStep("items", 1), PathStep("rating")), "Rating"), keys=("stars",))
    plan = query_plan(
        root_fetch(0, "catalog", "trays"),
        entity_fetch(1, "activity", entry(target(ITEMS), keys=("rating",)), depends_on=(0,)),
        entity_fetch(2, "stars", later, depends_on=(1,)),
    )
    catalog = FakeSubgraph({"data": {"trays": [{"items": [{"id": "1"}, {"id": "1"}]}]}})
    activity = FakeSubgraph({"data": {"_entities": [{"rating": {"id": "r", "mine": 1}}]}})
    stars = FakeSubgraph({"errors": [{"message": "no", "extensions": {"code": "NO"}, "path": ["_entities", 0]}]})

    body = await run(
        engine(SDL, plan, {"catalog": catalog, "activity": activity, "stars": stars}),
        "{ trays { items { rating { stars } } } }",
    )

    assert [error["path"] for error in body["errors"]] == [
        ["trays", 0, "items", 0, "rating", "stars"],
        ["trays", 0, "items", 1, "rating", "stars"],
    ]


async def test_required_values_are_copied_with_their_shape_and_null_when_missing() -> None:
    needed = RepresentationField(
        "rating", "_r_rating", fields=(RepresentationField("stars", "stars"), RepresentationField("mine", "mine"))
    )
    plan = query_plan(
        root_fetch(0, "catalog", "trays"),
        entity_fetch(1, "activity", entry(target(ITEMS, "Movie", needed), keys=("progress",)), depends_on=(0,)),
    )
    items = [{"id": "1", "_r_rating": {"stars": 2.5}}, {"id": "2"}]
    catalog = FakeSubgraph({"data": {"trays": [{"items": items}]}})
    activity = FakeSubgraph({"data": {"_entities": [{"progress": 1}, {"progress": 2}]}})

    body = await run(engine(SDL, plan, {"catalog": catalog, "activity": activity}), "{ trays { items { progress } } }")

    assert body == {"data": {"trays": [{"items": [{"progress": 1}, {"progress": 2}]}]}}
    assert activity.variables == [
        {
            "representations": [
                {"__typename": "Movie", "id": "1", "rating": {"stars": 2.5, "mine": None}},
                {"__typename": "Movie", "id": "2", "rating": None},
            ]
        }
    ]


async def test_parts_of_one_field_in_a_key_and_a_requirement_are_sent_as_one() -> None:
    parts = (
        RepresentationField("price", "price", (RepresentationField("currency", "currency", is_key=True),), is_key=True),
        RepresentationField("price", "_r_price", (RepresentationField("amount", "amount"),)),
        RepresentationField("price", "price", (RepresentationField("tax", "tax"),), types=("Movie",)),
    )
    plan = query_plan(
        root_fetch(0, "catalog", "trays"),
        entity_fetch(1, "activity", entry(target(ITEMS, "Movie", *parts), keys=("progress",)), depends_on=(0,)),
    )
    whole = {"id": "1", "__typename": "Movie", "price": {"currency": "EUR", "tax": 7}, "_r_price": {"amount": 5}}
    keyless = {"id": "2", "price": {"currency": None}}
    catalog = FakeSubgraph({"data": {"trays": [{"items": [whole, keyless]}]}})
    activity = FakeSubgraph({"data": {"_entities": [{"progress": 1}]}})

    await run(engine(SDL, plan, {"catalog": catalog, "activity": activity}), "{ trays { items { progress } } }")

    assert activity.variables == [
        {"representations": [{"__typename": "Movie", "id": "1", "price": {"currency": "EUR", "amount": 5, "tax": 7}}]}
    ]


async def test_a_skipped_fetch_is_not_sent_and_keeps_nobody_waiting() -> None:
    wanted = ((VariableTest("deep", value=True),),)
    plan = query_plan(
        root_fetch(0, "catalog", "movie", condition=wanted, variables=("deep",)),
        entity_fetch(1, "activity", entry(target((PathStep("movie"),)), keys=("progress",)), depends_on=(0,)),
    )
    catalog = FakeSubgraph({"data": {"movie": {"id": "1"}}})
    activity = FakeSubgraph({"data": {"_entities": [{"progress": 1}]}})
    served = engine(SDL, plan, {"catalog": catalog, "activity": activity})
    query = "query ($deep: Boolean!) { movie @include(if: $deep) { progress } n: __typename }"

    without = await run(served, query, {"deep": False})
    calls_without = len(catalog.requests)
    with_it = await run(served, query, {"deep": True})

    assert without == {"data": {"n": "Query"}}
    assert calls_without == 0
    assert with_it == {"data": {"movie": {"progress": 1}, "n": "Query"}}
    assert catalog.variables == [{"deep": True}]


async def test_errors_under_an_internal_key_show_under_the_client_s() -> None:
    plan = query_plan(
        root_fetch(0, "catalog", "movie"), renames=(Rename(("movie",), "Movie", "progress", "_x_progress"),)
    )
    catalog = FakeSubgraph(
        {
            "data": {"movie": {"id": "1", "_x_progress": None, "_r_hidden": None}},
            "errors": [
                {"message": "a", "path": ["movie", "_x_progress"], "extensions": {"code": "A"}},
                {"message": "b", "path": ["movie", "_r_hidden"], "extensions": {"code": "B"}},
            ],
        }
    )

    body = await run(engine(SDL, plan, {"catalog": catalog}), "{ movie { progress } }")

    assert body["data"] == {"movie": {"progress": None}}
    assert [error["path"] for error in body["errors"]] == [["movie", "progress"], ["movie"]]


async def test_only_variables_that_a_fetch_uses_and_the_client_gave_are_sent_with_defaults() -> None:
    plan = query_plan(root_fetch(0, "catalog", "movie", variables=("id", "absent")))
    catalog = FakeSubgraph({"data": {"movie": None}})

    await run(
        engine(SDL, plan, {"catalog": catalog}),
        'query ($id: ID = "7", $absent: ID, $other: ID) '
        "{ movie(id: $id) { id } a: movie(id: $absent) { id } b: movie(id: $other) { id } }",
        {"other": "1"},
    )

    assert catalog.variables == [{"id": "7"}]


async def test_the_headers_of_the_request_go_with_every_call() -> None:
    catalog = FakeSubgraph({"data": {"movie": {"id": "1"}}})
    activity = FakeSubgraph({"data": {"_entities": [{"progress": 1}]}})
    plan = query_plan(
        root_fetch(0, "catalog", "movie"),
        entity_fetch(1, "activity", entry(target((PathStep("movie"),)), keys=("progress",)), depends_on=(0,)),
    )
    served = engine(SDL, plan, {"catalog": catalog, "activity": activity})

    await served.execute(GraphQLRequest(query="{ movie { progress } }", headers={"x-viewer-context": "signed"}))

    assert [dict(r.headers) for r in catalog.requests + activity.requests] == [{"x-viewer-context": "signed"}] * 2
