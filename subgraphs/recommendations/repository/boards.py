"""The generic rows of a page, ranked in one statement.

Each tray definition gets its titles by a lateral query. There are three kinds of order and narrowing, each of which
an index serves, so that the cost depends on the number of rows and hardly on the size of the catalogue.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlmodel import col

from subgraphs.recommendations.models.rows import CollectionEntry, Row, RowEntry, Window
from subgraphs.recommendations.models.tables import Collection, Title, TrayDefinition, Trend
from subgraphs.recommendations.models.targeting import BUCKETS, EVERYBODY, Targeting
from subgraphs.recommendations.models.words import PageSlug, RowSource, TrendPeriod
from subgraphs.recommendations.repository.visibility import Audience, in_trend_order, visible_to
from subgraphs.shared.postgres import ReadSession


async def rows_of_page(session: ReadSession, page: PageSlug, *, audience: Audience) -> list[Row]:
    """Return the trays of a page in order with their ranked titles; personal ones without.

    Those that begin while the rows are in use are among them, those that are over are not.
    """
    definition = (
        sa.select(TrayDefinition.__table__)  # type: ignore[attr-defined]  # SQLModel adds it
        .where(
            col(TrayDefinition.page) == page,
            col(TrayDefinition.is_active).is_(True),
            sa.or_(col(TrayDefinition.ends_at).is_(None), col(TrayDefinition.ends_at) > audience.at),
            sa.or_(
                col(TrayDefinition.starts_at).is_(None),
                col(TrayDefinition.starts_at) <= (audience.opens_by or audience.at),
            ),
        )
        .cte("definition")
    )
    picks = sa.union_all(
        _picks(definition, (RowSource.TRENDING, RowSource.FREE_TO_WATCH), audience, _popular(definition)),
        _picks(definition, (RowSource.GENRE,), audience, _popular(definition, narrowed_by=Title.genres)),
        _picks(definition, (RowSource.LANGUAGE,), audience, _popular(definition, narrowed_by=Title.languages)),
        _picks(definition, (RowSource.NEW_RELEASES,), audience, _newest(definition, audience)),
        _picks(definition, (RowSource.COLLECTION,), audience, _collected(definition)),
        _collections(definition, audience),
    ).subquery()
    found = await session.execute(
        sa.select(definition, *[c for c in picks.c if c.name != "definition_id"])
        .join(picks, picks.c.definition_id == definition.c.id, isouter=True)
        .order_by(definition.c.pinned.desc(), definition.c.position, definition.c.id, picks.c.place)
    )
    rows: dict[Any, tuple[Any, list[RowEntry]]] = {}
    for line in found:
        _, entries = rows.setdefault(line.id, (line, []))
        if line.title_id is not None:
            entries.append(_entry(line))
    return [_row(line, entries) for line, entries in rows.values()]


def _picks(definition: Any, sources: Sequence[RowSource], audience: Audience, ranked: Any) -> Any:
    chosen = ranked.where(*visible_to(audience)).limit(definition.c.size).lateral()
    return (
        sa.select(definition.c.id.label("definition_id"), *chosen.c)
        .select_from(definition.join(chosen, sa.true()))
        .where(definition.c.source.in_(sources))
    )


def _collections(definition: Any, audience: Audience) -> Any:
    """Return the collections of trays in order, each with the windows of its titles: a line for each window. One
    without a title that the audience may see has none."""
    unnested = sa.func.unnest(definition.c.collection_ids)
    put_in = unnested.table_valued("collection_id", with_ordinality="place", name="put_in").render_derived()
    windows = (
        sa.select(col(Title.available_from), col(Title.available_until), col(Title.countries))
        .distinct()
        .where(col(Title.title_id) == sa.any_(col(Collection.title_ids)), *visible_to(audience))
        .correlate(Collection)
        .lateral("windows")
    )
    return (
        sa.select(
            definition.c.id.label("definition_id"),
            put_in.c.collection_id.label("title_id"),
            sa.cast(0.0, sa.Double).label("score"),
            *windows.c,
            put_in.c.place,
        )
        .select_from(definition.join(put_in, sa.true()))
        .join(Collection, col(Collection.collection_id) == put_in.c.collection_id)
        .join(windows, sa.true())
        .where(definition.c.source == RowSource.COLLECTIONS)
    )


def _facts() -> list[Any]:
    """Return what a board keeps of each title."""
    return [
        col(Title.title_id),
        sa.func.coalesce(col(Title.trend_score), 0.0).label("score"),
        col(Title.available_from),
        col(Title.available_until),
        col(Title.countries),
    ]


def _ranked(definition: Any, order: Sequence[Any]) -> Any:
    return (
        sa.select(
            *_facts(),
            sa.func.row_number().over(order_by=order).label("place"),
        )
        .where(sa.or_(definition.c.title_kinds.is_(None), col(Title.kind) == sa.any_(definition.c.title_kinds)))
        .order_by(*order)
        .correlate(definition)
    )


def _popular(definition: Any, *, narrowed_by: Any = None) -> Any:
    ranked = _ranked(definition, in_trend_order())
    if narrowed_by is not None:
        return ranked.where(col(narrowed_by).contains(sa.cast(array([definition.c.argument]), ARRAY(sa.Text))))
    is_free_row = definition.c.source == RowSource.FREE_TO_WATCH
    return ranked.where(sa.or_(sa.not_(is_free_row), col(Title.required_tier) == "FREE"))


def _newest(definition: Any, audience: Audience) -> Any:
    order = [col(Title.release_date).desc().nulls_last(), col(Title.title_id)]
    return _ranked(definition, order).where(col(Title.release_date) <= audience.at.date())


def _collected(definition: Any) -> Any:
    unnested = sa.func.unnest(col(Collection.title_ids))
    member = unnested.table_valued("title_id", with_ordinality="place", name="member").render_derived()
    return (
        sa.select(
            *_facts(),
            member.c.place,
        )
        .select_from(Collection)
        .join(member, sa.true())
        .join(Title, col(Title.title_id) == member.c.title_id)
        .where(
            col(Collection.collection_id) == definition.c.argument,
            sa.or_(definition.c.title_kinds.is_(None), col(Title.kind) == sa.any_(definition.c.title_kinds)),
        )
        .order_by(member.c.place)
        .correlate(definition)
    )


async def chart(session: ReadSession, period: TrendPeriod, *, audience: Audience, limit: int) -> list[RowEntry]:
    """Return the most watched titles of the period, the leader first."""
    found = await session.execute(
        sa.select(
            col(Title.title_id),
            col(Trend.score),
            col(Title.available_from),
            col(Title.available_until),
            col(Title.countries),
        )
        .join(Title, col(Title.title_id) == col(Trend.title_id))
        .where(col(Trend.period) == period, *visible_to(audience))
        .order_by(col(Trend.rank))
        .limit(limit)
    )
    return [_entry(line) for line in found]


def _entry(line: Any) -> RowEntry:
    return RowEntry(
        title_id=line.title_id,
        score=line.score,
        available_from=line.available_from.timestamp() if line.available_from else None,
        available_until=line.available_until.timestamp() if line.available_until else None,
        countries=line.countries,
    )


def _collection_entries(entries: list[RowEntry]) -> list[CollectionEntry]:
    """Return the collections in order, each with the windows that its lines have."""
    windows: dict[str, list[Window]] = {}
    for entry in entries:
        window = Window(entry.available_from, entry.available_until, entry.countries)
        windows.setdefault(entry.title_id, []).append(window)
    return [CollectionEntry(collection_id, some) for collection_id, some in windows.items()]


def _row(line: Any, entries: list[RowEntry]) -> Row:
    has_collections = line.source is RowSource.COLLECTIONS
    targeting = Targeting(
        starts_at=line.starts_at.timestamp() if line.starts_at else None,
        ends_at=line.ends_at.timestamp() if line.ends_at else None,
        countries=line.in_countries,
        tiers=line.tiers,
        devices=line.devices,
        languages=line.languages,
        age_limits=line.age_limits,
        kids=line.kids,
        segments=line.segments,
        experiment=line.experiment,
        bucket_from=line.bucket_from or 0,
        bucket_until=line.bucket_until or BUCKETS,
    )
    return Row(
        definition_id=UUID(int=line.id.int),  # asyncpg's own subclass has no JSON form
        kind=line.kind,
        layout=line.layout,
        headings=line.headings,
        source=line.source,
        size=line.size,
        min_items=line.min_items,
        ad_after=line.ad_after,
        entries=[] if has_collections else entries,
        targeting=None if targeting == EVERYBODY else targeting,
        collections=_collection_entries(entries) if has_collections else [],
    )
