"""What editors do with titles: make, change, submit, review, publish, take down, archive, roll back.

Every action locks the title, checks the editor (service/workflow.py) and what they have seen, and writes one log
entry. A refusal raises before anything is written.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from subgraphs.catalog.errors import (
    CommentRequiredError,
    DraftRefusedError,
    IdempotencyKeyReusedError,
    TitleUnknownError,
    VersionConflictError,
    VersionUnknownError,
)
from subgraphs.catalog.models import EditorialAction, WorkflowState
from subgraphs.catalog.repository import editorial, genres
from subgraphs.catalog.repository.editorial import EditorialTitle, LogEntry
from subgraphs.catalog.service.checks import comment_problem, gaps_of
from subgraphs.catalog.service.draft_facts import checked_draft, facts_for
from subgraphs.catalog.service.drafts import TitleDraft, read_draft, write_draft
from subgraphs.catalog.service.publishing import draft_of, record_of
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.registers import people_of
from subgraphs.catalog.service.workflow import Editor, Standing, next_state
from subgraphs.catalog.service.writing import publish_titles, withdraw_title
from subgraphs.shared.postgres import ReadSession, WriteSession

DUE_AT_ONCE = 50
"""Scheduled titles published in one transaction."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the unknown moment of a stored title that was never published."""

Change = Callable[[TitleDraft], TitleDraft]


@dataclass(frozen=True, slots=True)
class Request:
    """Who acts on which title, when; `expected_version` None where the editor does not say what they have seen."""

    editor: Editor
    title_id: UUID
    now: datetime
    expected_version: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs between two versions, as text; None where the field is empty."""

    field: str
    before: str | None
    after: str | None


async def create(
    session: WriteSession, editor: Editor, draft: TitleDraft, *, now: datetime, idempotency_key: str | None
) -> EditorialTitle:
    """Make a title in state DRAFT. The same key, come again, returns the title that it made.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        DraftRefusedError: Something in it is wrong.
        IdempotencyKeyReusedError: The key made a title of somebody else.
    """
    editor.require("cms:create")
    key_hash = hashlib.sha256(f"{editor.user_id}:{idempotency_key}".encode()).hexdigest() if idempotency_key else None
    title = EditorialTitle(
        title_id=uuid4(),
        state=WorkflowState.DRAFT,
        version=1,
        live_version=None,
        created_by=editor.user_id,
        created_at=now,
        updated_at=now,
        submitted_at=None,
        approved_at=None,
        publish_at=None,
        first_published_at=None,
        draft={},
        creation_key_hash=key_hash,
    )
    await set_draft(session, title, draft)
    if not await editorial.insert_title(session, title):
        known = await editorial.title_by_creation_key(session, key_hash) if key_hash else None
        if known is None:
            raise IdempotencyKeyReusedError
        return known
    await editorial.insert_version(session, title)
    await _log(session, title, EditorialAction.CREATE, author=editor.user_id, now=now)
    return title


async def edit(session: WriteSession, request: Request, change: Change) -> EditorialTitle:
    """Store the changed draft as the next version; a published title stays live as it was.

    Raises:
        EditorialError, ForbiddenError: See `begin`; or the changed draft is wrong.
    """
    title, state = await begin(session, request, EditorialAction.EDIT)
    await set_draft(session, title, change(read_draft(title.draft)))
    return await add_version(session, title, request, EditorialAction.EDIT, state)


async def roll_back(session: WriteSession, request: Request, *, to_version: int) -> EditorialTitle:
    """Make an earlier version's document the newest version.

    Raises:
        VersionUnknownError: There is no such version.
        EditorialError, ForbiddenError: See `begin`.
    """
    title, state = await begin(session, request, EditorialAction.ROLLBACK)
    drafts = await editorial.version_drafts(session, title.title_id, [to_version])
    if to_version not in drafts:
        raise VersionUnknownError(to_version)
    await set_draft(session, title, read_draft(drafts[to_version]))
    return await add_version(session, title, request, EditorialAction.ROLLBACK, state)


async def submit(session: WriteSession, request: Request) -> EditorialTitle:
    """Hand the draft to the reviewers.

    Raises:
        DraftRefusedError: Something that viewers need is missing, field by field.
        EditorialError, ForbiddenError: See `begin`.
    """
    title, state = await begin(session, request, EditorialAction.SUBMIT)
    gaps = gaps_of(read_draft(title.draft))
    if gaps:
        raise DraftRefusedError(gaps)
    title.submitted_at, title.approved_at = request.now, None
    return await _finish(session, title, request, EditorialAction.SUBMIT, state)


async def approve(session: WriteSession, request: Request) -> EditorialTitle:
    """Let the title be published. Raises what `begin` raises."""
    title, state = await begin(session, request, EditorialAction.APPROVE)
    title.approved_at = request.now
    return await _finish(session, title, request, EditorialAction.APPROVE, state)


async def reject(session: WriteSession, request: Request) -> EditorialTitle:
    """Hand the title back to its editor, with a comment.

    Raises:
        CommentRequiredError: The comment is empty.
        EditorialError, ForbiddenError: See `begin`.
    """
    title, state = await begin(session, request, EditorialAction.REJECT)
    if not (request.comment or "").strip():
        raise CommentRequiredError
    title.approved_at = None
    return await _finish(session, title, request, EditorialAction.REJECT, state)


async def publish(session: WriteSession, request: Request, *, at: datetime | None) -> EditorialTitle:
    """Show the newest version to viewers: now, or when the moment `at` comes. Raises what `begin` raises."""
    title, state = await begin(session, request, EditorialAction.PUBLISH)
    if at is not None and at > request.now:
        title.publish_at = at
        return await _finish(session, title, request, EditorialAction.PUBLISH, WorkflowState.SCHEDULED)
    await _make_live(session, title, now=request.now)
    return await _finish(session, title, request, EditorialAction.PUBLISH, state)


async def publish_due(session: WriteSession, *, now: datetime) -> int:
    """Publish the scheduled titles whose moment has come, at most 50, and return how many."""
    due = await editorial.due_titles(session, now=now, limit=DUE_AT_ONCE)
    for title in due:
        await _make_live(session, title, now=now)
        title.state, title.updated_at = WorkflowState.PUBLISHED, now
        await editorial.save_title(session, title)
        await _log(session, title, EditorialAction.PUBLISH, author=None, now=now)
    return len(due)


async def unpublish(session: WriteSession, request: Request) -> EditorialTitle:
    """Take down what viewers see, or off the schedule; what was approved stays so. Raises what `begin` raises."""
    title, state = await begin(session, request, EditorialAction.UNPUBLISH)
    await _take_down(session, title, now=request.now)
    return await _finish(session, title, request, EditorialAction.UNPUBLISH, state)


async def archive(session: WriteSession, request: Request) -> EditorialTitle:
    """Put the title away: no viewer sees it, and nobody changes it. Raises what `begin` raises."""
    title, state = await begin(session, request, EditorialAction.ARCHIVE)
    await _take_down(session, title, now=request.now)
    return await _finish(session, title, request, EditorialAction.ARCHIVE, state)


async def unarchive(session: WriteSession, request: Request) -> EditorialTitle:
    """Take the title back into work, as a draft. Raises what `begin` raises."""
    title, state = await begin(session, request, EditorialAction.UNARCHIVE)
    return await _finish(session, title, request, EditorialAction.UNARCHIVE, state)


async def show_again(session: WriteSession, title: EditorialTitle, request: Request) -> None:
    """Note that viewers see the newest version, too; whoever calls writes it where they read."""
    mark_live(title, now=request.now)
    await _finish(session, title, request, EditorialAction.PUBLISH, WorkflowState.PUBLISHED)


def standing_of(title: EditorialTitle) -> Standing:
    """Return where the title stands in the workflow."""
    return Standing(title.state, title.live_version is not None, title.created_by)


async def read_titles(session: ReadSession, ids: Sequence[UUID]) -> dict[UUID, EditorialTitle]:
    """Return titles as their editors see them, by id; what nobody touched yet as it would be taken over."""
    found = await editorial.titles_by_id(session, ids)
    rest = [each for each in ids if each not in found]
    if rest:
        found |= {own: adopted(own, parts) for own, parts in (await editorial.stored_parts(session, rest)).items()}
    return found


async def diff(session: ReadSession, title_id: UUID, *, older: int, newer: int) -> list[FieldChange] | None:
    """Return the fields in which two versions differ, by name; None when one of them is not there."""
    drafts = await editorial.version_drafts(session, title_id, {older, newer})
    if older not in drafts or newer not in drafts:
        return None
    return changes_between(drafts[older], drafts[newer])


def changes_between(older: Mapping[str, Any], newer: Mapping[str, Any]) -> list[FieldChange]:
    """Return the fields in which two documents differ, by name."""
    before, after = _flat(older), _flat(newer)
    return [
        FieldChange(field, before.get(field), after.get(field))
        for field in sorted({*before, *after})
        if before.get(field) != after.get(field)
    ]


async def begin(
    session: WriteSession, request: Request, action: EditorialAction
) -> tuple[EditorialTitle, WorkflowState]:
    """Return the title, locked, and the state that the action leads to.

    Raises:
        TitleUnknownError: There is no such title.
        ForbiddenError, NotOwnerError, InvalidTransitionError: See `workflow.next_state`.
        VersionConflictError: The editor has seen another version.
        DraftRefusedError: The comment is too long, or no text.
    """
    title = await editorial.title_for_change(session, request.title_id)
    if title is None:
        title = await _adopt(session, request.title_id)
    state = next_state(action, standing_of(title), request.editor)
    if request.expected_version is not None and request.expected_version != title.version:
        raise VersionConflictError(expected=request.expected_version, newest=title.version)
    if request.comment is not None and (problem := comment_problem(request.comment)):
        raise DraftRefusedError([problem])
    return title, state


async def _adopt(session: WriteSession, title_id: UUID) -> EditorialTitle:
    """Take a title that the seed or an import stored into the editors' hands, as version 1."""
    parts = (await editorial.stored_parts(session, [title_id])).get(title_id)
    if parts is None:
        raise TitleUnknownError
    title = adopted(title_id, parts)
    if await editorial.insert_title(session, title):
        await editorial.insert_version(session, title)
    locked = await editorial.title_for_change(session, title_id)
    assert locked is not None  # inserted above, by us or by who came first
    return locked


def adopted(title_id: UUID, parts: editorial.StoredParts) -> EditorialTitle:
    """Return a stored title as it is in its editors' hands before any of them did something: version 1."""
    published_at: datetime | None = parts.title["published_at"]
    since = published_at or _LONG_AGO
    is_live = published_at is not None
    return EditorialTitle(
        title_id=title_id,
        state=WorkflowState.PUBLISHED if is_live else WorkflowState.APPROVED,
        version=1,
        live_version=1 if is_live else None,
        created_by=None,
        created_at=since,
        updated_at=since,
        submitted_at=None,
        approved_at=None,
        publish_at=None,
        first_published_at=published_at,
        draft=write_draft(draft_of(parts)),
    )


async def set_draft(session: WriteSession, title: EditorialTitle, draft: TitleDraft) -> None:
    """Give the title the draft, with a slug if it can have one.

    Raises:
        DraftRefusedError: Something in it is wrong.
    """
    checked_draft(title, draft, await facts_for(session, [(title, draft)]))


async def add_version(
    session: WriteSession,
    title: EditorialTitle,
    request: Request,
    action: EditorialAction,
    state: WorkflowState,
    *,
    keeps_review: bool = False,
) -> EditorialTitle:
    """Store the title's draft as its next version; what reviewers said of the last one counts only if it is kept."""
    title.version += 1
    if not keeps_review:
        title.submitted_at = title.approved_at = None
    await editorial.insert_version(session, title)
    return await _finish(session, title, request, action, state)


async def _finish(
    session: WriteSession, title: EditorialTitle, request: Request, action: EditorialAction, state: WorkflowState
) -> EditorialTitle:
    title.state, title.updated_at = state, request.now
    if state is not WorkflowState.SCHEDULED:
        title.publish_at = None
    await editorial.save_title(session, title)
    await _log(session, title, action, author=request.editor.user_id, now=request.now, comment=request.comment)
    return title


async def _log(
    session: WriteSession,
    title: EditorialTitle,
    action: EditorialAction,
    *,
    author: str | None,
    now: datetime,
    comment: str | None = None,
) -> None:
    entry = LogEntry(title.version, action, title.state, author, now, (comment or "").strip() or None)
    await editorial.log(session, title, entry)


def mark_live(title: EditorialTitle, *, now: datetime) -> None:
    """Note that viewers see the newest version."""
    title.first_published_at = title.first_published_at or now
    title.live_version, title.publish_at = title.version, None


async def _make_live(session: WriteSession, title: EditorialTitle, *, now: datetime) -> None:
    mark_live(title, now=now)
    await publish_titles(session, [await live_record(session, title, title.draft)], now=now)


async def _take_down(session: WriteSession, title: EditorialTitle, *, now: datetime) -> None:
    """Hide what viewers see of the title, if they see anything."""
    if title.live_version is None:
        return
    live = await editorial.version_drafts(session, title.title_id, [title.live_version])
    await withdraw_title(session, await live_record(session, title, live[title.live_version]), now=now)
    title.live_version = None


async def live_record(session: WriteSession, title: EditorialTitle, document: Mapping[str, Any]) -> TitleRecord:
    """Return a version of the title as viewers are to see it."""
    return (await live_records(session, [(title, document)]))[0]


async def live_records(
    session: WriteSession, versions: Sequence[tuple[EditorialTitle, Mapping[str, Any]]]
) -> list[TitleRecord]:
    """Return versions of titles as viewers are to see them, in as many statements for many as for one."""
    drafts = [read_draft(dict(document)) for _, document in versions]
    known = await genres.genres_by_id(session, {each for draft in drafts for each in draft.genre_ids})
    credited = await people_of(session, drafts)
    return [
        record_of(
            title.title_id,
            draft,
            genres=known,
            people=credited,
            published_at=title.first_published_at or title.updated_at,
        )
        for (title, _), draft in zip(versions, drafts, strict=True)
    ]


def _flat(value: Any, place: str = "") -> dict[str, str]:
    """Return every leaf of a document as text, by its place: `texts.en.name`; empty ones are left out."""
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = {str(index): part for index, part in enumerate(value)}.items()
    else:
        return {} if value is None else {place: str(value)}
    return {leaf: text for key, part in parts for leaf, text in _flat(part, f"{place}.{key}" if place else key).items()}
