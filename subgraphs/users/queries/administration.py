"""What administrators read: accounts, one account, the audit log. Reading is recorded there as well."""

from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.shared.graphql.pagination import (
    After,
    First,
    check_page_size,
    cursor_moment,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.ids import decode_id, decode_ids_leniently
from subgraphs.users.context import Info
from subgraphs.users.models import AuditAction
from subgraphs.users.repository import accounts, administration
from subgraphs.users.repository import audit as audit_repository
from subgraphs.users.service import audit
from subgraphs.users.types.administration import (
    ADMIN,
    AuditEntryConnection,
    AuditEntryEdge,
    AuditEntryNode,
    AuditFilter,
    UserConnection,
    UserEdge,
    UserFilter,
)
from subgraphs.users.types.entities import User

Wanted = Annotated[UserFilter | None, strawberry.argument(name="filter", description="Which accounts; null means all.")]
WantedEntries = Annotated[
    AuditFilter | None, strawberry.argument(name="filter", description="Which entries; null means all.")
]
UserId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the account.")]

_USERS = "users"
_AUDIT = "audit"


@strawberry.type
class AdministrationQueries:
    """Fields of Query for administrators."""

    @strawberry.federation.field(
        tags=ADMIN, requires_scopes=[["users:read"]], description="Accounts, the newest first. Reading is audited."
    )
    async def users(
        self, info: Info, wanted: Wanted = None, first: First = 20, after: After = None
    ) -> UserConnection | None:
        context = info.context
        check_page_size(first)
        key = decode_cursor(after, _USERS, cursor_moment, UUID)
        chosen = wanted or UserFilter()
        known_id = decode_ids_leniently([chosen.query or ""], "User")[0]
        narrowed = administration.UserFilter(
            user_id=known_id.uuid if known_id else None,
            address=chosen.query.strip().lower() if chosen.query and not known_id else None,
            standing=chosen.status.value if chosen.status else None,
            now=context.now,
            role=chosen.role,
            created_after=chosen.created_after,
        )
        async with context.database.writing() as session:
            rows = await administration.search_users(
                session, narrowed, after=None if key is None else (key[0], key[1]), limit=first + 1
            )
            await audit.record(session, AuditAction.USERS_SEARCH, origin=context.origin, now=context.now)
        page = make_page(
            rows, first, lambda row: encode_cursor(_USERS, row.created_at.isoformat(), str(row.id)), after=after
        )

        async def count() -> int:
            async with context.database.reading() as session:
                return await administration.count_users(session, narrowed)

        edges = [
            UserEdge(cursor=cursor, node=User.of(row)) for row, cursor in zip(page.rows, page.cursors, strict=True)
        ]
        return UserConnection(edges=edges, page_info=page.page_info, count=count)

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["users:read"]],
        description="One account; null when there is none with the id. Reading is audited.",
    )
    async def user(self, info: Info, id: UserId) -> User | None:
        context = info.context
        user_id = decode_id(id, "User").uuid
        async with context.database.writing() as session:
            row = await accounts.user_by_id(session, user_id)
            await audit.record(session, AuditAction.USER_READ, origin=context.origin, now=context.now, subject=id)
        return User.of(row) if row else None

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["audit:read"]],
        description="Who did what to whom, the newest first: every attempt to sign in, and every act on an account of "
        "somebody else. Reading is audited.",
    )
    async def audit_log(
        self, info: Info, wanted: WantedEntries = None, first: First = 50, after: After = None
    ) -> AuditEntryConnection | None:
        context = info.context
        check_page_size(first)
        key = decode_cursor(after, _AUDIT, int)
        chosen = _audit_filter(wanted or AuditFilter())
        async with context.database.writing() as session:
            rows = await audit_repository.entries(session, chosen, before=key[0] if key else None, limit=first + 1)
            await audit.record(session, AuditAction.AUDIT_READ, origin=context.origin, now=context.now)
        page = make_page(rows, first, lambda row: encode_cursor(_AUDIT, row.position), after=after)
        edges = [
            AuditEntryEdge(cursor=cursor, node=AuditEntryNode.of(row))
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ]
        return AuditEntryConnection(edges=edges, page_info=page.page_info)


def _audit_filter(wanted: AuditFilter) -> audit_repository.AuditFilter:
    return audit_repository.AuditFilter(
        actor_id=decode_id(wanted.actor_id, "User").uuid if wanted.actor_id else None,
        subject_id=wanted.subject_id,
        action=wanted.action,
        outcome=wanted.outcome,
        since=wanted.since,
        until=wanted.until,
    )
