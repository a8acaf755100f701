"""Every mutation refuses what it should, says so by a stated code, and changes nothing.

The schema says which arguments there are, of which types, and which scope each mutation takes; `GOOD` has one good call
of each. From these two follow all bad calls: another role, a version that is not the newest, ids that are malformed, of
another type or of nothing, languages, countries and words that there are not, numbers below zero, texts that are too
long or hold control characters, each in every place that takes such a thing. After each of them every table has the
same rows; after all of them the good call is done, so that nothing else was wrong with it.

A mutation that is added fails a test until it has a good call.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from graphql import (
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    parse,
    print_ast,
    value_from_ast_untyped,
)

from schema.files import subgraph_sdl
from subgraphs.catalog.models import Model
from subgraphs.catalog.repository import imports
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import person_id
from subgraphs.catalog.service.videos import VIDEO, SentVideo, record_videos
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.users.models import Role
from tests.subgraphs.catalog.desk import ADMIN, COMPLETE, Desk, person
from tests.subgraphs.catalog.support import NOW, TurnedClock, acted_by, id_of, movie, running_client, settings_for
from tests.support.servers import DatabaseFactory

SDL: Any = parse(subgraph_sdl("catalog"))
INPUTS = {
    node.name.value: {field.name.value: field.type for field in node.fields or ()}
    for node in SDL.definitions
    if isinstance(node, InputObjectTypeDefinitionNode)
}
MUTATIONS: dict[str, FieldDefinitionNode] = {
    field.name.value: field
    for node in SDL.definitions
    if isinstance(node, ObjectTypeDefinitionNode) and node.name.value == "Mutation"
    for field in node.fields or ()
}
OBJECTS = {
    node.name.value: {field.name.value for field in node.fields or ()}
    for node in SDL.definitions
    if isinstance(node, ObjectTypeDefinitionNode)
}
DRAMA = encode_id("Genre", KNOWN_GENRES["drama"].id)
VIKRAM = encode_id("Person", person_id("Vikram Sen"))
FILM = encode_id(VIDEO, UUID(int=1))
Place = tuple[str | int, ...]

MARKER = {"kind": "INTRO", "startMs": 1000, "endMs": 2000, "label": "Opening"}
LICENCE = {"countries": ["IN"], "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "tier": "FREE"}
TEXT = {"locale": "ta", "name": "Name", "description": "About it."}
EPISODE = {
    "number": 1,
    "translations": [TEXT],
    "durationMinutes": 40,
    "airDate": "2026-01-01",
    "maturityRating": "U",
    "mustBeNew": False,
    "videoAssetId": FILM,
}
FULL = {
    **COMPLETE,
    "slug": "a-slug",
    "originalName": "Name",
    "releaseYear": 2026,
    "contentDescriptors": ["VIOLENCE"],
    "requiredTier": "FREE",
    "rentable": True,
    "subtitleLanguages": ["hi"],
    "availableFrom": "2026-01-01T00:00:00Z",
    "availableUntil": "2027-01-01T00:00:00Z",
    "countries": ["IN"],
    "genreIds": [DRAMA],
    "credits": [{"personId": VIKRAM, "role": "ACTOR", "character": "Ravi"}, {"name": "Asha Rao", "role": "DIRECTOR"}],
    "playableKind": "FEATURE",
    "videoAssetId": FILM,
    "externalIds": [{"scheme": "imdb", "value": "tt0054215"}],
}
FIXTURE = {
    "sport": "Cricket",
    "competition": "Cup",
    "startsAt": "2026-02-02T00:00:00Z",
    "endsAt": "2026-02-03T00:00:00Z",
}
RULE = {
    "kind": ["MOVIE"],
    "genre": ["drama"],
    "audioLanguage": "hi",
    "subtitleLanguage": "en",
    "yearFrom": 1990,
    "yearTo": 2026,
    "maturityMax": "A",
    "tier": "FREE",
    "personId": VIKRAM,
}


async def _in_state(desk: Desk, *mutations: str) -> str:
    own = await desk.draft()
    for mutation in mutations:
        await desk.title(mutation, ADMIN, id=own)
    return own


async def _series(desk: Desk) -> str:
    made = await desk.title("titleCreate", ADMIN, kind="SHOW", input={"originalName": "Harbour"})
    query = """mutation($id: ID!) { episodeUpsert(titleId: $id, seasonNumber: 1, expectedVersion: 1, input: {
      number: 1, translations: [{locale: "en", name: "One"}], durationMinutes: 40
    }) { errors { code } } }"""
    await desk.catalog.data(query, {"id": made["id"]}, viewer=ADMIN)
    return str(made["id"])


async def _edited(desk: Desk) -> str:
    own = await desk.draft()
    await desk.title("titleUpdate", ADMIN, id=own, expectedVersion=1, input={"rentable": True})
    return own


async def _collection(desk: Desk) -> str:
    query = """mutation($slug: String!) {
      done: collectionUpsert(input: {slug: $slug, translations: [{locale: "en", name: "Rain"}], titleIds: []}) {
        collection { id } errors { code }
      }
    }"""
    done = await desk.catalog.data(query, {"slug": f"rain-{uuid4().hex}"}, viewer=ADMIN)
    assert done["done"]["errors"] == []
    return str(done["done"]["collection"]["id"])


SUBMIT, APPROVE, PUBLISH = "titleSubmitForReview", "titleApprove", "titlePublish"


async def _create(desk: Desk) -> dict[str, Any]:
    images = [{"role": "POSTER", "uploadId": await desk.uploaded(1280, 720)}]
    given = {**FULL, "externalIds": [{"scheme": "eidr", "value": "10.5240/6E1B"}], "images": images, "fixture": FIXTURE}
    return {"kind": "SPORTS_EVENT", "idempotencyKey": "k", "input": given}


async def _episode(desk: Desk) -> dict[str, Any]:
    given = {**EPISODE, "thumbnailUploadId": await desk.uploaded(1280, 720)}
    return {"titleId": await _series(desk), "expectedVersion": 2, "seasonNumber": 1, "input": given}


async def _season(desk: Desk) -> dict[str, Any]:
    given = {"number": 2, "mustBeNew": True, "translations": [TEXT], "releaseDate": "2026-01-01"}
    return {"titleId": await _series(desk), "expectedVersion": 2, "input": given}


async def _markers(desk: Desk) -> dict[str, Any]:
    own = await _series(desk)
    return {"titleId": own, "expectedVersion": 2, "seasonNumber": 1, "episodeNumber": 1, "markers": [MARKER]}


async def _bulk(desk: Desk) -> dict[str, Any]:
    given = {
        "titleIds": [await desk.draft()],
        "addGenreIds": [DRAMA],
        "removeGenreIds": [encode_id("Genre", KNOWN_GENRES["comedy"].id)],
        "availableFrom": "2026-01-01T00:00:00Z",
        "availableUntil": "2027-01-01T00:00:00Z",
        "tier": "FREE",
        "archive": False,
        "idempotencyKey": uuid4().hex,
    }
    return {"input": given}


def _of_collection(**more: Any) -> Callable[[Desk], Awaitable[dict[str, Any]]]:
    async def build(desk: Desk) -> dict[str, Any]:
        slug = f"sun-{uuid4().hex}"
        given = {"slug": slug, "translations": [TEXT], "sort": "NAME_ASC", "published": True, **more}
        return {"input": {"id": await _collection(desk), "expectedVersion": 1, **given}}

    return build


def _of_title(*before: str, **more: Any) -> Callable[[Desk], Awaitable[dict[str, Any]]]:
    async def build(desk: Desk) -> dict[str, Any]:
        return {"id": await _in_state(desk, *before), "expectedVersion": 1, **more}

    return build


def _of_draft(**more: Any) -> Callable[[Desk], Awaitable[dict[str, Any]]]:
    async def build(desk: Desk) -> dict[str, Any]:
        return {"titleId": await desk.draft(), "expectedVersion": 1, **more}

    return build


async def _rollback(desk: Desk) -> dict[str, Any]:
    return {"id": await _edited(desk), "toVersion": 1, "expectedVersion": 2}


async def _genre(_desk: Desk) -> dict[str, Any]:
    return {"id": DRAMA, "slug": "drama", "translations": [{"locale": "ta", "name": "Name"}], "position": 3}


async def _person(_desk: Desk) -> dict[str, Any]:
    return {"id": VIKRAM, "name": "Vikram Sen"}


async def _avatar(desk: Desk) -> dict[str, Any]:
    return {"id": VIKRAM, "uploadId": await desk.uploaded(400, 400)}


async def _nothing(_desk: Desk) -> dict[str, Any]:
    return {}


async def _import(desk: Desk) -> dict[str, Any]:
    own = uuid4()
    async with desk.catalog.database.writing() as session:
        await imports.insert_upload(session, own, created_by="admin", now=NOW)
        await imports.fill_upload(session, own, size_bytes=1, digest="0" * 64)
    upload = encode_id("ImportUpload", own)
    return {"input": {"uploadId": upload, "format": "CSV", "dryRun": True, "idempotencyKey": uuid4().hex}}


async def _export(_desk: Desk) -> dict[str, Any]:
    return {"input": {"format": "CSV", "idempotencyKey": uuid4().hex}}


def _of_coming(name: str) -> Callable[[Desk], Awaitable[dict[str, Any]]]:
    async def build(desk: Desk) -> dict[str, Any]:
        coming = movie(name, available_from=NOW + timedelta(days=9))
        await desk.catalog.store(coming)
        if name == "Awaited":
            done = await Caller(desk, "reminderSet").codes({"titleId": id_of(coming)})
            assert done == []
        return {"titleId": id_of(coming)}

    return build


async def _delete_collection(desk: Desk) -> dict[str, Any]:
    return {"id": await _collection(desk), "expectedVersion": 1}


GOOD: dict[str, Callable[[Desk], Awaitable[dict[str, Any]]]] = {
    "imageUploadCreate": _nothing,
    "importUploadCreate": _nothing,
    "catalogImport": _import,
    "catalogExport": _export,
    "titleCreate": _create,
    "titleUpdate": _of_title(input={**FULL, "slug": "another-slug"}),
    "seasonUpsert": _season,
    "episodeUpsert": _episode,
    "markersSet": _markers,
    "licencesSet": _of_draft(licences=[{**LICENCE, "rentable": True}]),
    "translationSet": _of_draft(input=TEXT),
    "translationRemove": _of_draft(locale="hi"),
    "titleSubmitForReview": _of_title(),
    "titleApprove": _of_title(SUBMIT, comment="Fine."),
    "titleReject": _of_title(SUBMIT, comment="Not yet."),
    "titlePublish": _of_title(SUBMIT, APPROVE, at="2030-01-01T00:00:00Z"),
    "titleUnpublish": _of_title(SUBMIT, APPROVE, PUBLISH, comment="Away."),
    "titleArchive": _of_title(comment="Away."),
    "titleUnarchive": _of_title("titleArchive", comment="Back."),
    "titleRollback": _rollback,
    "titlesBulkUpdate": _bulk,
    "genreUpsert": _genre,
    "personUpsert": _person,
    "personImageSet": _avatar,
    "collectionUpsert": _of_collection(titleIds=[id_of(movie("Old Film"))]),
    "collectionUpsert by rule": _of_collection(rule=RULE),
    "collectionDelete": _delete_collection,
    "reminderSet": _of_coming("Coming"),
    "reminderRemove": _of_coming("Awaited"),
}

UNREAD = {
    ("idempotencyKey",): "any text is a key: its digest is stored",
    ("input", "idempotencyKey"): "any text is a key: its digest is stored",
}
"""Places whose text may be anything."""

LATE = {
    ("titlesBulkUpdate", "titleIds"): "the worker says it of each title",
    ("titlesBulkUpdate", "addGenreIds"): "the worker says it of each title",
    ("titlesBulkUpdate", "removeGenreIds"): "a genre that no title has is removed from all of them",
    ("collectionUpsert", "personId"): "a rule may name who comes later",
    ("reminderRemove", "titleId"): "who waits for nothing waits no more",
}
"""Ids of nothing that are taken in."""

TOO_LONG, CONTROL = "x" * 100_001, "a\x07b"
NOTHING = uuid4()
INVALID = {"GRAPHQL_VALIDATION_FAILED"}
BAD_INPUT = {"BAD_USER_INPUT", "TITLE_UNKNOWN"}
UNKNOWN = {
    *("TITLE_UNKNOWN", "GENRE_UNKNOWN", "PERSON_UNKNOWN", "COLLECTION_UNKNOWN"),
    *("UNKNOWN_GENRE", "UNKNOWN_PERSON", "UNKNOWN_UPLOAD", "UNKNOWN_TITLE", "VIDEO_UNKNOWN"),
}
TEXT_REFUSED = {
    *(
        "NAME_LENGTH",
        "DESCRIPTION_LENGTH",
        "TEXT_INVALID",
        "SLUG_INVALID",
        "SLUG_FIXED",
        "COMMENT_INVALID",
        "LABEL_LENGTH",
    ),
    *("URL_INVALID", "EXTERNAL_ID_INVALID", "RULE_INVALID", "BAD_USER_INPUT"),
}
NUMBER_REFUSED = {
    *("NUMBER_OUT_OF_RANGE", "DURATION_OUT_OF_RANGE", "YEAR_OUT_OF_RANGE", "MARKER_OUT_OF_RANGE", "MARKER_EMPTY"),
    *("EPISODE_UNKNOWN", "VERSION_UNKNOWN", "VERSION_CONFLICT", "RULE_INVALID", "BAD_USER_INPUT"),
}


def mutation_of(case: str) -> str:
    """Return the mutation of a good call: the first word of its name."""
    return case.partition(" ")[0]


def named(type_: TypeNode) -> str:
    """Return the name of the type within lists and marks."""
    while isinstance(type_, NonNullTypeNode | ListTypeNode):
        type_ = type_.type
    return str(type_.name.value)  # type: ignore[attr-defined]  # what is no wrapper is a named type


def arguments_of(mutation: str) -> dict[str, TypeNode]:
    return {argument.name.value: argument.type for argument in MUTATIONS[mutation].arguments or ()}


def leaves(given: Any, type_: TypeNode, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Yield the place and the type of every value in an argument, into lists and inputs."""
    if isinstance(type_, NonNullTypeNode):
        yield from leaves(given, type_.type, place)
    elif isinstance(type_, ListTypeNode):
        for index, each in enumerate(given):
            yield from leaves(each, type_.type, (*place, index))
    elif (name := named(type_)) in INPUTS:
        for field, value in given.items():
            yield from leaves(value, INPUTS[name][field], (*place, field))
    else:
        yield place, name


def field_at(place: Place) -> str:
    """Return the field or argument that the place is in."""
    return next(step for step in reversed(place) if isinstance(step, str))


def wrong_values(type_name: str) -> Iterator[tuple[Any, set[str]]]:
    """Yield what is wrong for a value of the type, and the codes with which it may be refused."""
    if type_name == "ID":
        yield from ((value, BAD_INPUT) for value in ("not-an-id", "", TOO_LONG, CONTROL))
        yield encode_id("Profile", NOTHING), BAD_INPUT
    elif type_name == "String":
        yield from ((TOO_LONG, TEXT_REFUSED), (CONTROL, TEXT_REFUSED), ("a\x00b", TEXT_REFUSED), (7, INVALID))
    elif type_name == "URL":
        yield from ((TOO_LONG, TEXT_REFUSED), ("javascript:steal()", TEXT_REFUSED), ("https://a\x07b", TEXT_REFUSED))
    elif type_name in ("Locale", "CountryCode"):
        yield from ((value, INVALID) for value in ("en_US", "", TOO_LONG, CONTROL, 7))
    elif type_name == "Int":
        yield from ((-1, NUMBER_REFUSED), (2**31, INVALID), ("1", INVALID), (1.5, INVALID))
    elif type_name in ("DateTime", "Date"):
        yield from ((value, INVALID) for value in ("yesterday", "2026-13-01", "", 7))
    elif type_name == "Boolean":
        yield "true", INVALID
    else:  # an enum
        yield from ((value, INVALID) for value in ("NO_SUCH_WORD", "", 7))


def with_value(given: Any, place: Place, value: Any) -> Any:
    """Return the arguments with another value in one place."""
    changed = deepcopy(given)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return changed


def of_its_kind(known: str) -> str:
    """Return an id of the same type that names nothing."""
    return encode_id(decode_id(known).type_name, NOTHING)


class Caller:
    """Calls one mutation, and says by which codes it was refused."""

    def __init__(self, desk: Desk, mutation: str) -> None:
        self.desk = desk
        payload = named(MUTATIONS[mutation].type)
        types = arguments_of(mutation)
        declared = ", ".join(f"${name}: {print_ast(type_)}" for name, type_ in types.items())
        passed = ", ".join(f"{name}: ${name}" for name in types)
        selected = "errors { code message }" if "errors" in OBJECTS[payload] else "__typename"
        head, given = (f"mutation({declared})", f"({passed})") if types else ("mutation", "")
        self.query = f"{head} {{ done: {mutation}{given} {{ {selected} }} }}"

    async def codes(self, arguments: dict[str, Any], viewer: Viewer = ADMIN) -> list[str]:
        """Return the codes of the payload's errors and of the answer's."""
        answer = await self.desk.catalog.ask(self.query, arguments, viewer=viewer)
        data = (answer.data or {}).get("done") or {}
        return [error["extensions"]["code"] for error in answer.errors] + [
            error["code"] for error in data.get("errors", ())
        ]


async def checksum(desk: Desk) -> str:
    """Return a digest of every row of every table."""
    parts = " || ".join(
        f"(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table.name} t)"
        for table in Model.metadata.sorted_tables
    )
    async with desk.catalog.database.reading() as session:
        return str((await session.execute(sa.text(f"SELECT {parts} || (SELECT count(*) FROM outbox)"))).scalar_one())


@pytest.fixture(scope="session", name="shared_desk")
async def _shared_desk(
    make_session_database: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A desk for all of these tests: each has titles of its own."""
    settings = settings_for(await make_session_database("catalog"), tmp_path_factory.mktemp("objects"))
    async with running_client(settings, TurnedClock()) as client:
        await client.store(movie("Old Film", credits=acted_by("Vikram Sen")))
        async with client.database.writing() as session:
            await record_videos(session, [SentVideo(FILM, "film.mp4", NOW)])
        yield Desk(client)


def test_every_mutation_has_a_good_call() -> None:
    assert {mutation_of(case) for case in GOOD} == set(MUTATIONS)


async def test_good_calls_fill_every_field_that_takes_a_text_or_an_id(shared_desk: Desk) -> None:
    filled: set[str] = set()
    for case, build in GOOD.items():
        good = await build(shared_desk)
        for name, type_ in arguments_of(mutation_of(case)).items():
            if name in good:
                filled |= {field_at(place) for place, _ in leaves(good[name], type_, (name,))}
    texts = {"String", "ID", "Locale", "CountryCode", "URL"}

    wanted = {field for fields in INPUTS.values() for field, type_ in fields.items() if named(type_) in texts}
    wanted |= {name for each in MUTATIONS for name, type_ in arguments_of(each).items() if named(type_) in texts}

    # `cmsTitles` alone takes a filter of its own; marks are taken out of a formatted description, not refused.
    assert wanted - filled - {"createdBy", "query", "descriptionHtml", "collectionId"} == set()


@pytest.mark.requirement("CL-01")
@pytest.mark.parametrize("case", sorted(GOOD))
async def test_a_mutation_refuses_whom_and_what_it_should_and_changes_nothing(shared_desk: Desk, case: str) -> None:
    desk, mutation = shared_desk, mutation_of(case)
    caller, good = Caller(desk, mutation), await GOOD[case](desk)
    before = await checksum(desk)

    for viewer, arguments, allowed in bad_calls(mutation, good):
        codes = await caller.codes(arguments, viewer)
        said = f"{case} {str(arguments)[:2000]} {viewer.user_id}: {codes}"
        assert codes, said
        assert set(codes) <= allowed, said
        assert await checksum(desk) == before, said

    assert await caller.codes(good) == []
    assert await checksum(desk) != before


def bad_calls(mutation: str, good: dict[str, Any]) -> Iterator[tuple[Viewer, dict[str, Any], set[str]]]:
    """Yield who calls with what, and the codes with which that may be refused."""
    yield ANONYMOUS, good, {"UNAUTHENTICATED"}
    scope = scope_of(mutation)
    if scope is None:
        yield Viewer(user_id="somebody"), good, {"FORBIDDEN"}
    else:
        yield person("viewer", Role.USER), good, {"FORBIDDEN"}
        yield Viewer(user_id="admin", profile_id="p", scopes=ADMIN.scopes - {scope}), good, {"FORBIDDEN"}
    for name, type_ in arguments_of(mutation).items():
        if name not in good:
            continue
        for place, type_name in leaves(good[name], type_, (name,)):
            if place in UNREAD:
                continue
            for value, allowed in wrong_values(type_name):
                yield ADMIN, with_value(good, place, value), allowed
            field = field_at(place)
            if type_name == "ID" and (mutation, field) not in LATE:
                known = value_at(good, place)
                yield ADMIN, with_value(good, place, of_its_kind(known)), UNKNOWN
            if field == "expectedVersion":
                yield ADMIN, with_value(good, place, 99), {"VERSION_CONFLICT"}


def value_at(given: Any, place: Place) -> Any:
    for step in place:
        given = given[step]
    return given


def scope_of(mutation: str) -> str | None:
    """Return the scope that the schema says it takes; None where any profile will do."""
    directives: Any = MUTATIONS[mutation].directives
    by_name = {directive.name.value: directive for directive in directives}
    assert {"requiresScopes", "authenticated"} & by_name.keys()
    if "requiresScopes" not in by_name:
        return None
    ((scope,),) = value_from_ast_untyped(by_name["requiresScopes"].arguments[0].value)
    return str(scope)
