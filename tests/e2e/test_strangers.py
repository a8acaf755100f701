"""A stranger with the schema: every mutation and every entity, with another's ids and without rights.

Made from the API schema, so that a field that comes later is tried as well. What belongs to the person who is attacked
is compared before and after, in every table and key that names the account or one of its profiles.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from graphql import GraphQLObjectType
from redis.asyncio import Redis

from router.execution.authorization import ProtectedSchema
from router.supergraph import Supergraph
from schema.files import FOLDER
from stack.services import SUBGRAPHS
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.models import Profile, Role, User
from subgraphs.users.service.accounts import add_account
from subgraphs.users.service.scopes import ROLE_SCOPES
from subgraphs.users.service.tokens import ProfileClaims, TokenSubject, mint_access_token
from tests.e2e.platform import Platform
from tests.support.operations import RootField, root_fields, selections_of

SUPERGRAPH = Supergraph.from_sdl((FOLDER / "supergraph.graphql").read_text(encoding="utf-8"))
SCHEMA = SUPERGRAPH.api_schema
PROTECTED = ProtectedSchema(SUPERGRAPH)
MUTATIONS = [field for field in root_fields(SCHEMA) if field.kind == "mutation"]

OPEN = {
    *("register", "login", "tokenRefresh", "emailVerify", "emailVerificationResend"),
    *("passwordResetRequest", "passwordReset", "otpRequest", "otpVerify", "providerLoginStart", "loginWithProvider"),
    *("devicePairingStart", "devicePairingPoll", "grievanceSubmit"),
    *("playbackStart", "playbackHeartbeat", "playbackStop", "playbackTracksChoose"),
}
"""Mutations for who is not signed in: ways in, free films, and complaints. Whoever adds one says so here."""

READERS = ("nobody", "stranger", "creator", "reviewer", "publisher", "analyst", "support", "ad-ops", "admin")
REFUSALS = {"FORBIDDEN", "UNAUTHENTICATED", "BAD_USER_INPUT", "CONFLICT"}
PRIVATE = ("User", "Profile", "PlaybackSession", "PlanSubscription", "Invoice")

FILMS = "{ titles(first: 50) { edges { node { id access { canPlay } ... on Movie { playable { id } } } } } }"
WATCH = """
mutation ($title: ID!, $playable: ID!) {
  watchlistAdd(titleId: $title) { errors { code } }
  titleRate(titleId: $title, value: 1) { errors { code } }
  playbackStart(input: {playableId: $playable, deviceType: WEB}) { ... on PlaybackSession { id } }
}"""


@dataclass(frozen=True)
class Person:
    """Somebody with an account and two profiles, made for these tests alone."""

    user_id: UUID
    profiles: tuple[UUID, UUID]
    session_id: str
    email: str

    @property
    def global_ids(self) -> list[str]:
        return [
            encode_id("User", self.user_id),
            *(encode_id("Profile", profile) for profile in self.profiles),
            encode_id("Session", UUID(self.session_id)),
        ]

    def token(self, platform: Platform) -> str:
        subject = TokenSubject(
            user_id=self.user_id,
            roles=[Role.USER.value],
            session_id=self.session_id,
            profile=ProfileClaims(self.profiles[0], None, is_kids=False, language="en"),
        )
        return mint_access_token(platform.signer, subject, now=datetime.now(UTC))


async def newcomer(environment: dict[str, str]) -> Person:
    user_id, profiles, email = uuid4(), (uuid4(), uuid4()), f"{uuid4().hex}@example.com"
    now = datetime.now(UTC)
    user = User(id=user_id, email=email, email_verified=True, roles=[Role.USER.value], locale="en", created_at=now)
    rows = [
        Profile(id=profile, user_id=user_id, name="Own", language="en", audio_languages=["en"], created_at=now)
        for profile in profiles
    ]
    database = Database(environment["DATABASE_URL"], "users")
    async with database.writing() as session:
        assert await add_account(session, user, rows)
    await database.close()
    return Person(user_id, profiles, uuid4().hex, email)


@pytest.fixture(scope="module")
async def victim(platform: Platform, environment: dict[str, str]) -> Person:
    """Somebody who has watched, rated and kept something, on a session of their own."""
    person = await newcomer(environment)
    client = Redis.from_url(environment["REDIS_URL"])
    fields = {
        "user": str(person.user_id),
        "profile": str(person.profiles[0]),
        "family": "family",
        "current": "digest",
        "expires": "4000000000",
        "created": "1700000000",
    }
    for name, value in fields.items():
        await client.hset(f"users:session:{person.session_id}", name, value)
    await client.aclose()
    return person


@pytest.fixture(scope="module")
async def belongings(platform: Platform, victim: Person) -> list[str]:
    """The ids of what the victim has, the running viewing among them."""
    token = victim.token(platform)
    found = await platform.data(FILMS, token=token)
    films = [edge["node"] for edge in found["titles"]["edges"]]
    film = next(film for film in films if film.get("playable") and film["access"]["canPlay"])
    data = await platform.data(WATCH, {"title": film["id"], "playable": film["playable"]["id"]}, token=token)
    return [*victim.global_ids, data["playbackStart"]["id"], film["id"]]


@pytest.fixture(scope="module")
async def stranger(environment: dict[str, str]) -> Person:
    return await newcomer(environment)


def token_of(platform: Platform, name: str, stranger: Person) -> str:
    return stranger.token(platform) if name == "stranger" else platform.token(name)


async def state_of(person: Person, environment: dict[str, str]) -> dict[str, Any]:
    """Return all rows and keys that name the account or its profiles, but for the audit log, which is to grow."""
    names = [str(person.user_id), *map(str, person.profiles), *person.global_ids, person.session_id]
    state: dict[str, Any] = {}
    for subgraph in SUBGRAPHS:
        if subgraph.owns_database:
            state |= await _rows_with(f"{environment['DATABASE_URL']}/{subgraph.name}", names)
    client = Redis.from_url(environment["REDIS_URL"], decode_responses=True)
    keys = [key async for key in client.scan_iter(count=1_000) if any(name in key for name in names)]
    for key in sorted(keys):
        state[key] = await client.dump(key)
    await client.aclose()
    return state


async def _rows_with(url: str, names: list[str]) -> dict[str, Any]:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT relname FROM pg_stat_user_tables WHERE relname NOT IN ('audit_entries', 'alembic_version')"
        )
        patterns = [f"%{name}%" for name in names]
        found = {}
        for (table,) in tables:
            rows = await connection.fetch(
                f'SELECT t::text AS row FROM "{table}" t WHERE t::text LIKE ANY($1) ORDER BY 1', patterns
            )
            if rows:
                found[f"{url.rpartition('/')[2]}.{table}"] = [row["row"] for row in rows]
        return found
    finally:
        await connection.close()


def codes_of(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


def scopes_for(field: RootField) -> set[str]:
    demands = PROTECTED.of_field("Mutation", field.name)
    return {scope for demand in demands for group in demand.scopes for scope in group}


def is_guarded(field: RootField) -> bool:
    return bool(PROTECTED.of_field("Mutation", field.name))


def test_every_mutation_demands_a_viewer_but_those_that_are_meant_for_all() -> None:
    assert {field.name for field in MUTATIONS if not is_guarded(field)} == OPEN


@pytest.mark.requirement("CL-08", "NFR-SEC-003")
async def test_nobody_is_refused_every_other_mutation_before_any_subgraph_is_called(platform: Platform) -> None:
    platform.calls.clear()

    answers = {field.name: await platform.send(field.operation()) for field in MUTATIONS if is_guarded(field)}

    assert {name: codes_of(answer) for name, answer in answers.items()} == {
        name: ["UNAUTHENTICATED"] for name in answers
    }
    assert platform.calls == []


@pytest.fixture(scope="module")
async def untouched(environment: dict[str, str], victim: Person, belongings: list[str]) -> dict[str, Any]:
    """What belongs to the victim before anybody attacks."""
    state = await state_of(victim, environment)
    assert {"users.users", "users.profiles"} <= set(state)
    assert any(":watchlist" in key for key in state)
    return state


async def attack(platform: Platform, fields: list[RootField], ids: list[str], *, token: str) -> None:
    """Try every field with every id."""
    for field in fields:
        for given in ids:
            answer = await platform.send(field.operation(lambda _, given=given: given), token=token)  # type: ignore[misc]
            assert set(codes_of(answer)) <= REFUSALS, (field.name, answer)


@pytest.mark.requirement("NFR-SEC-003")
async def test_no_mutation_of_another_viewer_changes_anything(
    platform: Platform,
    environment: dict[str, str],
    victim: Person,
    belongings: list[str],
    stranger: Person,
    untouched: dict[str, Any],
) -> None:
    attacking = [field for field in MUTATIONS if field.takes_ids and not scopes_for(field)]

    await attack(platform, attacking, belongings, token=stranger.token(platform))

    assert await state_of(victim, environment) == untouched


@pytest.mark.requirement("NFR-SEC-003")
@pytest.mark.parametrize("role", [Role.CREATOR, Role.REVIEWER, Role.PUBLISHER, Role.ANALYST, Role.AD_OPS])
async def test_no_right_of_the_staff_reaches_a_viewers_things(
    platform: Platform,
    environment: dict[str, str],
    victim: Person,
    belongings: list[str],
    untouched: dict[str, Any],
    role: Role,
) -> None:
    """Support and administrators act on accounts: that is their work, and has tests of its own."""
    key = role.value.lower().replace("_", "-")
    held = [field for field in MUTATIONS if field.takes_ids and scopes_for(field) & ROLE_SCOPES[role]]

    await attack(platform, held, belongings[:-1], token=platform.token(key))

    assert await state_of(victim, environment) == untouched


REFUSED_WITH = {
    "profileUpdate": "FORBIDDEN",
    "profileDelete": "FORBIDDEN",
    "profileSwitch": "FORBIDDEN",
    "profilePinSet": "FORBIDDEN",
}


@pytest.mark.requirement("NFR-SEC-003")
@pytest.mark.parametrize("name", REFUSED_WITH)
async def test_anothers_profile_is_forbidden(platform: Platform, victim: Person, stranger: Person, name: str) -> None:
    field = next(field for field in MUTATIONS if field.name == name)
    given = encode_id("Profile", victim.profiles[1])

    answer = await platform.send(field.operation(lambda _: given), token=stranger.token(platform))

    assert codes_of(answer) == [REFUSED_WITH[name]]


@pytest.mark.parametrize(("name", "code"), [("sessionRevoke", "SESSION_UNKNOWN"), ("deviceRevoke", "DEVICE_UNKNOWN")])
async def test_anothers_session_and_device_are_unknown(
    platform: Platform, victim: Person, stranger: Person, name: str, code: str
) -> None:
    given = encode_id(name.removesuffix("Revoke").capitalize(), UUID(victim.session_id))

    data = await platform.data(
        f'mutation {{ {name}(id: "{given}") {{ ok errors {{ code }} }} }}', token=stranger.token(platform)
    )

    assert data[name] == {"ok": False, "errors": [{"code": code}]}


@pytest.mark.requirement("NFR-SEC-003", "CL-08")
@pytest.mark.parametrize("type_name", PRIVATE)
@pytest.mark.parametrize("name", READERS)
async def test_no_field_of_anothers_entity_can_be_read(
    platform: Platform, victim: Person, belongings: list[str], stranger: Person, type_name: str, name: str
) -> None:
    type_ = SCHEMA.get_type(type_name)
    assert isinstance(type_, GraphQLObjectType)
    found = [given for given in belongings if decode_id(given).type_name == type_name]
    anothers = found[0] if found else encode_id(type_name, victim.user_id)
    token = None if name == "nobody" else token_of(platform, name, stranger)

    answers = [
        await platform.send(each_field_of(type_, given), token=token)
        for given in (anothers, encode_id(type_name, uuid4()))
    ]

    values = [node[field] for node in answers[0]["data"].values() if node for field in node if field != "__typename"]
    assert [value for value in values if value is not None] == []
    # Who exists is not told either: a made-up id is answered in the same words.
    assert answers[0]["data"] == answers[1]["data"]
    assert sorted(codes_of(answers[0])) == sorted(codes_of(answers[1]))


def each_field_of(type_: GraphQLObjectType, given: str) -> str:
    """Return a query for every field by itself: a field that may not be null would take the others with it."""
    asked = [
        f'f{number}: node(id: "{given}") {{ ... on {type_.name} {{ {selection} }} }}'
        for number, selection in enumerate(selections_of(type_, but=frozenset({"id"})))
    ]
    return f"{{ {' '.join(asked)} }}"
