"""Nothing hidden reaches a viewer by any field: every query that the schema allows, over two catalogues.

Somebody else offers every title, too, and both catalogues know it.

One catalogue has what the viewer may see; the other has that and everything that is hidden from them, for every reason
there is. Selections are made from the schema, six levels deep, so that a field
that comes later is asked as well; a new root field fails the test until it is said how to enter it. Both catalogues
must give the same answers, names and counts alike. Where the reason does not hold they must differ: the walk arrives.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.gateways.catalogues import Row
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.titles import TitleSort
from subgraphs.catalog.schema import schema
from subgraphs.catalog.service.collections import CollectionRequest, upsert_collection
from subgraphs.catalog.service.external_catalogues import CatalogueGatherer
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.preview_links import PreviewTerms, token_of
from subgraphs.catalog.service.records import (
    EpisodeRecord,
    LicenceRecord,
    TitleRecord,
    person_id,
    season_id,
    slug_of,
)
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import (
    ADULT,
    KID,
    NOW,
    Client,
    TurnedClock,
    acted_by,
    episode_id_of,
    id_of,
    movie,
    playable_id_of,
    running_client,
    settings_for,
    show,
)
from tests.support.servers import DatabaseFactory

GRAPH = schema._schema  # Strawberry gives its schema no other name
STAFF = {
    *("cmsTitles", "cmsTitle", "cmsCollections", "cmsCollection", "bulkOperation"),
    *("cmsImport", "cmsImports", "cmsExport", "searchAnalytics", "preview", "cmsRegisterVersions"),
}
"""Root fields that ask for a scope; that they refuse viewers is tested for all roles elsewhere."""

OF_ITS_OWN = {("Preview", "title"), ("Preview", "url")}
"""Fields that ask for one of two arguments, or for a scope."""

DEEPEST = 6
"""Levels of objects below a root field: a page, its edge, its title, and three steps on from there."""

SOON, PAST = NOW + timedelta(days=2), NOW - timedelta(days=2)
CAST, GENRES = acted_by("Naina Oberai"), (KNOWN_GENRES["drama"],)
SHARED: dict[str, Any] = {"credits": CAST, "genres": GENRES}

HIDDEN_FROM_ALL = (
    {"published_at": None},
    {"published_at": SOON},
    {"available_until": PAST},
    {"available_until": NOW},
    {"countries": ("US",)},
    {"countries": ()},
    {"licences": (LicenceRecord(("US",), None, None, Tier.FREE), LicenceRecord(None, None, PAST, Tier.FREE))},
)
STRICT = (
    {"maturity_rating": MaturityRating.A},
    {"maturity_rating": None},
    {"maturity_rating": MaturityRating.A, "available_from": SOON},
)


def studio_id(name: str) -> tuple[str, ...]:
    """Return by which id others know the title."""
    return (f"studio:{slug_of(name)}",)


def titles(reasons: tuple[dict[str, Any], ...], name: str) -> list[TitleRecord]:
    """Return a movie and a show for each reason."""
    return [
        make(own := f"Forbidden {name} {kind} {number}", external_ids=studio_id(own), **SHARED, **changes)
        for number, changes in enumerate(reasons)
        for kind, make in (("Film", movie), ("Series", show))
    ]


SERIES = show("Forbidden Harbour", episodes=(2, 1), external_ids=studio_id("Forbidden Harbour"), **SHARED)
SEEN = [movie("Forbidden River", external_ids=studio_id("Forbidden River"), **SHARED), SERIES]
HIDDEN, TOO_STRICT = titles(HIDDEN_FROM_ALL, "Hidden"), titles(STRICT, "Strict")


BY_HAND, BY_RULE = UUID(int=1), UUID(int=2)
CURATOR = Editor("curator", frozenset({"cms:curate"}))


async def collect(catalog: Client, records: list[TitleRecord]) -> None:
    """Put the titles into a collection by hand, what may be seen first, and have another one find them by a rule."""
    given: list[dict[str, Any]] = [
        {"made_as": BY_HAND, "title_ids": [id_of(each) for each in records]},
        {"made_as": BY_RULE, "rule": TitleCriteria(genre_slugs=("drama",)), "sort": TitleSort.NAME_ASC},
    ]
    for number, content in enumerate(given):
        await keep(catalog, f"Forbidden all {number}", **content)


async def collect_hidden(catalog: Client, seen: list[TitleRecord], hidden: list[TitleRecord]) -> None:
    """Keep collections that are hidden: of hidden titles alone, of no title, and one that is not published."""
    await keep(catalog, "Forbidden of hidden ones", title_ids=[id_of(each) for each in hidden])
    await keep(catalog, "Forbidden of none", title_ids=[])
    await keep(catalog, "Forbidden draft", title_ids=[id_of(each) for each in seen], is_published=False)


async def keep(catalog: Client, name: str, **content: Any) -> None:
    """Make a collection, published unless the content says otherwise."""
    given = {"slug": slug_of(name), "texts": {"en": Text(name, "")}, "is_published": True, **content}
    async with catalog.database.writing() as session:
        await upsert_collection(session, CURATOR, CollectionRequest(id=None, **given), now=NOW)


class EverythingElsewhere:
    """A catalogue of somebody else in which every title is, and for everybody."""

    async def rows(self) -> list[Row]:
        return [
            {
                "id": each.slug,
                "name": each.original_name,
                "maturityRating": "U",
                "externalIds": {"studio": each.external_ids[0].removeprefix("studio:")},
            }
            for each in (*SEEN, *HIDDEN, *TOO_STRICT)
        ]


async def offer_elsewhere(*clients: Client) -> None:
    """Let everything be offered elsewhere, too."""
    source = CatalogueSource(name="netflix", adapter="none", url="https://netflix.example")
    for client in clients:
        gathering = CatalogueGatherer(
            (source,), client.database, clock=lambda: NOW, adapter=lambda _source: EverythingElsewhere()
        )
        assert (await gathering.refresh_due()).stored == 1


def with_strict_episode(series: TitleRecord) -> TitleRecord:
    """Return the show with one more episode at the end of its last season, for adults only."""
    last = series.seasons[-1]
    strict = EpisodeRecord(9, last.episodes[0].texts, 3000, maturity_rating=MaturityRating.A)
    return replace(series, seasons=(*series.seasons[:-1], replace(last, episodes=(*last.episodes, strict))))


@dataclass(frozen=True)
class Door:
    """A root field with its arguments. One that is not deep asks only whether there is something."""

    field: str
    arguments: Mapping[str, tuple[str, Any]]
    is_deep: bool = True

    @property
    def query(self) -> str:
        """The field with everything below it."""
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self.arguments.items())
        passed = ", ".join(f"{name}: ${name}" for name in self.arguments)
        assert GRAPH.query_type is not None
        type_ = get_named_type(GRAPH.query_type.fields[self.field].type)
        below = selection(type_, ()) if self.is_deep else "{ __typename }"
        head, given = (f"query({declared})", f"({passed})") if declared else ("query", "")
        return f"{head} {{ {self.field}{given} {below} }}"

    @property
    def variables(self) -> dict[str, Any]:
        return {name: value for name, (_, value) in self.arguments.items()}


def selection(type_: GraphQLNamedType, above: tuple[str, ...]) -> str:
    """Return a selection of every field that needs no argument, down to types that are above already."""
    if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
        parts = [f"... on {each.name} {selection(each, above)}" for each in GRAPH.get_possible_types(type_)]
        return "{ __typename " + " ".join(parts) + " }"
    assert isinstance(type_, GraphQLObjectType)
    parts = ["__typename"]
    for name, field in type_.fields.items():
        if (type_.name, name) in OF_ITS_OWN or any(map(is_required_argument, field.args.values())):
            continue
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            parts.append(f"{type_.name}_{name}: {name}")
        elif inner.name not in above and type_.name not in above and len(above) < DEEPEST:
            parts.append(f"{type_.name}_{name}: {name} {selection(inner, (*above, type_.name))}")
    return "{ " + " ".join(parts) + " }"


def doors(limit: MaturityRating | None = None) -> list[Door]:
    """Return every way in for a profile with that limit, with the ids and names of everything, seen or hidden."""
    terms = PreviewTerms((), None, "IN", limit, Tier.FREE)
    everything = [*SEEN, *HIDDEN, *TOO_STRICT, with_strict_episode(SERIES)]
    series = [each for each in everything if each.seasons]
    person = encode_id("Person", person_id("Naina Oberai"))
    references: list[dict[str, str]] = [
        *({"__typename": name, "id": id_of(each)} for each in everything for name in ("Title", "Movie", "Show")),
        *({"__typename": "Playable", "id": playable_id_of(each)} for each in everything),
        *({"__typename": "Playable", "id": playable_id_of(each, 2)} for each in series),
        *({"__typename": "Season", "id": encode_id("Season", season_id(each.id, 1))} for each in series),
        *({"__typename": "Episode", "id": episode_id_of(each, 1, 1)} for each in series),
        {"__typename": "Episode", "id": episode_id_of(SERIES, 2, 9)},
    ]
    known = [{"__typename": "Person", "id": person}, {"__typename": "Genre", "id": encode_id("Genre", GENRES[0].id)}]
    collections = [{"__typename": "Collection", "id": encode_id("Collection", own)} for own in (BY_HAND, BY_RULE)]
    return [
        *(Door("title", {"id": ("ID", id_of(each))}, is_deep=each in SEEN) for each in everything),
        *(Door("title", {"slug": ("String", each.slug)}, is_deep=False) for each in everything),
        *(Door("playable", {"id": ("ID!", playable_id_of(each))}, is_deep=each in SEEN) for each in everything),
        Door("titles", {"sort": ("TitleSort!", "NAME_ASC"), "first": ("Int!", 100)}),
        *(Door("titles", {"sort": ("TitleSort!", sort)}, is_deep=False) for sort in ("TRENDING", "RECENTLY_ADDED")),
        *(Door("search", {"query": ("String!", text), "first": ("Int!", 100)}) for text in ("forbidden", "forbiden")),
        *(
            Door("searchSuggestions", {"prefix": ("String!", text)})
            for text in ("for", "forbidden st", "forbidden al", "dr")
        ),
        Door("externalTitles", {"first": ("Int!", 100)}),
        Door("comingSoon", {"first": ("Int!", 100)}),
        Door("genres", {}),
        *(Door("collection", {"id": ("ID", encode_id("Collection", own))}) for own in (BY_HAND, BY_RULE)),
        Door("titles", {"filter": ("TitleFilter", {"collectionId": encode_id("Collection", BY_HAND)})}),
        Door("person", {"id": ("ID!", person)}),
        Door("sharedPreview", {"token": ("String!", token_of(terms, expires_at=SOON, key="m" * 32))}),
        Door("_entities", {"representations": ("[_Any!]!", references)}, is_deep=False),
        Door("_entities", {"representations": ("[_Any!]!", [*known, *collections])}),
    ]


@pytest.fixture
async def both(
    make_database: DatabaseFactory, clock: TurnedClock, tmp_path: Path
) -> AsyncIterator[tuple[Client, Client]]:
    """Give a catalogue to be filled with what may be seen, and one for everything."""
    seen, everything = (
        settings_for(await make_database("catalog"), tmp_path),
        settings_for(await make_database("catalog"), tmp_path),
    )
    async with running_client(seen, clock) as first, running_client(everything, clock) as second:
        await offer_elsewhere(first, second)
        yield first, second


def test_every_root_field_has_a_door() -> None:
    assert GRAPH.query_type is not None

    assert {door.field for door in doors()} == set(GRAPH.query_type.fields) - STAFF - {"_service"}


@pytest.mark.requirement("FR-CMS-002.1", "FR-CC-007.1", "FR-CC-007.2")
@pytest.mark.parametrize(("viewer", "hidden"), [(ADULT, HIDDEN), (KID, [*HIDDEN, *TOO_STRICT])], ids=["adult", "kid"])
async def test_no_field_tells_of_anything_hidden(
    both: tuple[Client, Client], viewer: Viewer, hidden: list[TitleRecord]
) -> None:
    only_seen, everything = both
    await only_seen.store(*SEEN)
    series = with_strict_episode(SERIES) if viewer is KID else SERIES
    await everything.store(SEEN[0], series, *hidden)
    await collect(only_seen, SEEN)
    await collect(everything, [*SEEN, *hidden])
    await collect_hidden(everything, SEEN, hidden)

    for door in doors(viewer.maturity_limit):
        plain = await only_seen.ask(door.query, door.variables, viewer=viewer)
        asked = await everything.ask(door.query, door.variables, viewer=viewer)

        assert plain.errors == asked.errors == [], door
        assert asked.data == plain.data, door


async def test_the_walk_arrives_at_what_is_not_hidden(both: tuple[Client, Client]) -> None:
    only_seen, everything = both
    await only_seen.store(*SEEN)
    await everything.store(*SEEN, *TOO_STRICT)
    await collect(only_seen, SEEN)
    await collect(everything, [*SEEN, *TOO_STRICT])
    arrived = set()

    for door in doors():
        plain = await only_seen.data(door.query, door.variables)
        if await everything.data(door.query, door.variables) != plain:
            arrived.add(door.field)

    assert arrived == {door.field for door in doors()}
