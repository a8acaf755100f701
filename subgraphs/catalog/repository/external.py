"""Catalogues of others: who reads one next, what was read, what is found in it, and which titles of ours it has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, insert

from subgraphs.catalog.models import ExternalCatalogue, ExternalSource, ExternalTitle, Title, table
from subgraphs.catalog.repository.cards import any_of, read_rating
from subgraphs.catalog.repository.visibility import Audience, reachable
from subgraphs.catalog.repository.writing import insert_rows
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.shared.values import MaturityRating, Money

_catalogues = table(ExternalCatalogue)
_external = table(ExternalTitle)
_titles = table(Title)

_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class ExternalCard:
    """A title of somebody else's catalogue, as a list shows it."""

    id: UUID
    source: ExternalSource
    source_name: str
    name: str
    language: str | None
    cost: Money | None
    deep_link: str | None
    maturity_rating: MaturityRating | None
    fetched_at: datetime
    has_external_ids: bool


async def enrol(session: WriteSession, names: Collection[str], *, now: datetime) -> None:
    """Let there be these catalogues and no others; a new one is due at once, and others' titles go with them."""
    await session.execute(sa.delete(_catalogues).where(~_is_one_of(_catalogues.c.name, names)))
    if names:
        rows = [{"name": name, "due_at": now} for name in names]
        await session.execute(insert(_catalogues).on_conflict_do_nothing(), rows)


async def claim(session: WriteSession, names: Collection[str], *, now: datetime, until: datetime) -> str | None:
    """Return which of the catalogues is due longest and let nobody else have it until then; None when none is due."""
    due = (
        sa.select(_catalogues.c.name)
        .where(_catalogues.c.due_at <= now, _is_one_of(_catalogues.c.name, names))
        .order_by(_catalogues.c.due_at, _catalogues.c.name)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = sa.update(_catalogues).where(_catalogues.c.name == due).values(due_at=until)
    name: str | None = (await session.execute(claimed.returning(_catalogues.c.name))).scalar_one_or_none()
    return name


async def lock_if_newest(session: WriteSession, name: str, *, fetched_at: datetime) -> bool:
    """Return whether nothing newer was stored of the catalogue, and lock it so that this stays so."""
    statement = sa.select(_catalogues.c.refreshed_at).where(_catalogues.c.name == name).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    return row is not None and (row.refreshed_at is None or row.refreshed_at < fetched_at)


async def store(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the titles, or give them their new values."""
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        await insert_rows(session, ExternalTitle, rows[begin : begin + _ROWS_AT_ONCE], replace=True)


async def forget_older(session: WriteSession, name: str, *, than: datetime, keep: Collection[str]) -> int:
    """Delete the catalogue's titles that were read before, but for those with these keys, and return how many."""
    deletion = sa.delete(_external).where(
        _external.c.catalogue == name, _external.c.fetched_at < than, ~_is_one_of(_external.c.key, keep)
    )
    return len((await session.execute(deletion.returning(_external.c.id))).all())


async def note_success(
    session: WriteSession, name: str, *, refreshed_at: datetime, due_at: datetime, failure: str | None
) -> None:
    """Note that the catalogue was stored, what was wrong with some of its rows, and when it is due again."""
    values = {"refreshed_at": refreshed_at, "due_at": due_at, "failure": failure}
    await session.execute(sa.update(_catalogues).where(_catalogues.c.name == name).values(values))


async def note_failure(session: WriteSession, name: str, failure: str, *, tried_at: datetime, due_at: datetime) -> None:
    """Note why the catalogue could not be had, and when it is due again, unless somebody had it meanwhile."""
    is_newest = sa.func.coalesce(_catalogues.c.refreshed_at < tried_at, sa.true())
    statement = sa.update(_catalogues).where(_catalogues.c.name == name, is_newest)
    await session.execute(statement.values(failure=failure, due_at=due_at))


async def titles(
    session: ReadSession,
    *,
    source: ExternalSource | None,
    words: Sequence[str],
    language: str | None,
    audience: Audience,
    limit: int,
) -> list[ExternalCard]:
    """Return at most `limit` titles by name that have all words, the last of which may go on.

    A language stands for its regional forms, too. What nobody rated is for who has no age limit.
    """
    conditions = [_external.c.age_floor <= audience.age_limit]
    if source is not None:
        conditions.append(_external.c.source == source.value)
    if words:
        # They hold letters, digits and marks only, so quoting is safe.
        query = " & ".join(f"'{word}'" for word in words) + ":*"
        conditions.append(_external.c.words.bool_op("@@")(sa.cast(query, TSQUERY)))
    if language is not None:
        # The index has the names of each language in order, its regional forms among them.
        conditions.append(sa.func.split_part(_external.c.language, "-", 1) == language.split("-", 1)[0])
        conditions.append(
            sa.or_(_external.c.language == language, _external.c.language.startswith(f"{language}-", autoescape=True))
        )
    statement = sa.select(_external).where(*conditions).order_by(_external.c.sort_name, _external.c.id).limit(limit)
    return [_card(row) for row in await session.execute(statement)]


async def matches(session: ReadSession, ids: Collection[UUID], *, audience: Audience) -> dict[UUID, UUID]:
    """Return the title of ours that has an external id of each, as far as the viewer may see one; of several the one
    that was published first."""
    statement = (
        sa.select(_external.c.id, _titles.c.id)
        .join_from(
            _external,
            _titles,
            sa.and_(
                _titles.c.external_ids.bool_op("&&")(_external.c.external_ids),
                # As the index says it.
                _titles.c.external_ids != sa.text("'{}'"),
            ),
        )
        .where(_external.c.id == any_of(ids), reachable(audience))
        .order_by(_external.c.id, _titles.c.published_at, _titles.c.id)
    )
    found: dict[UUID, UUID] = {}
    for external_id, own_id in await session.execute(statement):
        found.setdefault(external_id, own_id)
    return found


def _is_one_of(column: sa.ColumnElement[str], texts: Collection[str]) -> sa.ColumnElement[bool]:
    return column == sa.any_(sa.literal(list(texts), sa.ARRAY(sa.Text)))


def _card(row: Any) -> ExternalCard:
    return ExternalCard(
        id=row.id,
        source=ExternalSource(row.source),
        source_name=row.source_name,
        name=row.name,
        language=row.language,
        cost=None if row.cost_minor is None else Money(row.cost_minor, row.currency),
        deep_link=row.deep_link,
        maturity_rating=read_rating(row.maturity_rating),
        fetched_at=row.fetched_at,
        has_external_ids=bool(row.external_ids),
    )
