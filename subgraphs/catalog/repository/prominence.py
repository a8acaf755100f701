"""Which search documents are prominent, so that searches look through them first: titles that are watched most or are
the newest, who is named first in them, and collections. Nothing but the order of looking depends on it."""

import sqlalchemy as sa

from subgraphs.catalog.models import Collection, Credit, SearchDocument, Title, table
from subgraphs.shared.postgres import WriteSession

PROMINENT_TITLES = 75_000
SMALL_CATALOGUE = 100_000
"""With so many documents or fewer all are prominent: what is looked through twice would cost more than it saves."""

_MOST_CHANGES = 50_000
"""At once; what was imported by the million is through after some rounds."""

_documents, _titles, _credits = (table(model).c for model in (SearchDocument, Title, Credit))


async def choose_prominent(
    session: WriteSession,
    *,
    titles: int = PROMINENT_TITLES,
    small: int = SMALL_CATALOGUE,
    most_changes: int = _MOST_CHANGES,
) -> int:
    """Mark prominent documents, and no others; return how many marks changed, at most `most_changes` each way.

    What somebody else writes at the moment keeps its mark until the next time.
    """
    documents = table(SearchDocument)
    known = sa.select(_documents.owner_id).limit(small + 1).subquery()
    is_small = (await session.execute(sa.select(sa.func.count() <= small).select_from(known))).scalar_one()
    chosen = sa.select(_documents.owner_id.label("id")).cte("chosen") if is_small else _chosen(titles)
    marked = sa.select(_documents.owner_id.label("id")).where(_documents.is_prominent).cte("marked")
    changes = sa.union_all(
        *(
            sa.select(those.c.id, sa.literal(mark, sa.Boolean).label("mark"))
            .where(~sa.exists().where(others.c.id == those.c.id))
            .limit(most_changes)
            .subquery()
            .select()
            for those, others, mark in ((chosen, marked, True), (marked, chosen, False))
        )
    ).cte("changes")
    locked = (
        sa.select(_documents.owner_id, changes.c.mark)
        .join(changes, changes.c.id == _documents.owner_id)
        .with_for_update(of=documents, skip_locked=True)
        .cte("locked")
    )
    change = sa.update(documents).where(_documents.owner_id == locked.c.owner_id).values(is_prominent=locked.c.mark)
    return len((await session.execute(change.returning(_documents.owner_id))).all())


def _chosen(titles: int) -> sa.CTE:
    """Return the ids of so many titles, of who is named first in them, and of all collections."""
    order = (_titles.trending_boost.desc(), _titles.published_at.desc(), _titles.id.desc())
    newest = sa.select(_titles.id).where(_titles.published_at.is_not(None)).order_by(*order).limit(titles).cte("newest")
    people = sa.select(_credits.person_id).where(_credits.title_id == newest.c.id, _credits.position == 0)
    collections = sa.select(table(Collection).c.id).where(table(Collection).c.is_published)
    return sa.union(sa.select(newest.c.id), people, collections).cte("chosen")
