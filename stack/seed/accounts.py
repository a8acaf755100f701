"""The demo people: one for each role and plan, and a family. Ids are fixed, so that a token can be made for each of
them without asking a database.

The addresses end in `.example`, which no mail reaches, and all share one password that says what it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from subgraphs.billing import config as billing_config
from subgraphs.billing.errors import AlreadySubscribedError
from subgraphs.billing.service import start_subscription
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import MaturityRating
from subgraphs.users import config as users_config
from subgraphs.users.models import Profile, Role, User
from subgraphs.users.service.accounts import add_account
from subgraphs.users.service.passwords import PasswordHasher
from subgraphs.users.service.tokens import ProfileClaims, TokenSubject

DEMO_PASSWORD = "Demo-Reelgraph-1"  # noqa: S105 - published on purpose: it opens demo accounts only
_DOMAIN = "demo.reelgraph.example"
_PEOPLE = UUID("5d7c2a0e-8f0b-4f58-9a31-7a1f0c6de001")
_REGISTERED_BEFORE = timedelta(days=200)
_LONGEST_HASHING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class DemoProfile:
    """A profile of a demo person. `maturity_limit` None means no limit."""

    profile_id: UUID
    name: str
    language: str
    audio_languages: Sequence[str]
    subtitle_language: str | None = None
    maturity_limit: MaturityRating | None = None
    is_kids: bool = False

    @property
    def global_id(self) -> str:
        """The id that other subgraphs know."""
        return encode_id("Profile", self.profile_id)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A demo account. `plan` None is the free one; a paid plan began `plan_days_ago` days before the seed."""

    key: str
    description: str
    profiles: Sequence[DemoProfile]
    roles: Sequence[Role] = (Role.USER,)
    plan: str | None = None
    plan_days_ago: int = 0

    @property
    def email(self) -> str:
        """The address for signing in."""
        return f"{self.key}@{_DOMAIN}"

    @property
    def user_id(self) -> UUID:
        """The same on every machine."""
        return uuid5(_PEOPLE, self.key)

    @property
    def global_id(self) -> str:
        """The id that other subgraphs know."""
        return encode_id("User", self.user_id)


def _profile(
    key: str,
    name: str,
    language: str = "en",
    *,
    subtitle_language: str | None = None,
    maturity_limit: MaturityRating | None = None,
    is_kids: bool = False,
) -> DemoProfile:
    return DemoProfile(
        profile_id=uuid5(_PEOPLE, f"profile:{key}"),
        name=name,
        language=language,
        audio_languages=(language, "hi" if language == "en" else "en"),
        subtitle_language=subtitle_language,
        maturity_limit=maturity_limit,
        is_kids=is_kids,
    )


def _staff(key: str, name: str, role: Role, description: str) -> DemoPerson:
    return DemoPerson(key, description, [_profile(key, name)], roles=(Role.USER, role))


DEMO_PEOPLE: Sequence[DemoPerson] = (
    DemoPerson("viewer", "viewer, free with ads", [_profile("viewer", "Asha")]),
    DemoPerson("monthly", "viewer, Premium monthly", [_profile("monthly", "Ravi")], plan="monthly", plan_days_ago=10),
    DemoPerson(
        "quarterly", "viewer, Premium quarterly", [_profile("quarterly", "Noor")], plan="quarterly", plan_days_ago=40
    ),
    DemoPerson("annual", "viewer, Premium annual", [_profile("annual", "Kabir")], plan="annual", plan_days_ago=100),
    DemoPerson(
        "family",
        "family of four profiles, one in Hindi, one for kids; Premium annual",
        [
            _profile("family:meera", "Meera"),
            _profile("family:dadi", "दादी", "hi"),
            _profile("family:arjun", "Arjun", maturity_limit=MaturityRating.UA_13, subtitle_language="en"),
            _profile("family:mini", "Mini", maturity_limit=MaturityRating.UA_7, is_kids=True),
        ],
        plan="annual",
        plan_days_ago=20,
    ),
    _staff("creator", "Isha", Role.CREATOR, "creator: writes titles"),
    _staff("reviewer", "Vikram", Role.REVIEWER, "reviewer: approves titles"),
    _staff("publisher", "Leela", Role.PUBLISHER, "publisher: publishes titles"),
    _staff("analyst", "Omar", Role.ANALYST, "analyst: reads figures"),
    _staff("support", "Tara", Role.SUPPORT, "support: helps accounts"),
    _staff("ad-ops", "Dev", Role.AD_OPS, "ad operations: keeps campaigns"),
    _staff("admin", "Maya", Role.ADMIN, "admin: everything"),
)


def demo_logins() -> list[tuple[str, str, str]]:
    """Return address, password and description of each demo account, in the order to print them."""
    return [(person.email, DEMO_PASSWORD, person.description) for person in DEMO_PEOPLE]


def demo_viewer(key: str = "viewer", *, profile: int = 0) -> TokenSubject:
    """Return whom a demo token is for: the account of that key with one of its profiles.

    Its session cannot be refreshed.

    Raises:
        StopIteration: No demo person has the key.
    """
    person = next(person for person in DEMO_PEOPLE if person.key == key)
    active = person.profiles[profile]
    return TokenSubject(
        user_id=person.user_id,
        roles=[role.value for role in person.roles],
        session_id="demo",
        profile=ProfileClaims(active.profile_id, active.maturity_limit, active.is_kids, active.language),
    )


async def seed_accounts(
    users: users_config.Settings, billing: billing_config.Settings, *, clock: Clock = system_clock
) -> int:
    """Add the demo people and their subscriptions; return how many accounts were added: 0 when all are there already.

    What somebody changed of them since is left alone.
    """
    now = clock()
    added = await _add_people(users, now=now)
    await _start_plans(billing, now=now)
    return added


async def _add_people(settings: users_config.Settings, *, now: datetime) -> int:
    hasher = PasswordHasher(
        cost=settings.password_hash_cost,
        threads=1,
        queue=1,
        longest_wait_seconds=_LONGEST_HASHING_SECONDS,
        longest_run_seconds=_LONGEST_HASHING_SECONDS,
    )
    database = Database(settings.database_url, settings.users_database)
    try:
        # One hash for all: hashing is slow on purpose, and the password is public.
        password_hash = await hasher.hash(DEMO_PASSWORD)
        registered_at = now - _REGISTERED_BEFORE
        async with database.writing() as session:
            return sum(
                [
                    await add_account(
                        session,
                        _user(person, password_hash=password_hash, registered_at=registered_at),
                        _profiles(person, created_at=registered_at),
                    )
                    for person in DEMO_PEOPLE
                ]
            )
    finally:
        hasher.close()
        await database.close()


async def _start_plans(settings: billing_config.Settings, *, now: datetime) -> None:
    database = Database(settings.database_url, settings.billing_database)
    try:
        for person in DEMO_PEOPLE:
            if person.plan is not None:
                await _start_plan(database, person, person.plan, now=now)
    finally:
        await database.close()


async def _start_plan(database: Database, person: DemoPerson, plan_code: str, *, now: datetime) -> None:
    starts_at = now - timedelta(days=person.plan_days_ago)
    try:
        async with database.writing() as session:
            await start_subscription(session, person.global_id, plan_code=plan_code, now=now, starts_at=starts_at)
    except AlreadySubscribedError:
        # An earlier seed started it.
        return


def _user(person: DemoPerson, *, password_hash: str, registered_at: datetime) -> User:
    return User(
        id=person.user_id,
        email=person.email,
        email_verified=True,
        password_hash=password_hash,
        roles=[role.value for role in person.roles],
        locale=person.profiles[0].language,
        created_at=registered_at,
    )


def _profiles(person: DemoPerson, *, created_at: datetime) -> list[Profile]:
    return [
        Profile(
            id=profile.profile_id,
            user_id=person.user_id,
            name=profile.name,
            language=profile.language,
            audio_languages=list(profile.audio_languages),
            subtitle_language=profile.subtitle_language,
            maturity_limit=profile.maturity_limit,
            is_kids=profile.is_kids,
            created_at=created_at,
        )
        for profile in person.profiles
    ]
