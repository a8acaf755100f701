"""Account and profile, and who asks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.pagination import After, First
from subgraphs.shared.graphql.scalars import URL, CountryCode, Locale
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently, encode_id
from subgraphs.shared.values import MaturityRating
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.models import QualityPreference, Role
from subgraphs.users.service.privacy import consents as consent_rules
from subgraphs.users.service.resealing import phone_purpose
from subgraphs.users.service.standing import Standing, standing_of
from subgraphs.users.types.devices import Device, Session
from subgraphs.users.types.notices import (
    NotificationConnection,
    NotificationPreference,
    UnreadOnly,
    read_notifications,
    read_preferences,
)
from subgraphs.users.types.privacy import Consent
from subgraphs.users.types.signin import LinkedIdentity

describe_enum(
    Role,
    "What an account may do beyond watching.",
    USER="Watches.",
    CREATOR="Writes titles of its own and hands them in for review.",
    REVIEWER="Approves titles or sends them back.",
    PUBLISHER="Publishes approved titles, keeps rights windows and arranges rows.",
    ANALYST="Reads figures.",
    ADMIN="Everything.",
    SUPPORT="Helps accounts and refunds payments.",
    AD_OPS="Keeps campaigns and creatives.",
)
describe_enum(
    QualityPreference,
    "How good the picture is to be, where device and connection allow it.",
    AUTO="As good as the connection allows.",
    DATA_SAVER="As few bytes as can be watched.",
    P480="At most 480 lines.",
    P720="At most 720 lines.",
    P1080="At most 1080 lines.",
)
strawberry.enum(Standing, name="AccountStatus")
describe_enum(
    Standing,
    "Where an account stands. More may come: treat one that you do not know as ACTIVE.",
    SUSPENDED="Signing in and refreshing tokens are refused.",
    PENDING_DELETION="Its owner asked for its deletion, and can still keep it.",
    LOCKED="Too many wrong passwords; none is checked for a while. Sessions go on.",
    PENDING_VERIFICATION="Its address was not confirmed: it cannot be signed in to yet.",
    ACTIVE="It can be used.",
)


@strawberry.federation.type(keys=["id"], description="A person of an account; visible to that account only.")
class Profile:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    name: str = strawberry.field(description="1 to 50 characters.")
    avatar_url: URL | None = strawberry.field(description="Picture; null when none was chosen.")
    maturity_limit: MaturityRating | None = strawberry.field(
        description="Titles above it are hidden everywhere, and unrated ones too; null means no limit."
    )
    is_kids: bool = strawberry.field(description="Whether it is a kids profile: limit at most UA_7, no ads.")
    language: Locale = strawberry.field(description="Language of names and texts.")
    audio_languages: list[Locale] = strawberry.field(description="Languages to listen to, best first.")
    subtitle_language: Locale | None = strawberry.field(description="Subtitles to show; null shows none.")
    preferred_quality: QualityPreference = strawberry.field(description="How good the picture is to be.")
    autoplay_next: bool = strawberry.field(description="Whether the next episode begins by itself.")
    autoplay_previews: bool = strawberry.field(description="Whether previews play while browsing.")
    skip_intros: bool = strawberry.field(description="Whether intros are skipped without asking.")
    personalization_opt_out: bool = strawberry.field(
        description="Whether it objects to recommendations made from what it did."
    )
    has_pin: bool = strawberry.field(description="Whether switching to it asks for a PIN.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @classmethod
    def of(cls, row: models.Profile) -> Self:
        """Return the GraphQL form of a stored profile."""
        return cls(
            id=strawberry.ID(encode_id("Profile", row.id)),
            name=row.name,
            avatar_url=URL(row.avatar_url) if row.avatar_url else None,
            maturity_limit=row.maturity_limit,
            is_kids=row.is_kids,
            language=Locale(row.language),
            audio_languages=[Locale(language) for language in row.audio_languages],
            subtitle_language=Locale(row.subtitle_language) if row.subtitle_language else None,
            preferred_quality=row.preferred_quality,
            autoplay_next=row.autoplay_next,
            autoplay_previews=row.autoplay_previews,
            skip_intros=row.skip_intros,
            personalization_opt_out=row.personalization_opt_out,
            has_pin=row.pin_hash is not None,
            created_at=row.created_at,
        )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the profiles of the viewer's account; null for every other."""
        rows = await info.context.loaders.profile_by_id.load_many(_known_ids(references, "Profile"))
        found = {encode_id("Profile", row.id): cls.of(row) for row in rows if row is not None}
        return [found.get(str(reference.get("id"))) for reference in references]


@strawberry.federation.type(keys=["id"], description="An account; visible to itself only.")
class User:
    row: strawberry.Private[models.User]
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    email: str | None = strawberry.field(description="Address for signing in, in lower case.")
    email_verified: bool = strawberry.field(description="Whether the address was confirmed.")
    has_password: bool = strawberry.field(
        description="Whether it can be signed in to with a password; `passwordChange` gives it one."
    )
    roles: list[Role] = strawberry.field(description="What the account may do beyond watching.")
    locale: Locale = strawberry.field(description="Language of letters to the account.")
    state_code: str | None = strawberry.field(description="State or union territory of India, for invoices.")
    created_at: datetime = strawberry.field(description="When the account was registered.")
    last_login_at: datetime | None = strawberry.field(description="When it was last signed in to with its password.")

    @property
    def user_id(self) -> UUID:
        """The id as it is stored."""
        return self.row.id

    @strawberry.field(description="Where the account stands.")
    async def status(self, info: Info) -> Standing:
        context = info.context
        if self.row.status is models.AccountStatus.SUSPENDED:
            return Standing.SUSPENDED
        is_leaving = await context.loaders.deletion_date_by_user.load(self.row.id) is not None
        return standing_of(self.row, is_leaving=is_leaving, now=context.now)

    @strawberry.field(
        description="Number that signs in, in E.164; null without one. Only the account itself may see it."
    )
    async def phone(self, info: Info) -> str | None:
        context = info.context
        _refuse_others(context, self.user_id)
        row = await context.loaders.phone_by_user.load(self.user_id)
        return context.personal_data.open(row.sealed_number, purpose=phone_purpose(self.user_id)) if row else None

    @strawberry.field(description="Its profiles, oldest first: 1 to 5.")
    async def profiles(self, info: Info) -> list[Profile]:
        rows = await info.context.loaders.profiles_by_user.load(self.user_id)
        return [Profile.of(row) for row in rows]

    @strawberry.field(
        description="What the account is signed in on or was, last seen first. Only the account itself may see them."
    )
    async def devices(self, info: Info) -> list[Device] | None:
        context = info.context
        _refuse_others(context, self.user_id)
        rows = await context.loaders.devices_by_user.load(self.user_id)
        current = await context.loaders.own_session()
        return [Device.of(row, is_current=current is not None and current.device_id == row.id) for row in rows]

    @strawberry.field(
        description="The sessions that can be refreshed, newest first. Only the account itself may see them."
    )
    async def sessions(self, info: Info) -> list[Session] | None:
        context = info.context
        _refuse_others(context, self.user_id)
        living = await context.loaders.own_sessions()
        rows = {row.id: row for row in await context.loaders.devices_by_user.load(self.user_id)} if living else {}
        newest_first = sorted(living.items(), key=lambda item: (item[1].created_at, item[0]), reverse=True)
        return [
            Session.of(
                session_id,
                stored,
                device=rows.get(stored.device_id) if stored.device_id else None,
                is_current=session_id == context.viewer.session_id,
            )
            for session_id, stored in newest_first
        ]

    @strawberry.field(description="Notices, newest first. Only the account itself may see them.")
    async def notifications(
        self, info: Info, first: First = 20, after: After = None, *, unread_only: UnreadOnly = False
    ) -> NotificationConnection | None:
        _refuse_others(info.context, self.user_id)
        return await read_notifications(info.context, self.user_id, first=first, after=after, unread_only=unread_only)

    @strawberry.field(description="The channels of every kind of notice. Only the account itself may see them.")
    async def notification_preferences(self, info: Info) -> list[NotificationPreference] | None:
        _refuse_others(info.context, self.user_id)
        return await read_preferences(info.context, self.user_id)

    @strawberry.field(
        description="The newest decision on each purpose that was decided on. Only the account itself may see them."
    )
    async def consents(self, info: Info) -> list[Consent] | None:
        _refuse_others(info.context, self.user_id)
        async with info.context.database.reading() as session:
            rows = await consent_rules.current(session, self.user_id)
        return [Consent.of(row) for row in rows]

    @strawberry.field(
        description="When the account and everything about it goes; null unless its owner asked for that."
    )
    async def deletion_scheduled_for(self, info: Info) -> datetime | None:
        return await info.context.loaders.deletion_date_by_user.load(self.user_id)

    @strawberry.field(description="People at sign-in providers who may sign in to the account, oldest first.")
    async def identities(self, info: Info) -> list[LinkedIdentity]:
        rows = await info.context.loaders.identities_by_user.load(self.user_id)
        return [LinkedIdentity.of(row) for row in rows]

    @classmethod
    def of(cls, row: models.User) -> Self:
        """Return the GraphQL form of a stored account."""
        return cls(
            row=row,
            id=strawberry.ID(encode_id("User", row.id)),
            email=row.email,
            email_verified=row.email_verified,
            has_password=row.password_hash is not None,
            roles=[Role(role) for role in row.roles],
            locale=Locale(row.locale),
            state_code=row.state_code,
            created_at=row.created_at,
            last_login_at=row.last_login_at,
        )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the viewer's own account; null for every other."""
        rows = await info.context.loaders.user_by_id.load_many(_known_ids(references, "User"))
        found = {encode_id("User", row.id): cls.of(row) for row in rows if row is not None}
        return [found.get(str(reference.get("id"))) for reference in references]


def _refuse_others(context: Context, user_id: UUID) -> None:
    if context.loaders.viewer_id != user_id:
        raise ForbiddenError("Only the account itself may see this.")


def _known_ids(references: list[Reference], type_name: str) -> list[UUID]:
    """Return the uuids of well-formed references, each once."""
    decoded = decode_ids_leniently([str(reference.get("id")) for reference in references], type_name)
    return list(dict.fromkeys(global_id.uuid for global_id in decoded if global_id is not None))


@strawberry.type(description="Who asks. Anonymous viewers are welcome wherever reading is.")
class Viewer:
    is_anonymous: bool = strawberry.field(description="True when nobody is signed in.")
    country: CountryCode = strawberry.field(description="Country of the request; decides which titles are offered.")
    locale: Locale = strawberry.field(description="Language in which names and texts are answered.")

    @strawberry.field(
        description="Scopes that the access token carries, for programs that hide what is not allowed; mostly empty."
    )
    def permissions(self, info: Info) -> list[str]:
        return sorted(info.context.viewer.scopes)

    @strawberry.field(description="The account; null for anonymous viewers.")
    async def account(self, info: Info) -> User | None:
        own = await info.context.loaders.own_account()
        return User.of(own.user) if own else None

    @strawberry.field(description="The active profile; null for anonymous viewers and when it was deleted.")
    async def profile(self, info: Info) -> Profile | None:
        own = await info.context.loaders.own_account()
        return Profile.of(own.profile) if own and own.profile else None
