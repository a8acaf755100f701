"""Statements on playback sessions. Whose session it is stands in every statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.playback.models.contents import unpack_contents
from subgraphs.playback.models.rows import ChosenTracks, Playing
from subgraphs.playback.models.tables import PlaybackSession, TrackChoice
from subgraphs.playback.repository.rights import (
    LICENCE_COLUMNS,
    assets_table,
    join_licence,
    make_licence,
    rights_table,
)
from subgraphs.shared.postgres import WriteSession

_sessions = PlaybackSession.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables

_choices = TrackChoice.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables

_PLAYING_COLUMNS = (
    *LICENCE_COLUMNS,
    assets_table.c.contents,
    _choices.c.chosen_at,
    _choices.c.audio,
    _choices.c.subtitle,
)


def _own(profile_id: str | None) -> Any:
    return _sessions.c.profile_id.is_(None) if profile_id is None else _sessions.c.profile_id == profile_id


async def insert_or_find(session: WriteSession, new: PlaybackSession) -> PlaybackSession:
    """Store the session and return it; with an idempotency key that the profile used before, return the first one."""
    insertion = insert(_sessions).values(**new.model_dump())
    kept = insertion.on_conflict_do_update(
        index_elements=[_sessions.c.profile_id, _sessions.c.idempotency_key],
        index_where=_sessions.c.idempotency_key.is_not(None),
        set_={"idempotency_key": insertion.excluded.idempotency_key},
    ).returning(*_sessions.c)
    row = (await session.execute(kept)).one()
    return PlaybackSession.model_validate(dict(row._mapping))  # noqa: SLF001  # the public name of a row's mapping


async def find_playing(
    session: AsyncSession, playable_id: str, *, profile_id: str | None, user_id: str | None
) -> Playing | None:
    """Return what a viewing of the playable would begin with; None when there is no such playable."""
    statement = (
        sa.select(*_PLAYING_COLUMNS)
        .select_from(_join_playing(rights_table, profile_id))
        .where(rights_table.c.playable_id == playable_id)
    )
    row = (await session.execute(statement, {"user_id": user_id})).first()
    return None if row is None else _playing(row)


async def find_sessions(
    session: AsyncSession, ids: Sequence[UUID], *, profile_id: str | None, user_id: str | None
) -> dict[UUID, tuple[PlaybackSession, Playing]]:
    """Return those of the sessions that belong to the profile, or to nobody without one, with what may be played."""
    any_id = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
    joined = _join_playing(
        _sessions.outerjoin(rights_table, rights_table.c.playable_id == _sessions.c.playable_id), profile_id
    )
    statement = (
        sa.select(*_sessions.c, *_PLAYING_COLUMNS).select_from(joined).where(_sessions.c.id == any_id, _own(profile_id))
    )
    rows = await session.execute(statement, {"ids": list(ids), "user_id": user_id})
    width = len(_sessions.c)
    names = [column.name for column in _sessions.c]
    found: dict[UUID, tuple[PlaybackSession, Playing]] = {}
    for row in rows:
        stored = PlaybackSession.model_validate(dict(zip(names, row[:width], strict=True)))
        found[stored.id] = (stored, _playing(row[width:]))
    return found


def _join_playing(base: Any, profile_id: str | None) -> Any:
    """Return the base with licence, stream and the profile's last choice of tracks in the title."""
    is_own = (_choices.c.profile_id == profile_id) & (_choices.c.title_id == rights_table.c.title_id)
    return join_licence(base).outerjoin(_choices, is_own)


def _playing(row: Any) -> Playing:
    (*licence, contents, chosen_at, audio, subtitle) = row
    chosen = None if chosen_at is None else ChosenTracks(audio, subtitle)
    return Playing(make_licence(licence), unpack_contents(contents), chosen)


async def end_session(session: WriteSession, session_id: UUID, *, profile_id: str | None, now: datetime) -> bool:
    """Record the end, the first one if it ended before; return whether the session is the profile's."""
    ended = (
        sa.update(_sessions)
        .where(_sessions.c.id == session_id, _own(profile_id))
        .values(ended_at=sa.func.coalesce(_sessions.c.ended_at, now))
        .returning(_sessions.c.id)
    )
    return (await session.execute(ended)).scalar_one_or_none() is not None


async def set_chosen(
    session: WriteSession, chosen: ChosenTracks, *, profile_id: str, title_id: str, now: datetime
) -> None:
    """Remember what the profile chose in the title, in place of what it chose before."""
    upsert = insert(_choices).values(
        profile_id=profile_id, title_id=title_id, audio=chosen.audio, subtitle=chosen.subtitle, chosen_at=now
    )
    changed = {name: upsert.excluded[name] for name in ("audio", "subtitle", "chosen_at")}
    await session.execute(
        upsert.on_conflict_do_update(index_elements=[_choices.c.profile_id, _choices.c.title_id], set_=changed)
    )


async def choices_of(session: AsyncSession, profile_ids: Sequence[str]) -> list[TrackChoice]:
    """Return every choice of these profiles, oldest first."""
    own = _choices.c.profile_id.in_(profile_ids)
    rows = await session.execute(sa.select(*_choices.c).where(own).order_by(_choices.c.chosen_at))
    return [TrackChoice.model_validate(dict(row._mapping)) for row in rows]  # noqa: SLF001  # the public name of a row's mapping


async def delete_choices_of(session: WriteSession, profile_ids: Sequence[str]) -> None:
    """Forget what these profiles chose."""
    await session.execute(sa.delete(_choices).where(_choices.c.profile_id.in_(profile_ids)))


async def sessions_of(session: AsyncSession, ids: Sequence[str]) -> list[PlaybackSession]:
    """Return every session of these accounts and profiles, oldest first."""
    rows = await session.execute(sa.select(*_sessions.c).where(_of(ids)).order_by(_sessions.c.started_at))
    return [PlaybackSession.model_validate(dict(row._mapping)) for row in rows]  # noqa: SLF001  # the public name of a row's mapping


async def delete_sessions_of(session: WriteSession, ids: Sequence[str]) -> list[tuple[str | None, UUID]]:
    """Delete every session of these accounts and profiles; return their profiles and ids."""
    deleted = await session.execute(
        sa.delete(_sessions).where(_of(ids)).returning(_sessions.c.profile_id, _sessions.c.id)
    )
    return [(profile_id, session_id) for profile_id, session_id in deleted]


async def anonymise_sessions(session: WriteSession, *, before: datetime) -> int:
    """Forget whose the sessions were that began before the moment; return how many."""
    is_somebodys = _sessions.c.user_id.is_not(None) | _sessions.c.profile_id.is_not(None)
    changed = await session.execute(
        sa.update(_sessions)
        .where(_sessions.c.started_at < before, is_somebodys)
        .values(user_id=None, profile_id=None, idempotency_key=None)
        .returning(_sessions.c.id)
    )
    return len(changed.scalars().all())


def _of(ids: Sequence[str]) -> Any:
    return _sessions.c.user_id.in_(ids) | _sessions.c.profile_id.in_(ids)
