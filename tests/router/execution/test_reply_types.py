"""Replies that are of their type need no second look; all others are answered as if there were no types."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
import pytest

from router.composition import Subgraph, compose
from router.execution.engine import Engine
from router.execution.requests import GraphQLRequest, GraphQLResponse
from router.execution.transport import SubgraphRequest, TransportError, UnreachableError, dump_json
from router.planning import plan_operation
from router.supergraph import Supergraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable"])'
FILMS = """
type Query { film: Film pick: Pick }
interface Pick { label: String }
type Best implements Pick { label: String poster: Image }
type Film @key(fields: "id") { id: ID! poster: Image stills: [Image!] kind: Kind places: [[Place]] }
type Image { url: String! width: Int light: Float alt: Text size: Size! }
type Size { bytes: Int! isExact: Boolean! }
type Place { name: Text! }
enum Kind { SHORT LONG }
scalar Text
"""
STARS = """
type Film @key(fields: "id") { id: ID! rating: Rating }
type Rating { stars: Int! of: Int! }
"""
OPERATION = """{
  film {
    places { name }
    kind
    rating { of stars }
    poster { t: __typename size { isExact bytes } width url again: url light alt }
    stills { url size { bytes } }
  }
}"""
IMAGE = {"width": 3, "url": "u", "again": "u", "light": 1, "alt": {"a": [1]}, "size": {"bytes": 7, "isExact": True}}
STILL = {"url": "u", "size": {"bytes": 7}}
FILM = {
    "__typename": "Film",
    "id": "1",
    "kind": "LONG",
    "poster": IMAGE,
    "stills": [STILL, STILL],
    "places": [[{"name": "x"}, None], None],
}
RATING = {"rating": {"stars": 4, "of": 5}}


class ByteSubgraph:
    """A transport whose replies come as bytes."""

    def __init__(self, reply: Mapping[str, Any] | TransportError) -> None:
        self.reply = reply
        self.decoded: list[bool] = []

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        if isinstance(self.reply, TransportError):
            raise self.reply
        body = dump_json(self.reply)
        found = request.typed_reply(body) or orjson.loads(body)
        self.decoded.append(request.typed_body is not None)
        return found


@cache
def supergraph() -> Supergraph:
    result = compose([Subgraph("films", "http://films", LINK + FILMS), Subgraph("stars", "http://stars", LINK + STARS)])
    assert result.errors == ()
    return Supergraph.from_sdl(result.supergraph_sdl)


async def answers(
    films: Mapping[str, Any] | TransportError,
    stars: Mapping[str, Any] | TransportError,
    *,
    operation: str = OPERATION,
) -> tuple[GraphQLResponse, GraphQLResponse, list[bool]]:
    """Return the response with types and that without, and whether each reply was of its type."""
    subgraphs = {"films": ByteSubgraph(films), "stars": ByteSubgraph(stars)}
    engine = Engine(supergraph(), subgraphs, planner=lambda text, name: plan_operation(supergraph(), text, name))
    engine.warm([operation])
    try:
        typed = await engine.execute(GraphQLRequest(query=operation, as_json=True))
        decoded = [found for subgraph in subgraphs.values() for found in subgraph.decoded]
        return typed, await engine.execute(GraphQLRequest(query=operation)), decoded
    finally:
        engine.close()


def film(**changes: Any) -> dict[str, Any]:
    return {"data": {"film": {**FILM, **changes}}}


def stars(**changes: Any) -> dict[str, Any]:
    return {"data": {"_entities": [{**RATING, **changes}]}}


FAULTLESS = {
    "everything there": (film(), stars()),
    "null where it may be": (film(poster=None, stills=None, places=None, kind=None), stars(rating=None)),
    "absent where it may be": (
        film(poster={"url": "u", "again": "u", "size": {"bytes": 1, "isExact": False}}),
        stars(),
    ),
    "more than was asked for": (film(poster={**IMAGE, "secret": 1}, more=2), stars(more=3)),
    "another order": (film(poster=dict(reversed(IMAGE.items()))), stars(rating={"stars": 1, "of": 2})),
    "what is no ASCII": (film(poster={**IMAGE, "url": 'é"\\\n\x01\x7f 😀'}), stars()),
    "numbers": (film(poster={**IMAGE, "light": -0.1e-9, "alt": 2**53, "width": -(2**31)}), stars()),
    "nothing at all": ({"data": {"film": None}}, stars()),
}


@pytest.mark.parametrize(("films", "rated"), FAULTLESS.values(), ids=FAULTLESS)
async def test_a_faultless_response_is_written_as_it_would_be_without_types(
    films: dict[str, Any], rated: dict[str, Any]
) -> None:
    typed, untyped, decoded = await answers(films, rated)

    assert all(decoded)
    assert typed.json == dump_json(untyped.body)


WHOLE = film()["data"]["film"]
FAULTY = {
    "no string": film(poster={**IMAGE, "url": 1}),
    "null where it must not be": film(poster={**IMAGE, "url": None}),
    "absent where it must not be": film(poster={"width": 1}),
    "too large for Int": film(poster={**IMAGE, "width": 2**31}),
    "no Int": film(poster={**IMAGE, "width": 1.0}),
    "a truth for a number": film(poster={**IMAGE, "light": True}),
    "a number for a truth": film(poster={**IMAGE, "size": {"bytes": 1, "isExact": 1}}),
    "no enum value": film(kind="ENDLESS"),
    "no list": film(stills=STILL),
    "null in a list": film(stills=[STILL, None]),
    "no object": film(poster=[IMAGE]),
    "an object in place of the film": {"data": {"film": [WHOLE]}},
    "null for a scalar of the service": film(places=[[{"name": None}]]),
    "errors beside data": {**film(), "errors": [{"message": "half", "path": ["film", "poster"]}]},
    "errors alone": {"errors": [{"message": "none"}]},
    "no data": {"data": None, "errors": [{"message": "none"}]},
    "data of another form": {"data": [1]},
    "neither": {"dota": 1},
    "unreachable": UnreachableError("gone"),
}


@pytest.mark.parametrize("faulty", FAULTY.values(), ids=FAULTY)
async def test_a_faulty_reply_is_answered_as_without_types(faulty: dict[str, Any] | TransportError) -> None:
    typed, untyped, _ = await answers(faulty, stars())

    assert typed.json is None
    assert typed.body == untyped.body


@pytest.mark.parametrize(
    "faulty", [stars(rating={"stars": "4", "of": 5}), {"data": {"_entities": []}}, {"data": {"_entities": [1]}}]
)
async def test_what_others_brought_is_kept_when_one_reply_is_faulty(faulty: dict[str, Any]) -> None:
    typed, untyped, decoded = await answers(film(), faulty)

    assert decoded[0]
    assert typed.json is None
    assert typed.body == untyped.body
    assert typed.body["data"]["film"]["poster"] == {"t": "Image", **IMAGE}


async def test_objects_that_tell_their_type_are_looked_at() -> None:
    operation = "{ pick { label ... on Best { poster { url } } } film { poster { url } } }"
    picked = {"data": {"pick": {"__typename": "Worst", "label": "a"}, "film": {"poster": {"url": "u"}}}}

    typed, untyped, decoded = await answers(picked, stars(), operation=operation)

    assert decoded == [False]
    assert typed.json is None
    assert typed.body == untyped.body
    assert [error["path"] for error in typed.body["errors"]] == [["pick"]]


async def test_what_another_fetch_reads_stays_open_to_it() -> None:
    operation = "{ film { id rating { of } } }"

    typed, untyped, decoded = await answers({"data": {"film": {"id": "1"}}}, stars(), operation=operation)

    assert decoded == [True, True]
    assert typed.json == dump_json(untyped.body) == b'{"data":{"film":{"id":"1","rating":{"of":5}}}}'
