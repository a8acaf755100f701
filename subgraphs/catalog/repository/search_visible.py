"""Which documents of search are of titles, people and collections that a viewer may see."""

from collections.abc import Collection as SizedIterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Collection, Credit, SearchDocument, Title, table
from subgraphs.catalog.repository.cards import any_of
from subgraphs.catalog.repository.criteria import VIEWER, Shape, TitleCriteria, conditions
from subgraphs.catalog.repository.tags import asked, title_by
from subgraphs.catalog.repository.visibility import Audience, listed
from subgraphs.shared.postgres import ReadSession

_documents, _titles, _credits, _collections = (table(model).c for model in (SearchDocument, Title, Credit, Collection))


async def visible_of(
    session: ReadSession, owners: SizedIterable[UUID], criteria: TitleCriteria, *, audience: Audience
) -> dict[UUID, bool]:
    """Return those of the owners that the audience may see and that meet the criteria, and whether each is a person."""
    wanted = asked(criteria, audience)
    statement = visible(wanted.shape, table(SearchDocument), _documents.owner_id, _documents.is_person)
    rows = await session.execute(statement.where(_documents.owner_id == any_of(owners)), wanted.values)
    return {row.owner_id: row.is_person for row in rows}


async def titles_beginning(
    session: ReadSession, prefix: str, criteria: TitleCriteria, *, audience: Audience, limit: int
) -> list[UUID]:
    """Return at most `limit` listed titles whose A to Z name begins so, by name: without the index of documents."""
    wanted = asked(criteria, audience)
    statement = (
        sa.select(_titles.id)
        .where(
            _titles.sort_name >= prefix,
            _titles.sort_name.startswith(prefix, autoescape=True),
            listed(audience),
            *conditions(wanted.shape),
        )
        .order_by(_titles.sort_name, _titles.id)
        .limit(limit)
    )
    return [row.id for row in await session.execute(statement, wanted.values)]


def visible(shape: Shape, documents: sa.FromClause, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return the select of columns of those documents (columns `owner_id` and `is_person`) that may be seen: titles,
    who is named in one of them, and published collections that have one of them. Titles alone where they are narrowed.
    """
    title = title_by(documents.c.owner_id)
    if not shape.is_empty:
        return visible_titles(shape, documents, title, *columns)
    credited, picked = table(Title).alias("credited"), table(Title).alias("picked")
    # A scalar sub-select with LIMIT is asked per person found; EXISTS would be hashed over all credits first.
    is_seen = (
        sa.select(sa.true())
        .select_from(table(Credit))
        .join(credited, credited.c.id == _credits.title_id)
        .where(_credits.person_id == documents.c.owner_id, listed(VIEWER, credited))
        .limit(1)
        .correlate(documents)
        .scalar_subquery()
    )
    is_shown = (
        sa.select(sa.true())
        .select_from(table(Collection))
        .join(picked, picked.c.id == sa.any_(_collections.title_ids))
        .where(_collections.id == documents.c.owner_id, _collections.is_published, listed(VIEWER, picked))
        .limit(1)
        .correlate(documents)
        .scalar_subquery()
    )
    is_listed = sa.and_(title.c.id.is_not(None), listed(VIEWER, title))
    is_of_no_title = sa.and_(title.c.id.is_(None), sa.not_(documents.c.is_person))
    return (
        sa.select(*columns)
        .select_from(documents.join(title, sa.true(), isouter=True))
        .where(
            sa.or_(
                is_listed,
                sa.and_(documents.c.is_person, is_seen.is_(True)),
                sa.and_(is_of_no_title, is_shown.is_(True)),
            )
        )
    )


def visible_titles(
    shape: Shape, documents: sa.FromClause, title: sa.FromClause, *columns: sa.ColumnElement[Any]
) -> sa.Select[Any]:
    """Return the select of columns of those documents, and of `title` (`title_by` their owner), whose titles may be
    seen and meet the criteria."""
    return (
        sa.select(*columns)
        .select_from(documents.join(title, sa.true()))
        .where(listed(VIEWER, title), *conditions(shape, titles=title))
    )
