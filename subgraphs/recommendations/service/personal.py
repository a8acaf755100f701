"""The rows of one profile: what suits its taste, and what is like the titles that it watched last.

Nothing that the profile has played (so nothing that it has completed) and nothing that it disliked comes up.
"""

from dataclasses import replace
from datetime import datetime

from subgraphs.recommendations.config import PERSONAL_LIFETIME
from subgraphs.recommendations.models.rows import BecauseRow, PersonalRows, ReasonNote, RowEntry
from subgraphs.recommendations.models.traits import Signal
from subgraphs.recommendations.models.words import ReasonKind
from subgraphs.recommendations.repository import neighbours
from subgraphs.recommendations.repository.visibility import Audience
from subgraphs.recommendations.service.ranking import rank_for_taste, rank_similar, taste_of
from subgraphs.shared.postgres import ReadSession

SIGNALS = 200
RECOMMENDED_SIZE = 40
BECAUSE_ROWS = 2
BECAUSE_SIZE = 20
_FAVOURITE_GENRES = 5
_FAVOURITE_PEOPLE = 20
_FAVOURITE_LANGUAGES = 2
_WATCHED_ENOUGH = 2


async def rank_personal_rows(
    session: ReadSession, profile_id: str, *, age_limit: int, at: datetime, generation: str
) -> PersonalRows:
    """Return the rows of the profile, in three statements; one for a profile that has done nothing, with empty rows."""
    signals = await neighbours.signals_of(session, profile_id, age_limit=age_limit, limit=SIGNALS)
    audience = Audience(age_limit, at, opens_by=at + PERSONAL_LIFETIME)
    return PersonalRows(
        built_at=at,
        age_limit=age_limit,
        generation=generation,
        recommended=await _recommended(session, profile_id, signals, audience),
        because=await _because(session, profile_id, signals, audience),
        avoided=[one.traits.title_id for one in signals if one.weight > 0 or one.rating < 0],
    )


async def _recommended(
    session: ReadSession, profile_id: str, signals: list[Signal], audience: Audience
) -> list[RowEntry]:
    taste = taste_of(signals, at=audience.at)
    if not taste.sources:
        return []
    pool = await neighbours.titles_sharing(
        session,
        genres=taste.favourites(taste.genres, limit=_FAVOURITE_GENRES),
        people=taste.favourites(taste.people, limit=_FAVOURITE_PEOPLE),
        languages=taste.favourites(taste.languages, limit=_FAVOURITE_LANGUAGES),
        audience=audience,
        unseen_by=profile_id,
    )
    return rank_for_taste(taste, pool, limit=RECOMMENDED_SIZE)


async def _because(
    session: ReadSession, profile_id: str, signals: list[Signal], audience: Audience
) -> list[BecauseRow]:
    watched = [one.traits for one in signals if one.weight >= _WATCHED_ENOUGH and one.rating >= 0][:BECAUSE_ROWS]
    if not watched:
        return []
    found = await neighbours.neighbours_of(
        session, [traits.title_id for traits in watched], audience=audience, unseen_by=profile_id
    )
    rows = []
    for traits in watched:
        if traits.title_id not in found:
            continue
        seed, pool = found[traits.title_id]
        note = ReasonNote(ReasonKind.BECAUSE_YOU_WATCHED, because_id=seed.title_id, because_names=seed.names)
        entries = [replace(entry, reason=note) for entry in rank_similar(seed, pool, limit=BECAUSE_SIZE)]
        rows.append(BecauseRow(seed.title_id, seed.names, entries))
    return rows
