"""One change to many titles, as a job: the worker makes it in batches, each in one transaction.

A batch that is cut short leaves its titles pending and unchanged, so nothing is doubled or lost. A title that was live
as it stood is live again with the change at once; where editors are at work on it, the change goes into their draft.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict

from subgraphs.catalog.errors import (
    DraftRefusedError,
    EditorialError,
    FieldRefusal,
    IdempotencyKeyReusedError,
    LicensedError,
)
from subgraphs.catalog.models import TYPE_NAMES, BulkState
from subgraphs.catalog.repository import bulk
from subgraphs.catalog.repository.bulk import BulkItem, BulkOperation
from subgraphs.catalog.repository.editorial import EditorialTitle
from subgraphs.catalog.service import editing
from subgraphs.catalog.service.bulk_editing import Refusal, edit_all
from subgraphs.catalog.service.drafts import TitleDraft
from subgraphs.catalog.service.editing import Request
from subgraphs.catalog.service.workflow import RULES, Editor
from subgraphs.catalog.service.writing import publish_titles
from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import WriteSession
from subgraphs.shared.values import Tier

SCOPE = "cms:bulk"
MOST_TITLES = 10_000
BATCH = 100

_ALL_SCOPES = frozenset({rule.scope for rule in RULES.values()} | {"cms:edit_any"})


class BulkChange(BaseModel):
    """What is to change; None leaves a fact as it is. `clear` names the windows' ends to remove."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    add_genre_ids: tuple[UUID, ...] = ()
    remove_genre_ids: tuple[UUID, ...] = ()
    available_from: datetime | None = None
    available_until: datetime | None = None
    clear: tuple[str, ...] = ()
    tier: Tier | None = None
    archive: bool | None = None

    @property
    def edits(self) -> bool:
        """Whether it changes what a title says, not only whether it is archived."""
        return self != BulkChange(archive=self.archive)

    def applied_to(self, draft: TitleDraft) -> TitleDraft:
        """Return the draft with the change.

        Raises:
            LicensedError: The change is of window or tier, and the draft has licences.
        """
        if draft.licences and (self.available_from or self.available_until or self.clear or self.tier):
            raise LicensedError
        kept = [each for each in draft.genre_ids if each not in self.remove_genre_ids]
        changes: dict[str, Any] = {"genre_ids": tuple(dict.fromkeys([*kept, *self.add_genre_ids]))}
        for name in ("available_from", "available_until"):
            if name in self.clear or getattr(self, name) is not None:
                changes[name] = getattr(self, name)
        if self.tier is not None:
            changes["required_tier"] = self.tier
        return draft.model_copy(update=changes)


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """Who wants which titles, by global id, changed, and how."""

    editor: Editor
    title_ids: Sequence[str]
    change: BulkChange
    idempotency_key: str
    now: datetime


async def request_bulk(session: WriteSession, request: BulkRequest) -> BulkOperation:
    """Take the operation in; the worker does it. The same key, come again, returns the operation that it made.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        DraftRefusedError: No titles, too many of them, or nothing to change.
        IdempotencyKeyReusedError: The key came with another change before.
    """
    request.editor.require(SCOPE)
    ids = list(dict.fromkeys(request.title_ids))
    refusals = []
    if not 1 <= len(ids) <= MOST_TITLES:
        refusals.append(FieldRefusal("TITLES_INVALID", f"1 to {MOST_TITLES} titles at a time.", ("titleIds",)))
    if not request.change.edits and request.change.archive is None:
        refusals.append(FieldRefusal("NOTHING_TO_CHANGE", "Say what is to change.", ()))
    if refusals:
        raise DraftRefusedError(refusals)
    key_hash = hashlib.sha256(f"{request.editor.user_id}:{request.idempotency_key}".encode()).hexdigest()
    operation = BulkOperation(
        id=uuid4(),
        created_by=request.editor.user_id,
        created_at=request.now,
        finished_at=None,
        change=request.change.model_dump(mode="json"),
    )
    if await bulk.insert_operation(session, operation, title_ids=ids, key_hash=key_hash):
        return operation
    known = await bulk.operation_by_key(session, key_hash)
    if known is None or known.change != operation.change:
        raise IdempotencyKeyReusedError
    return known


@dataclass(frozen=True, slots=True)
class Step:
    """How many titles of which operation were handled; none of none where nothing waits."""

    operation_id: UUID | None
    titles: int


async def advance(session: WriteSession, *, now: datetime, limit: int = BATCH) -> Step:
    """Change the next pending titles, at most `limit`; what is refused is noted with its cause."""
    operation, items = await bulk.claim_items(session, limit=limit)
    if operation is None:
        return Step(None, 0)
    change = BulkChange.model_validate(operation.change)
    editor = Editor(operation.created_by, _ALL_SCOPES)
    ids = {item.position: decode_id(item.title_id, *TYPE_NAMES.values()).uuid for item in items}
    refused: dict[int, Refusal] = {}
    live: dict[UUID, EditorialTitle] = {}
    if change.edits:
        edited = await edit_all(session, editor, dict.fromkeys(ids.values()), change.applied_to, now=now)
        refused |= {place: edited.refused[own] for place, own in ids.items() if own in edited.refused}
        live |= edited.shown
    if change.archive is not None:
        act = editing.archive if change.archive else editing.unarchive
        for place, own in ids.items():
            if place in refused:
                continue
            try:
                await act(session, Request(editor, own, now))
                live.pop(own, None)
            except (EditorialError, ForbiddenError) as error:
                refused[place] = error
    records = await editing.live_records(session, [(title, title.draft) for title in live.values()])
    await publish_titles(session, records, now=now)
    outcomes = [_outcome(item, refused.get(item.position)) for item in items]
    await bulk.save_items(session, operation.id, outcomes)
    await bulk.finish_if_done(session, operation.id, now=now)
    return Step(operation.id, len(items))


async def give_up_on_next(session: WriteSession, *, now: datetime) -> Step:
    """Note the next pending title as failed: for one whose change raised what nobody foresaw."""
    operation, items = await bulk.claim_items(session, limit=1)
    if operation is not None:
        message = "It failed for a reason of ours; the worker's log has it."
        failed = [replace(item, state=BulkState.FAILED, code="INTERNAL", message=message) for item in items]
        await bulk.save_items(session, operation.id, failed)
        await bulk.finish_if_done(session, operation.id, now=now)
    return Step(operation.id if operation else None, 1)


def _outcome(item: BulkItem, refused: Refusal | None) -> BulkItem:
    if refused is None:
        return replace(item, state=BulkState.DONE)
    if isinstance(refused, DraftRefusedError):
        first = refused.refusals[0]
        return replace(item, state=BulkState.FAILED, code=first.code, message=first.message)
    return replace(item, state=BulkState.FAILED, code=refused.cause, message=refused.message)
