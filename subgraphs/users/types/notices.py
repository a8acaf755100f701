"""Notices in the app, the channels of each kind, and announcements."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.pagination import PageInfo, check_page_size, decode_cursor, encode_cursor, make_page
from subgraphs.shared.ids import encode_id
from subgraphs.users import models
from subgraphs.users.context import Context
from subgraphs.users.events import NotificationKind
from subgraphs.users.models import NotificationChannel
from subgraphs.users.repository import notices as statements
from subgraphs.users.service.notifications.kinds import KINDS, known_kind, words_for
from subgraphs.users.service.notifications.preferences import preferences_of

describe_enum(
    NotificationKind,
    "What a notice is about. More kinds may come: treat one that you do not know as SYSTEM.",
    NEW_EPISODE="An episode of a show on the list is out.",
    EXPIRING_SOON="A title on the list will not be offered much longer.",
    REMINDER_LIVE="What the viewer wanted to be reminded of begins.",
    PAYMENT_SUCCEEDED="A payment was received.",
    PAYMENT_FAILED="A payment could not be collected.",
    SUBSCRIPTION_STATUS="The plan changed.",
    RENEWAL_UPCOMING="The plan renews soon. Its e-mail cannot be switched off.",
    NEW_DEVICE="A new device signed in. Its e-mail cannot be switched off.",
    SECURITY="Something about the account's safety changed. Its e-mail cannot be switched off.",
    EDITORIAL="An announcement. By e-mail only with the consent MARKETING_EMAIL.",
    SYSTEM="Anything else.",
)
describe_enum(
    NotificationChannel,
    "A way to reach a person. More may come; one that is chosen and not there yet is passed over.",
    IN_APP="The list of notices, and `notificationReceived`.",
    EMAIL="A letter to the confirmed address.",
    PUSH="A message to a device; not offered yet.",
    SMS="A text message; not offered yet.",
)


@strawberry.type(description="A notice to an account, in the language of the request.")
class Notification:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    kind: NotificationKind = strawberry.field(description="What it is about.")
    title: str = strawberry.field(description="A few words.")
    body: str = strawberry.field(description="A sentence or two.")
    deep_link: str | None = strawberry.field(description="Where to go on: a path of the client or an http(s) address.")
    read_at: datetime | None = strawberry.field(description="When it was read; null while it was not.")
    created_at: datetime = strawberry.field(description="When it was written.")

    @classmethod
    def of(cls, row: models.Notification, *, locale: str) -> Self:
        """Return the GraphQL form of a stored notice, in words of the locale."""
        kind = known_kind(row.kind)
        words = words_for(kind, row.data, locale=locale)
        return cls(
            id=strawberry.ID(encode_id("Notification", row.id)),
            kind=kind,
            title=words.title,
            body=words.body,
            deep_link=row.deep_link,
            read_at=row.read_at,
            created_at=row.created_at,
        )


@strawberry.type(description="A notice with its place in the list.")
class NotificationEdge:
    cursor: str = strawberry.field(description="Give it as `after` to get what follows.")
    node: Notification = strawberry.field(description="The notice.")


@strawberry.type(description="Notices, newest first.")
class NotificationConnection:
    edges: list[NotificationEdge] = strawberry.field(description="The notices of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")
    unread_count: int = strawberry.field(description="How many notices of the account were not read, on any page.")


@strawberry.type(description="The channels of one kind of notice.")
class NotificationPreference:
    kind: NotificationKind = strawberry.field(description="What the notices are about.")
    channels: list[NotificationChannel] = strawberry.field(description="Where they go.")
    locked: list[NotificationChannel] = strawberry.field(description="Those of them that cannot be switched off.")


@strawberry.input(description="A choice for one kind of notice.")
class NotificationPreferenceInput:
    kind: NotificationKind = strawberry.field(description="What the notices are about.")
    channels: list[NotificationChannel] = strawberry.field(description="Where they are to go; none switches them off.")


@strawberry.federation.input(tags=["admin"], description="Words to many accounts.")
class AnnouncementInput:
    title: str = strawberry.field(description="1 to 120 characters.")
    body: str = strawberry.field(description="1 to 2,000 characters; an empty line parts paragraphs.")
    channels: list[NotificationChannel] = strawberry.field(description="Where it goes, if its readers agree.")
    segment: str | None = strawberry.field(
        default=None, description="ALL, ROLE:<role> or LANGUAGE:<language>, `LANGUAGE:hi`; everybody without it."
    )
    deep_link: str | None = strawberry.field(default=None, description="An http(s) address or a path of the client.")
    send_at: datetime | None = strawberry.field(default=None, description="When; at once without it.")


UnreadOnly = Annotated[bool, strawberry.argument(description="Leaves out what was read.")]


async def read_notifications(
    context: Context, user_id: UUID, *, first: int, after: str | None, unread_only: bool
) -> NotificationConnection:
    """Return a page of the account's notices, in the language of the request; two statements."""
    check_page_size(first)
    scope = "notifications-unread" if unread_only else "notifications"
    key = decode_cursor(after, scope, int)
    async with context.database.reading() as session:
        rows = await statements.notifications_of(
            session, user_id, limit=first + 1, before=key[0] if key else None, unread_only=unread_only
        )
        unread_count = await statements.unread_count(session, user_id)
    page = make_page(rows, first, lambda row: encode_cursor(scope, row.position), after=after)
    locale = context.viewer.locales()[0]
    return NotificationConnection(
        edges=[
            NotificationEdge(cursor=cursor, node=Notification.of(row, locale=locale))
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ],
        page_info=page.page_info,
        unread_count=unread_count,
    )


async def read_preferences(context: Context, user_id: UUID) -> list[NotificationPreference]:
    """Return the account's channels for every kind; one statement."""
    async with context.database.reading() as session:
        found = await preferences_of(session, user_id)
    return [
        NotificationPreference(
            kind=kind,
            channels=channels,
            locked=[channel for channel in NotificationChannel if channel in KINDS[kind].locked],
        )
        for kind, channels in found.items()
    ]
