"""Answers about titles that are kept: for every viewer those that are made without keeping any."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from compiled_execution.kept import ANSWERS
from subgraphs.catalog.models import TitleKind
from subgraphs.catalog.repository.cards import TitleCard
from subgraphs.catalog.service import facts
from subgraphs.catalog.types.title import Title, title_of
from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import Tier
from tests.subgraphs.catalog.support import ADULT, KID, NOW, Client, TurnedClock, id_of, movie

# Every field that is declared to last, with arguments; and among them some that are not.
LASTING = """query($locale: Locale, $width: Int, $first: Int!) { titles(first: $first) { edges { node {
  __typename id kind slug originalName releaseDate releaseYear maturityRating contentDescriptors requiredTier rentable
  badges audioLanguages subtitleLanguages publishedAt own: name name(locale: $locale) isReminderSet
  description(locale: $locale, max: 40) availability { status until }
  genres { id slug name(locale: $locale) }
  images(width: $width) { url width height role ratio alt } posters: images(role: POSTER, ratio: R2_3) { url alt }
  trailerUrl genreIds playableIds ... on Movie { playable { id } } ... on Show { seasonCount }
} } } }"""
ARGUMENTS: list[dict[str, Any]] = [{}, {"locale": "hi"}, {"locale": "ta", "width": 90}, {"locale": None, "width": None}]
VIEWERS = [
    replace(viewer, profile_locale=profile_locale, accept_locale=accept_locale, country=country)
    for viewer, profile_locale, accept_locale, country in itertools.product(
        (ADULT, KID), (None, "hi"), (None, "ta"), ("IN", "DE")
    )
]


@contextmanager
def nothing_kept(client: Client) -> Iterator[None]:
    """Leave operations to graphql-core, which keeps nothing, for the time of the block."""
    schema: Any = client.app.schema
    compiled = schema.compiled_operations
    schema.__dict__["compiled_operations"] = None
    try:
        yield
    finally:
        schema.__dict__["compiled_operations"] = compiled


async def answers(client: Client, viewer: Viewer) -> list[Any]:
    asked = [{"first": 6, **arguments} for arguments in ARGUMENTS]
    return [await client.data(LASTING, arguments, viewer=viewer) for arguments in asked]


async def compiled(client: Client) -> None:
    """Wait until the operation runs compiled."""
    operations = client.app.schema.compiled_operations
    assert operations is not None
    before = operations.statistics.compiled_runs
    while operations.statistics.compiled_runs == before:
        await client.data(LASTING, {"first": 1})
        await asyncio.sleep(0.01)


@pytest.mark.requirement("IN-B-02")
async def test_every_viewer_gets_what_nobody_kept(seeded: Client) -> None:
    with nothing_kept(seeded):
        expected = [await answers(seeded, viewer) for viewer in VIEWERS]
    await compiled(seeded)

    first, again = [[await answers(seeded, viewer) for viewer in VIEWERS] for _ in range(2)]

    assert first == expected
    assert again == expected
    texts = {repr(each) for each in expected}
    assert len(texts) == 4  # two languages of which there are texts, two age limits


async def test_titles_do_keep_answers(seeded: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await compiled(seeded)
    await seeded.data(LASTING, {"first": 3})
    monkeypatch.setattr(Title, "_name_in", lambda _self, _locales: "made anew")

    edges = (await seeded.data(LASTING, {"first": 3}))["titles"]["edges"]

    assert getattr(Title, ANSWERS) is None  # kept with objects, never with the class
    assert [edge["node"]["name"] == "made anew" for edge in edges] == [False] * 3


async def test_badges_change_to_the_second_though_they_are_kept(catalog: Client, clock: TurnedClock) -> None:
    opens, closes = clock() + timedelta(days=40), clock() + timedelta(days=80)
    record = movie("Soon", available_from=opens, available_until=closes)
    await catalog.store(record)
    query = "query($id: ID!) { title(id: $id) { kind slug name releaseYear badges } }"
    catalog.app.compile_known([query])

    async def badges() -> list[str]:
        first, again = [(await catalog.data(query, {"id": id_of(record)}))["title"] for _ in range(2)]
        assert again == first
        return list(first["badges"])

    moments = [opens, closes - facts.LEAVING_SOON_WITHIN]
    seen = []
    for moment in moments:
        for step in (-timedelta(seconds=1), timedelta()):
            clock.turn(moment + step - clock())
            seen.append(await badges())

    assert seen == [["COMING_SOON"], [], [], ["LEAVING_SOON"]]


def test_a_title_is_the_same_object_until_its_badges_change() -> None:
    ends = NOW + facts.NEW_FOR
    card = TitleCard(
        id=UUID(int=1),
        kind=TitleKind.MOVIE,
        slug="new",
        original_name="New",
        release_date=None,
        release_year=None,
        maturity_rating=None,
        content_descriptors=[],
        required_tier=Tier.FREE,
        rentable=False,
        audio_languages=[],
        subtitle_languages=[],
        published_at=NOW,
        available_from=None,
        available_until=None,
        countries=None,
        trailer_url=None,
        texts={},
        images=[],
        genres=(),
        playables=[],
        fixture=None,
    )

    new, same, old = (title_of(card, now=at) for at in (NOW, ends - timedelta(seconds=1), ends))
    earlier = title_of(card, now=NOW)

    assert same is new
    assert [each.marks for each in (new, old, earlier)] == [[facts.TitleBadge.NEW], [], [facts.TitleBadge.NEW]]
    assert (facts.badges_change_at(card, now=NOW), facts.badges_change_at(card, now=ends)) == (ends, None)
