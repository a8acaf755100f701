"""Taking a batch of a file's rows into the catalogue, and saying what that changes, title by title.

Each row is taken whole or not at all, and one that is refused keeps no other. A title that editors took over is left
as they made it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.repository import editorial, external_ids, genres, people, writing
from subgraphs.catalog.service.columns import WithVideoFile
from subgraphs.catalog.service.drafts import TitleDraft, read_draft, write_draft
from subgraphs.catalog.service.external_ids import TAKEN, taken_by_others
from subgraphs.catalog.service.import_files import Amendment, Row
from subgraphs.catalog.service.importing import BadRow, RowError
from subgraphs.catalog.service.publishing import draft_of, record_of
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.videos import VIDEO_UNKNOWN, find_videos
from subgraphs.catalog.service.writing import publish_titles, store_titles
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import ReadSession, WriteSession

_FoundRow = TitleRecord | Amendment | BadRow
_LONGEST_SHOWN = 500
_NOT_COMPARED = frozenset({"id", "kind", "slug", "published_at", "images", "texts", "genres", "credits"})


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field of a title before and after, as text; `None` where it was, or is, empty."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class TitleDifference:
    """What a row changes of a title: by global id; no fields for a new one."""

    title_id: str
    name: str
    is_new: bool
    fields: tuple[FieldDifference, ...] = ()


@dataclass(slots=True)
class Taken:
    """What became of rows. `kept` are those whose titles editors took over."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    bad: list[BadRow] = field(default_factory=list)
    differences: list[TitleDifference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StoredForm:
    """A stored title as a draft and as a record."""

    draft: TitleDraft
    record: TitleRecord


async def take_rows(session: WriteSession, rows: Sequence[Row], *, now: datetime, dry_run: bool = False) -> Taken:
    """Take the rows and return what that changed; a dry run changes nothing, and returns what would be changed.

    The number of statements does not depend on the number of rows.
    """
    rows = await _with_videos(session, rows)
    taken = Taken(bad=[row for row in rows if isinstance(row, BadRow)])
    records = [row for row in rows if isinstance(row, TitleRecord)]
    amendments = [row for row in rows if not isinstance(row, TitleRecord | BadRow)]
    if records:
        await _take_records(session, records, taken, now=now, dry_run=dry_run)
    if amendments:
        await _take_amendments(session, amendments, taken, now=now, dry_run=dry_run)
    return taken


async def compare_rows(session: WriteSession, rows: Sequence[Row]) -> list[tuple[UUID, str, str | None]]:
    """Return for each row that says something its title, the digest of what it says, and that of what is stored; None
    where nothing is."""
    rows = await _with_videos(session, rows)
    records = [row for row in rows if isinstance(row, TitleRecord)]
    known = {each.id: each.digest for each in await writing.known_titles(session, [each.id for each in records], ())}
    found: list[tuple[UUID, str, str | None]] = [(each.id, each.digest, known.get(each.id)) for each in records]
    amendments = [row for row in rows if not isinstance(row, TitleRecord | BadRow)]
    stored = await stored_forms(session, [each.id for each in amendments]) if amendments else {}
    for each in amendments:
        form = stored.get(each.id)
        try:
            wanted = each.applied_to(form.record if form else None)
        except RowError:
            continue
        found.append((each.id, wanted.digest, form.record.digest if form else None))
    return found


async def _with_videos(session: WriteSession, rows: Sequence[Row]) -> list[_FoundRow]:
    """Return the rows with the films that they name; bad ones in place of those whose film nobody sent."""
    names = {row.video_file for row in rows if isinstance(row, WithVideoFile)}
    found = await find_videos(session, names) if names else {}
    message = "`video_file` is the name of no film that was uploaded whole."
    known: list[_FoundRow] = []
    for row in rows:
        if not isinstance(row, WithVideoFile):
            known.append(row)
        elif row.video_file in found:
            known.append(row.with_video(found[row.video_file]))
        else:
            known.append(BadRow(row.line, message, VIDEO_UNKNOWN, row.key))
    return known


async def stored_forms(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, StoredForm]:
    """Return the titles that viewers' tables have, whole, in a fixed number of statements; others are left out."""
    drafts = {
        # The driver's own kind of uuid cannot be written as JSON, which digests are made of.
        UUID(int=own.int): (read_draft(write_draft(draft_of(parts))), parts)
        for own, parts in (await editorial.stored_parts(session, ids)).items()
    }
    cards = await genres.genres_by_id(session, {each for draft, _ in drafts.values() for each in draft.genre_ids})
    known = await people.people_by_id(
        session, {each.person_id for draft, _ in drafts.values() for each in draft.credits if each.person_id}
    )
    return {
        own: StoredForm(
            draft, record_of(own, draft, genres=cards, people=known, published_at=parts.title["published_at"])
        )
        for own, (draft, parts) in drafts.items()
    }


async def _take_records(
    session: WriteSession, records: Sequence[TitleRecord], taken: Taken, *, now: datetime, dry_run: bool
) -> None:
    edited = await _edited(session, [record.id for record in records])
    free = [record for record in records if record.id not in edited]
    stored_now = await writing.known_titles(session, [each.id for each in free], [each.slug for each in free])
    known = {each.id: each.digest for each in stored_now}
    new = [record for record in free if record.id not in known]
    changed = [record for record in free if record.id in known and known[record.id] != record.digest]
    stored = await stored_forms(session, [record.id for record in changed]) if changed else {}
    taken.inserted += len(new)
    taken.updated += len(changed)
    taken.kept += len(records) - len(free)
    taken.unchanged += len(free) - len(new) - len(changed)
    taken.differences += [_difference(record, None) for record in new]
    taken.differences += [_difference(record, stored[record.id].record) for record in changed]
    if not dry_run:
        # In the order of the file: of two that want one slug the first gets it.
        wanted = {record.id for record in (*new, *changed)}
        await store_titles(session, [each for each in free if each.id in wanted], now=now, known=stored_now)


async def _take_amendments(
    session: WriteSession, amendments: Sequence[Amendment], taken: Taken, *, now: datetime, dry_run: bool
) -> None:
    ids = [each.id for each in amendments]
    edited = await _edited(session, ids)
    stored = await stored_forms(session, ids)
    taken.kept += sum(own in edited for own in ids)
    applied = _applied([each for each in amendments if each.id not in edited], stored, taken)
    new_ids = {ref for _, after, before in applied for ref in _new_external_ids(after, before)}
    holders = await external_ids.holders(session, new_ids)
    changed: list[TitleRecord] = []
    for amendment, after, before in applied:
        if after == before:
            taken.unchanged += 1
            continue
        if of_others := taken_by_others(_new_external_ids(after, before), holders, own=after.id):
            reason = f"Another title has `{of_others[0]}`."
            taken.bad.append(BadRow(amendment.line, reason, TAKEN, amendment.key))
            continue
        _hand_over(holders, after, before)
        changed.append(after)
        taken.inserted += before is None
        taken.updated += before is not None
        taken.differences.append(_difference(after, before))
    if not dry_run:
        await publish_titles(session, changed, now=now)


_Applied = tuple[Amendment, TitleRecord, TitleRecord | None]


def _applied(amendments: Sequence[Amendment], stored: Mapping[UUID, StoredForm], taken: Taken) -> list[_Applied]:
    """Return each with the title as it is to be and as it is; those that cannot be applied are noted as bad."""
    found: list[_Applied] = []
    for amendment in amendments:
        form = stored.get(amendment.id)
        before = form.record if form else None
        try:
            found.append((amendment, amendment.applied_to(before), before))
        except RowError as error:
            taken.bad.append(BadRow(amendment.line, str(error), error.code, amendment.key))
    return found


def _new_external_ids(after: TitleRecord, before: TitleRecord | None) -> set[str]:
    return set(after.external_ids) - set(before.external_ids if before else ())


def _hand_over(holders: dict[str, set[UUID]], after: TitleRecord, before: TitleRecord | None) -> None:
    """Note what the title has now, so that a later row may have what it gave up, and none what it got."""
    for reference, owners in holders.items():
        if reference in after.external_ids:
            owners.add(after.id)
        elif before is not None and reference in before.external_ids:
            owners.discard(after.id)


async def _edited(session: WriteSession, ids: Collection[UUID]) -> set[UUID]:
    """Return the titles that editors made or took over, drafts that were never published among them: no viewer may see
    one by way of a file that knows its id."""
    return await editorial.touched_titles(session, ids)


def _difference(after: TitleRecord, before: TitleRecord | None) -> TitleDifference:
    text = after.texts.get("en")
    return TitleDifference(
        title_id=encode_id(TYPE_NAMES[after.kind], after.id),
        name=text.name if text else after.original_name,
        is_new=before is None,
        fields=() if before is None else tuple(_field_differences(before, after)),
    )


def _field_differences(before: TitleRecord, after: TitleRecord) -> list[FieldDifference]:
    old, new = _comparable(before), _comparable(after)
    return [
        FieldDifference(name, _shown(old.get(name)), _shown(new.get(name)))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _comparable(record: TitleRecord) -> dict[str, Any]:
    """Return what a title says, by field; what follows from elsewhere, such as ids of people, is left out."""
    facts = {each.name: getattr(record, each.name) for each in fields(record) if each.name not in _NOT_COMPARED}
    for locale, text in record.texts.items():
        facts |= {f"name.{locale}": text.name, f"description.{locale}": text.description}
    facts["genres"] = [genre.slug for genre in record.genres]
    facts["credits"] = [
        f"{each.role.value}: {each.name}" + (f" as {each.character}" if each.character else "")
        for each in record.credits
    ]
    return facts


def _shown(value: Any) -> str | None:
    if value is None or value in ("", [], ()):
        return None
    text = value if isinstance(value, str) else orjson.dumps(value).decode().strip('"')
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
