"""One edit of many titles in one transaction, in a number of statements that does not depend on how many there are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.catalog.errors import EditorialError, TitleUnknownError
from subgraphs.catalog.models import EditorialAction, WorkflowState
from subgraphs.catalog.repository import editorial
from subgraphs.catalog.repository.editorial import EditorialTitle, LogEntry
from subgraphs.catalog.service.draft_facts import checked_draft, facts_for
from subgraphs.catalog.service.drafts import TitleDraft, read_draft
from subgraphs.catalog.service.editing import Change, adopted, mark_live, standing_of
from subgraphs.catalog.service.workflow import Editor, next_state
from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.postgres import WriteSession

Refusal = EditorialError | ForbiddenError


@dataclass(frozen=True, slots=True)
class Edited:
    """Why titles were not edited, by id; and of the others those that are live with the change at once."""

    refused: Mapping[UUID, Refusal]
    shown: Mapping[UUID, EditorialTitle]


async def edit_all(
    session: WriteSession, editor: Editor, ids: Collection[UUID], change: Change, *, now: datetime
) -> Edited:
    """Make of each title what `editing.edit` makes of one. Titles that were live as they stood are noted as live again;
    whoever calls writes them where viewers read.
    """
    titles = await take_up(session, ids)
    refused: dict[UUID, Refusal] = {own: TitleUnknownError() for own in ids if own not in titles}
    drafts: list[tuple[EditorialTitle, TitleDraft, WorkflowState]] = []
    for own, title in titles.items():
        try:
            state = next_state(EditorialAction.EDIT, standing_of(title), editor)
            drafts.append((title, change(read_draft(title.draft)), state))
        except (EditorialError, ForbiddenError) as error:
            refused[own] = error
    facts = await facts_for(session, [(title, draft) for title, draft, _ in drafts])
    edited: list[EditorialTitle] = []
    shown: dict[UUID, EditorialTitle] = {}
    entries: list[tuple[UUID, LogEntry]] = []
    for title, draft, state in drafts:
        try:
            checked_draft(title, draft, facts)
        except EditorialError as error:
            refused[title.title_id] = error
            continue
        was_live = title.state is WorkflowState.PUBLISHED and title.live_version == title.version
        edited.append(title)
        title.version += 1
        title.submitted_at = title.approved_at = title.publish_at = None
        title.state, title.updated_at = state, now
        entries.append(_entry(title, EditorialAction.EDIT, editor))
        if was_live:
            mark_live(title, now=now)
            title.state = WorkflowState.PUBLISHED
            entries.append(_entry(title, EditorialAction.PUBLISH, editor))
            shown[title.title_id] = title
    await editorial.save_titles(session, edited)
    await editorial.insert_versions(session, edited)
    await editorial.log_all(session, entries)
    return Edited(refused, shown)


async def take_up(session: WriteSession, ids: Collection[UUID]) -> dict[UUID, EditorialTitle]:
    """Return the titles, locked until the transaction ends; what no editor touched yet is taken over, and what is no
    title left out."""
    titles = await editorial.titles_for_change(session, ids)
    rest = [own for own in ids if own not in titles]
    if rest:
        stored = await editorial.stored_parts(session, rest)
        await editorial.insert_titles(session, [adopted(own, stored[own]) for own in rest if own in stored])
        titles |= await editorial.titles_for_change(session, rest)
    return titles


def _entry(title: EditorialTitle, action: EditorialAction, editor: Editor) -> tuple[UUID, LogEntry]:
    entry = LogEntry(title.version, action, title.state, editor.user_id, title.updated_at, None)
    return title.title_id, entry
