"""Descriptions with marks, of titles and episodes: no card holds them, as few ask. Callers know who may see what."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Translation, table
from subgraphs.catalog.repository.cards import any_of
from subgraphs.shared.postgres import ReadSession

_texts = table(Translation).c


async def formatted_by_owner(session: ReadSession, owners: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Return the descriptions that have marks, as cleaned HTML by owner and locale; owners without any are left out."""
    statement = sa.select(_texts.owner_id, _texts.locale, _texts.formatted).where(
        _texts.owner_id == any_of(owners), _texts.formatted.is_not(None)
    )
    found: dict[UUID, dict[str, str]] = {}
    for owner, locale, formatted in await session.execute(statement):
        found.setdefault(owner, {})[locale] = formatted
    return found
