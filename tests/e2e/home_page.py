"""The home page as tests read it, and somebody who watches what is on it."""

from typing import Any

from tests.e2e.platform import Platform, operation

HOME = operation("home")
_PLAYABLE = "query($id: ID!) { title(id: $id) { ... on Movie { playable { id } } } }"
_START = """mutation($id: ID!) {
  playbackStart(input: {playableId: $id, deviceType: WEB}) { ... on PlaybackSession { id } }
}"""
_STOP = "mutation($id: ID!) { playbackStop(sessionId: $id, positionSeconds: 600) { ok } }"


def trays_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in data["page"]["trays"]["edges"]]


def edges_of(tray: dict[str, Any]) -> list[dict[str, Any]]:
    edges: list[dict[str, Any]] = tray["items"]["edges"]
    return edges


def cards_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        edge["node"]["title"]
        for tray in trays_of(data)
        for edge in edges_of(tray)
        if edge["node"]["__typename"] == "TitleItem"
    ]


def slots_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        edge["node"]["slot"]
        for tray in trays_of(data)
        for edge in edges_of(tray)
        if edge["node"]["__typename"] == "AdItem"
    ]


async def begin_a_film(platform: Platform, token: str) -> None:
    """Watch ten minutes of the first film on the viewer's page that may be played: what the seed lets people have seen
    differs from day to day, and from hour to hour."""
    cards = cards_of(await platform.data(HOME, token=token))
    film = next(card["id"] for card in cards if card["kind"] == "MOVIE" and card["access"]["canPlay"])
    playable = (await platform.data(_PLAYABLE, {"id": film}, token=token))["title"]["playable"]["id"]
    session = (await platform.data(_START, {"id": playable}, token=token))["playbackStart"]["id"]
    await platform.data(_STOP, {"id": session}, token=token)
