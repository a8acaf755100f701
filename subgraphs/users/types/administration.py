"""What administrators see of accounts and of the audit log."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.pagination import PageInfo
from subgraphs.shared.ids import encode_id
from subgraphs.users.models import AuditEntry, AuditOutcome, Role
from subgraphs.users.service.standing import Standing
from subgraphs.users.types.entities import User

ADMIN = ["admin"]
"""Tags of what only administrators see: the contract for viewers leaves it out."""

describe_enum(AuditOutcome, "How an attempt ended.", SUCCESS="It was done.", FAILURE="It was refused; see `reason`.")


@strawberry.federation.input(tags=ADMIN, description="What narrows the accounts; every field given must hold.")
class UserFilter:
    query: str | None = strawberry.field(
        default=None, description="Global id of an account, or the beginning of an e-mail address in any case."
    )
    status: Standing | None = strawberry.field(default=None, description="Of this status.")
    role: Role | None = strawberry.field(default=None, description="With this role, whatever others it has.")
    created_after: datetime | None = strawberry.field(default=None, description="Registered later than this.")


@strawberry.federation.type(tags=ADMIN, description="An account in a page of accounts.")
class UserEdge:
    cursor: str = strawberry.field(description="Where it stands; give it as `after`.")
    node: User = strawberry.field(description="The account.")


@strawberry.federation.type(tags=ADMIN, description="A page of accounts.")
class UserConnection:
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    edges: list[UserEdge] = strawberry.field(description="The accounts, the newest first.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="How many accounts there are in the whole list.")
    async def total_count(self) -> int:
        return await self.count()


@strawberry.federation.input(tags=ADMIN, description="What narrows the log; every field given must hold.")
class AuditFilter:
    actor_id: strawberry.ID | None = strawberry.field(default=None, description="Global id of the account that acted.")
    subject_id: strawberry.ID | None = strawberry.field(default=None, description="Global id of what was acted on.")
    action: str | None = strawberry.field(
        default=None, description="What was done: `admin.user_suspend`, or all of a kind: `admin.`."
    )
    outcome: AuditOutcome | None = strawberry.field(default=None, description="How it ended.")
    since: datetime | None = strawberry.field(default=None, description="At this moment or later.")
    until: datetime | None = strawberry.field(default=None, description="Before this moment.")


@strawberry.federation.type(tags=ADMIN, description="A field that an act changed.")
class AuditChange:
    field: str = strawberry.field(description="Which one.")
    before: str | None = strawberry.field(description="What it was; null for nothing.")
    after: str | None = strawberry.field(description="What it is since; null for nothing.")


@strawberry.federation.type(name="AuditEntry", tags=ADMIN, description="Something that was done or attempted.")
class AuditEntryNode:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    at: datetime = strawberry.field(description="When.")
    actor_id: strawberry.ID | None = strawberry.field(
        description="Global id of the account that acted; null for somebody who was not signed in, and the platform."
    )
    action: str = strawberry.field(description="What it was: `auth.login`, `admin.user_suspend`.")
    outcome: AuditOutcome = strawberry.field(description="How it ended.")
    reason: str | None = strawberry.field(description="Code of the refusal; null when it was done.")
    subject_id: strawberry.ID | None = strawberry.field(
        description="Global id of what it was done to; null when that is not known."
    )
    ip_hash: str | None = strawberry.field(
        description="Digest of the client's address: the same address of the same month has the same one."
    )
    correlation_id: str | None = strawberry.field(description="Of the request, as in the logs.")
    changes: list[AuditChange] = strawberry.field(description="What it changed.")

    @classmethod
    def of(cls, row: AuditEntry) -> Self:
        """Return the GraphQL form of an entry."""
        return cls(
            id=strawberry.ID(encode_id("AuditEntry", row.id)),
            at=row.at,
            actor_id=strawberry.ID(encode_id("User", row.actor_id)) if row.actor_id else None,
            action=row.action,
            outcome=row.outcome,
            reason=row.reason,
            subject_id=strawberry.ID(row.subject_id) if row.subject_id else None,
            ip_hash=row.ip_hash,
            correlation_id=row.correlation_id,
            changes=[AuditChange(**change) for change in row.changes],
        )


@strawberry.federation.type(tags=ADMIN, description="An entry in a page of the audit log.")
class AuditEntryEdge:
    cursor: str = strawberry.field(description="Where it stands; give it as `after`.")
    node: AuditEntryNode = strawberry.field(description="The entry.")


@strawberry.federation.type(tags=ADMIN, description="A page of the audit log.")
class AuditEntryConnection:
    edges: list[AuditEntryEdge] = strawberry.field(description="The entries, the newest first.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the log.")
