"""A person of whom every store keeps something, under markers that occur nowhere else; and a search for these."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import sqlalchemy as sa
from bson import json_util
from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from subgraphs.activity import config as activity_config
from subgraphs.activity.app import create_app as create_activity
from subgraphs.billing.service import start_subscription
from subgraphs.billing.service.changes import ChangeRequest
from subgraphs.billing.service.subscriptions import cancel
from subgraphs.catalog.service.writing import store_titles
from subgraphs.playback import config as playback_config
from subgraphs.playback.app import create_app as create_playback
from subgraphs.playback.service import Asset
from subgraphs.recommendations import config as recommendations_config
from subgraphs.recommendations.app import create_app as create_recommendations
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.redis import Cache
from subgraphs.shared.values import DeviceType
from subgraphs.users.events import (
    ConsentPurpose,
    MailKind,
    MailRequested,
    NotificationKind,
    NotificationRequested,
    PersonalizationChanged,
)
from subgraphs.users.models import (
    AuditAction,
    Device,
    EmailToken,
    Identity,
    IdentityProvider,
    NotificationPreference,
    PhoneNumber,
    Profile,
    TokenPurpose,
    User,
)
from subgraphs.users.repository.sessions import SessionStore, StoredSession
from subgraphs.users.service import audit
from subgraphs.users.service.accounts import add_account
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.privacy import consents, exports, grievances
from subgraphs.users.service.privacy.consents import Decision
from subgraphs.users.service.privacy.grievances import Complaint
from tests.subgraphs.catalog.support import movie
from tests.workers.conftest import MovableClock, put_into_outbox, title_changed
from workers.config import Settings
from workers.draining import drain_all
from workers.privacy import make_exports
from workers.services import Services

PERSON_COLUMNS = ("user_id", "profile_id", "actor_id", "author", "created_by", "uploaded_by")


@dataclass(frozen=True)
class Person:
    """An account with one profile. Every text about it holds the marker."""

    marker: str = field(default_factory=lambda: f"zq{uuid4().hex[:12]}")
    user_uuid: UUID = field(default_factory=uuid4)
    profile_uuid: UUID = field(default_factory=uuid4)
    phone: str = field(default_factory=lambda: f"+9198{uuid4().int % 10**8:08}")

    @property
    def email(self) -> str:
        return f"{self.marker}@example.com"

    @property
    def user_id(self) -> str:
        return encode_id("User", self.user_uuid)

    @property
    def profile_id(self) -> str:
        return encode_id("Profile", self.profile_uuid)

    @property
    def viewer(self) -> Viewer:
        return Viewer(user_id=self.user_id, profile_id=self.profile_id)

    def traces(self, personal: PersonalData) -> list[str]:
        """Return every text by which the person could be found again, digests included."""
        uuids = (self.user_uuid, self.profile_uuid)
        return [
            self.marker,
            self.phone,
            self.user_id,
            self.profile_id,
            *(str(each) for each in uuids),
            *(each.hex for each in uuids),
            personal.index(self.phone, purpose="phone"),
            personal.index(self.email, purpose="mail-recipient"),
        ]


def personal_of(settings: Settings) -> PersonalData:
    """Return the keys of the settings, ready for use."""
    return PersonalData(settings.personal_data_keys, lookup_key=settings.personal_data_lookup_key)


@dataclass(frozen=True)
class Apps:
    """The subgraphs in which people do things."""

    playback: SubgraphApp
    activity: SubgraphApp
    recommendations: SubgraphApp


@asynccontextmanager
async def open_apps(settings: Settings, clock: MovableClock) -> AsyncIterator[Apps]:
    """Open them until the test ends: documents belong to whoever opened them last in this process."""
    values = settings.model_dump()
    async with (
        create_playback(playback_config.Settings(**values), clock=clock).running() as playback,
        create_activity(activity_config.Settings(**values), clock=clock).running() as activity,
        create_recommendations(recommendations_config.Settings(**values), clock=clock).running() as recommendations,
    ):
        yield Apps(playback, activity, recommendations)


async def seed(person: Person, services: Services, apps: Apps, settings: Settings, clock: MovableClock) -> None:
    """Have the person do everything that leaves something behind."""
    await seed_account(person, services, settings, now=clock())
    await _seed_watching(person, services, apps, clock)
    await _seed_billing(person, services, now=clock())
    await drain_all(services)
    await make_exports(services)
    await drain_all(services)


async def seed_account(person: Person, services: Services, settings: Settings, *, now: datetime) -> None:
    """Register the person, with everything that the users subgraph keeps."""
    personal = personal_of(settings)
    user = User(
        id=person.user_uuid,
        email=person.email,
        email_verified=True,
        password_hash=person.marker,
        roles=["USER"],
        locale="en",
        created_at=now,
    )
    profile = Profile(
        id=person.profile_uuid,
        user_id=user.id,
        name=person.marker,
        language="en",
        audio_languages=["en"],
        created_at=now,
    )
    complaint = Complaint("OTHER", person.marker, None, user.id, person.email, "en")
    async with services.outboxes["users"].writing() as session:
        await add_account(session, user, [profile])
        session.add_all(
            [
                Device(
                    user_id=user.id,
                    client_id=person.marker,
                    name=person.marker,
                    type=DeviceType.WEB,
                    agent=person.marker,
                    country="IN",
                    ip_hash=personal.hash_ip("203.0.113.9", now=now),
                    first_seen_at=now,
                    last_seen_at=now,
                ),
                Identity(user_id=user.id, provider=IdentityProvider.GOOGLE, subject=person.marker, linked_at=now),
                PhoneNumber(
                    user_id=user.id,
                    number_index=personal.index(person.phone, purpose="phone"),
                    sealed_number=personal.seal(person.phone, purpose=f"phone:{user.id}"),
                    verified_at=now,
                ),
                EmailToken(
                    digest=uuid4().hex,
                    user_id=user.id,
                    purpose=TokenPurpose.PASSWORD_RESET,
                    email=person.email,
                    created_at=now,
                    expires_at=now + timedelta(hours=1),
                ),
                NotificationPreference(user_id=user.id, kind="EDITORIAL", channels=["IN_APP"]),
            ]
        )
        await consents.decide(
            session,
            user.id,
            [
                Decision(purpose, granted=True, version="1")
                for purpose in (ConsentPurpose.ANALYTICS, ConsentPurpose.TARGETED_ADS)
            ],
            now=now,
        )
        await grievances.receive(session, complaint, sealer=personal, now=now)
        await exports.request(session, user.id, now=now)
        await audit.record(
            session, AuditAction.LOGIN, origin=audit.Origin(actor_id=user.id), now=now, subject=person.user_id
        )
        await publish(session, _requests(person, now=now))
    await _open_session(person, settings, now=now)


def _requests(person: Person, *, now: datetime) -> list[Any]:
    return [
        MailRequested(
            occurred_at=now,
            kind=MailKind.PASSWORD_CHANGED,
            user_id=person.user_id,
            email=person.email,
            locale="en",
            dedup_key=f"changed:{person.user_uuid}",
            data={"at": now.isoformat()},
        ),
        NotificationRequested(
            occurred_at=now,
            kind=NotificationKind.SYSTEM,
            user_id=person.user_id,
            dedup_key="hello",
            data={"title": person.marker, "body": person.marker},
        ),
        PersonalizationChanged(occurred_at=now, user_id=person.user_id, profile_id=person.profile_id, opted_out=False),
    ]


async def _open_session(person: Person, settings: Settings, *, now: datetime) -> None:
    cache = Cache(settings.redis_url, "users")
    store = SessionStore(cache, denied_tokens_stream=settings.denied_tokens_stream)
    stored = StoredSession(
        user_id=person.user_uuid,
        profile_id=person.profile_uuid,
        family="family",
        created_at=now,
        expires_at=now + timedelta(days=100),
        device_id=None,
        ip_hash=None,
    )
    await store.open(uuid4().hex, stored, current="digest")
    await cache.close()


async def _seed_watching(person: Person, services: Services, apps: Apps, clock: MovableClock) -> None:
    movie, playable = encode_id("Movie", uuid4()), encode_id("Playable", uuid4())
    event = title_changed(movie)
    await put_into_outbox(
        services,
        "catalog",
        event.model_copy(update={"playables": [event.playables[0].model_copy(update={"id": playable})]}),
    )
    await drain_all(services)
    await services.playback.register_asset(Asset("sample", ["P720"]))
    await _ask(apps.activity, person, "mutation { historyClear { ok } }")
    await drain_all(services)
    clock.advance(minutes=1)
    await _watch(apps.playback, person, playable, clock)
    await drain_all(services)
    for mutation in (
        f'watchlistAdd(titleId: "{movie}") {{ __typename }}',
        f'titleRate(titleId: "{movie}", value: 1) {{ __typename }}',
        f'continueWatchingDismiss(titleId: "{movie}") {{ ok }}',
    ):
        await _ask(apps.activity, person, f"mutation {{ {mutation} }}")
    await drain_all(services)
    await _ask(apps.recommendations, person, "{ page(slug: HOME) { trays(first: 1) { edges { cursor } } } }")
    await _edit_titles(person, services, now=clock())
    await _send_film(person, services, now=clock())


async def _watch(playback: SubgraphApp, person: Person, playable: str, clock: MovableClock) -> None:
    start = (
        f'mutation {{ playbackStart(input: {{playableId: "{playable}", deviceType: WEB}}) '
        "{ ... on PlaybackSession { id } } }"
    )
    session_id = (await _ask(playback, person, start))["playbackStart"]["id"]
    tracks = f'sessionId: "{session_id}", audio: "hi", subtitle: "en"'
    await _ask(playback, person, f"mutation {{ playbackTracksChoose({tracks}) {{ ok }} }}")
    for seq, position in enumerate((500, 520, 540)):
        clock.advance(seconds=20)
        beat = f'sessionId: "{session_id}", positionSeconds: {position}, state: PLAYING, seq: {seq}'
        await _ask(playback, person, f"mutation {{ playbackHeartbeat(input: {{{beat}}}) {{ __typename }} }}")


async def _send_film(person: Person, services: Services, *, now: datetime) -> None:
    upload, values = uuid4(), {"by": person.user_id, "now": now}
    async with services.outboxes["playback"].writing() as session:
        await session.execute(
            sa.text(
                "INSERT INTO uploads (id, kind, file_name, content_type, size_bytes, part_size_bytes, created_by, "
                "creation_key_hash, created_at, expires_at, completed_at, etags) "
                "VALUES (:id, 'VIDEO', 'film.mp4', 'video/mp4', 1, 1, :by, :key, :now, :now, :now, '{etag}')"
            ),
            {**values, "id": upload, "key": upload.hex},
        )
        await session.execute(
            sa.text(
                "INSERT INTO video_assets (id, upload_id, status, uploaded_by, created_at) "
                "VALUES (:id, :upload, 'UPLOADED', :by, :now)"
            ),
            {**values, "id": uuid4(), "upload": upload},
        )


async def _edit_titles(person: Person, services: Services, *, now: datetime) -> None:
    title_id = uuid4()
    async with services.outboxes["catalog"].writing() as session:
        await session.execute(
            sa.text(
                "INSERT INTO cms_titles (title_id, state, version, created_by, created_at, updated_at, draft) "
                "VALUES (:id, 'DRAFT', 1, :author, :now, :now, '{}')"
            ),
            {"id": title_id, "author": person.user_id, "now": now},
        )
        await session.execute(
            sa.text(
                "INSERT INTO cms_log (title_id, version, action, state, author, at) "
                "VALUES (:id, 1, 'CREATE', 'DRAFT', :author, :now)"
            ),
            {"id": title_id, "author": person.user_id, "now": now},
        )
        await session.execute(
            sa.text(
                "INSERT INTO cms_bulk_operations (id, created_by, created_at, change, creation_key_hash) "
                "VALUES (:id, :author, :now, '{}', :key)"
            ),
            {"id": uuid4(), "author": person.user_id, "now": now, "key": uuid4().hex},
        )
        await session.execute(
            sa.text(
                "INSERT INTO cms_register_log (owner_id, version, after, author, at) VALUES (:id, 1, '{}', :who, :now)"
            ),
            {"id": uuid4(), "who": person.user_id, "now": now},
        )
        awaited = movie(f"Awaited {uuid4().hex}")
        await store_titles(session, [awaited], now=now)
        await session.execute(
            sa.text(
                "INSERT INTO reminders (profile_id, title_id, user_id, country, age_limit, locale, set_at) "
                "VALUES (:profile, :title, :user, 'IN', 7, 'en', :now)"
            ),
            {"profile": person.profile_id, "title": awaited.id, "user": person.user_id, "now": now},
        )
        for table in ("image_uploads", "import_uploads"):
            await session.execute(
                sa.text(f"INSERT INTO {table} (id, created_by, created_at) VALUES (:id, :author, :now)"),
                {"id": uuid4(), "author": person.user_id, "now": now},
            )
        await session.execute(
            sa.text(
                "INSERT INTO catalog_imports (id, created_by, format, dry_run, created_at, state) "
                "VALUES (:id, :author, 'CSV', false, :now, 'QUEUED')"
            ),
            {"id": uuid4(), "author": person.user_id, "now": now},
        )
        await session.execute(
            sa.text(
                "INSERT INTO catalog_exports (id, created_by, format, created_at, creation_key_hash) "
                "VALUES (:id, :author, 'CSV', :now, :key)"
            ),
            {"id": uuid4(), "author": person.user_id, "now": now, "key": uuid4().hex},
        )


async def _seed_billing(person: Person, services: Services, *, now: datetime) -> None:
    async with services.outboxes["billing"].writing() as session:
        await start_subscription(session, person.user_id, plan_code="monthly", now=now)
        annual = (await session.execute(sa.text("SELECT id FROM plans WHERE code = 'annual'"))).scalar_one()
    await services.billing.change_plan(ChangeRequest(person.user_id, annual, person.marker))
    async with services.outboxes["billing"].writing() as session:
        await cancel(session, person.user_id, at_period_end=True, reason=person.marker, now=now, grace=timedelta(0))


async def _ask(app: SubgraphApp, person: Person, query: str) -> Any:
    response = await app.execute_as(person.viewer, query)
    assert "errors" not in response, response["errors"]
    return response["data"]


async def find(traces: Sequence[str], settings: Settings) -> set[str]:
    """Return where any of the texts is: `postgres:users.profiles`, `mongo:history`, `valkey:<key>`, `file:<name>`."""
    places: set[str] = set()
    for name, database in settings.model_dump().items():
        if name.endswith("_database") and not name.endswith("_mongo_database"):
            places |= await _find_in_postgres(traces, settings.database_url, name.removesuffix("_database"), database)
    places |= await _find_in_mongo(traces, settings)
    places |= await _find_in_valkey(traces, settings)
    files = (
        [path for path in settings.objects_dir.rglob("*") if path.is_file()] if settings.objects_dir.exists() else []
    )
    return places | {f"file:{path.parent.name}" for path in files if _holds(path.read_text("utf-8", "replace"), traces)}


async def _find_in_postgres(traces: Sequence[str], server_url: str, label: str, database: str) -> set[str]:
    connection = await asyncpg.connect(f"{server_url}/{database}")
    try:
        places = set()
        for table in await _tables(connection):
            rows = await connection.fetch(f'SELECT t::text AS line FROM "{table}" t')
            if any(_holds(row["line"], traces) for row in rows):
                places.add(f"postgres:{label}.{table}")
        return places
    finally:
        await connection.close()


async def _tables(connection: Any) -> list[str]:
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [row["tablename"] for row in rows]


async def personal_tables(settings: Settings) -> set[str]:
    """Return every table of every database that has a column for a person."""
    found = set()
    for name, database in settings.model_dump().items():
        if not name.endswith("_database") or name.endswith("_mongo_database"):
            continue
        connection = await asyncpg.connect(f"{settings.database_url}/{database}")
        rows = await connection.fetch(
            "SELECT DISTINCT table_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND column_name = ANY($1)",
            list(PERSON_COLUMNS),
        )
        await connection.close()
        found |= {f"postgres:{name.removesuffix('_database')}.{row['table_name']}" for row in rows}
    return found


async def _find_in_mongo(traces: Sequence[str], settings: Settings) -> set[str]:
    places = set()
    async with AsyncMongoClient[dict[str, Any]](settings.mongodb_url, directConnection=True) as client:
        for database in {settings.playback_mongo_database, settings.activity_mongo_database}:
            for name in await client[database].list_collection_names():
                async for document in client[database][name].find():
                    if _holds(json_util.dumps(document), traces):
                        places.add(f"mongo:{name}")
    return places


async def _find_in_valkey(traces: Sequence[str], settings: Settings) -> set[str]:
    places = set()
    async with Redis.from_url(settings.redis_url, decode_responses=True) as client:
        async for key in client.scan_iter():
            if _holds(f"{key} {await _dump(client, key)}", traces):
                places.add(f"valkey:{key.partition(':')[0]}")
    return places


async def _dump(client: Any, key: str) -> str:
    kind = await client.type(key)
    readers = {
        "string": lambda: client.get(key),
        "hash": lambda: client.hgetall(key),
        "list": lambda: client.lrange(key, 0, -1),
        "set": lambda: client.smembers(key),
        "zset": lambda: client.zrange(key, 0, -1),
        "stream": lambda: client.xrange(key),
    }
    return json.dumps(await readers[kind](), default=str)


def _holds(text: str, traces: Sequence[str]) -> bool:
    return any(trace in text for trace in traces)


def export_file(settings: Settings) -> Path:
    """Return the one export that there is."""
    (path,) = (settings.objects_dir / "exports").iterdir()
    return path
