"""Tray definitions as curators keep them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from subgraphs.recommendations.models.tables import Collection, TrayDefinition
from subgraphs.recommendations.models.words import PageSlug
from subgraphs.shared.postgres import ReadSession, WriteSession


async def definitions_of_page(session: ReadSession | WriteSession, page: PageSlug) -> list[TrayDefinition]:
    """Return the page's definitions in the order of the page, those not in use too."""
    statement = (
        sa.select(TrayDefinition)
        .where(col(TrayDefinition.page) == page)
        .order_by(col(TrayDefinition.pinned).desc(), col(TrayDefinition.position), col(TrayDefinition.id))
    )
    return list((await session.execute(statement)).scalars())


async def locked_definition(session: WriteSession, own: UUID) -> TrayDefinition | None:
    """Return the definition, kept from changing until the transaction ends; None when there is none."""
    statement = sa.select(TrayDefinition).where(col(TrayDefinition.id) == own).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def collections_with_titles(session: WriteSession, ids: Sequence[str]) -> set[str]:
    """Return those of the global ids that are of published collections with titles."""
    statement = sa.select(col(Collection.collection_id)).where(
        col(Collection.collection_id).in_(ids), sa.func.cardinality(col(Collection.title_ids)) > 0
    )
    return set((await session.execute(statement)).scalars())


async def remove_collections(session: WriteSession, ids: Sequence[str]) -> None:
    """Take the collections out of all trays in which they stand; no statement for none."""
    if not ids:
        return
    standing = sa.func.unnest(col(TrayDefinition.collection_ids))
    each = standing.table_valued("own", with_ordinality="place", name="each").render_derived()
    left = sa.select(each.c.own).where(each.c.own.not_in(ids)).order_by(each.c.place).correlate(TrayDefinition)
    await session.execute(
        sa.update(TrayDefinition)
        .where(col(TrayDefinition.collection_ids).op("&&")(sa.cast(list(ids), ARRAY(sa.Text))))
        .values(collection_ids=sa.func.array(left.scalar_subquery()), version=col(TrayDefinition.version) + 1)
        .execution_options(synchronize_session=False)
    )


async def lock_page(session: WriteSession, page: PageSlug) -> None:
    """Wait until nobody else adds, orders or removes trays of the page, and keep others waiting."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"trays:{page.value}"))))


async def add(session: WriteSession, definition: TrayDefinition) -> None:
    """Insert the definition."""
    session.add(definition)
    await session.flush()


async def flush(session: WriteSession) -> None:
    """Write what was changed of definitions that the session gave out."""
    await session.flush()


async def delete(session: WriteSession, ids: Sequence[UUID]) -> None:
    """Delete the definitions."""
    await session.execute(sa.delete(TrayDefinition).where(col(TrayDefinition.id).in_(ids)))
