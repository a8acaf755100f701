"""Statements on what people chose, and those that read or delete everything of a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from subgraphs.recommendations.models.facts import Choice
from subgraphs.recommendations.models.tables import (
    AccountTier,
    ClearedHistory,
    PersonalizationChoice,
    PlayDay,
    TitleEngagement,
)
from subgraphs.shared.postgres import ReadSession, WriteSession

_BY_PROFILE: dict[str, type[Any]] = {
    "plays": PlayDay,
    "engagement": TitleEngagement,
    "cleared_histories": ClearedHistory,
    "personalization_choices": PersonalizationChoice,
}


async def upsert_choices(session: WriteSession, choices: Sequence[Choice]) -> None:
    """Keep the newest choice of each profile."""
    newest: dict[str, Choice] = {}
    for choice in sorted(choices, key=lambda each: each.at):
        newest[choice.profile_id] = choice
    statement = insert(PersonalizationChoice).values(
        [
            {"profile_id": each.profile_id, "is_opted_out": each.is_opted_out, "chosen_at": each.at}
            for each in newest.values()
        ]
    )
    fresh = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["profile_id"],
            set_={"is_opted_out": fresh.is_opted_out, "chosen_at": fresh.chosen_at},
            where=col(PersonalizationChoice.chosen_at) < fresh.chosen_at,
        )
    )


async def everything_of(session: ReadSession, profile_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return the profiles' rows by table."""
    return {
        name: list((await session.execute(sa.select(table).where(col(table.profile_id).in_(profile_ids)))).scalars())
        for name, table in _BY_PROFILE.items()
    }


async def delete_everything_of(session: WriteSession, *, user_ids: Sequence[str], profile_ids: Sequence[str]) -> None:
    """Delete the rows of the accounts and profiles from every table."""
    for table in _BY_PROFILE.values():
        await session.execute(sa.delete(table).where(col(table.profile_id).in_(profile_ids)))
    await session.execute(sa.delete(AccountTier).where(col(AccountTier.user_id).in_(user_ids)))


async def delete_plays_before(session: WriteSession, moment: datetime) -> int:
    """Delete what was watched before the moment and return how many rows."""
    deleted = await session.execute(
        sa.delete(PlayDay).where(col(PlayDay.last_at) < moment).returning(col(PlayDay.title_id))
    )
    return len(deleted.scalars().all())
