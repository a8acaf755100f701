"""Titles and playables by id, as pages show them: what a viewer may see by one statement, the rest from the metadata.

The statement reads the stamp of each title with it: its version, which every change of it raises, and a digest of all
names of genres, which titles show and which change without them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Genre, Playable, Title, Translation, table
from subgraphs.catalog.repository.cards import PlayableCard, TitleCard
from subgraphs.catalog.repository.metadata import Entry, Kind, Load, MetadataCache
from subgraphs.catalog.repository.playables import playable_columns, read_playable
from subgraphs.catalog.repository.titles import cards_of_titles, read_title, with_terms
from subgraphs.catalog.repository.visibility import (
    Audience,
    effective_tier,
    is_age_allowed,
    playable_allowed,
    reachable,
    terms_of,
)
from subgraphs.shared.postgres import Database
from subgraphs.shared.prepared import Prepared
from subgraphs.shared.values import Tier

Card = TypeVar("Card")

_MOST_TURNS = 3

_titles, _playables, _genres, _texts = (table(model).c for model in (Title, Playable, Genre, Translation))
_any_id = sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))
_named: Any = SimpleNamespace(
    now=sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    country=sa.bindparam("country", type_=sa.Text),
    age_limit=sa.bindparam("age_limit", type_=sa.Integer),
)
"""The audience as parameters of a prepared statement."""

_genre_names = (
    sa.select(
        sa.func.coalesce(
            sa.func.bit_xor(
                sa.func.hashtextextended(
                    sa.func.concat_ws(
                        "|", sa.cast(_genres.id, sa.Text), _genres.slug, _texts.locale, _texts.name, _texts.description
                    ),
                    0,
                )
            ),
            0,
        )
    )
    .select_from(table(Genre).outerjoin(table(Translation), _texts.owner_id == _genres.id))
    .scalar_subquery()
)
_stamp = sa.func.concat(_titles.version, ".", _genre_names, type_=sa.Text).label("stamp")

_SHOWN_TITLES = Prepared(
    sa.select(_titles.id, _stamp, terms_of(_named).label("terms")).where(_titles.id == _any_id, reachable(_named))
)
_SHOWN_PLAYABLES = Prepared(
    sa.select(_playables.id, _stamp, effective_tier(_named).label("tier"))
    .join_from(table(Playable), table(Title), _titles.id == _playables.title_id)
    .where(_playables.id == _any_id, reachable(_named), playable_allowed(_named))
)
_TITLES = Prepared(cards_of_titles(None).add_columns(_stamp).where(_titles.id == _any_id))
_PLAYABLES = Prepared(
    sa.select(*playable_columns(None), _stamp)
    .join_from(table(Playable), table(Title), _titles.id == _playables.title_id)
    .where(_playables.id == _any_id)
)

_TITLE_KIND = Kind("title", TitleCard)
_PLAYABLE_KIND = Kind("playable", PlayableCard)


async def title_cards(
    database: Database, metadata: MetadataCache, ids: Sequence[UUID], *, audience: Audience
) -> dict[UUID, TitleCard]:
    """Return the reachable titles by id: one statement where their metadata are kept; unknown and hidden ones are
    left out. The cards of one version are the same objects for everybody of the same age limit and licence."""
    load = partial(_load, _TITLES, read_title, database)
    found = await _shown(database, metadata, ids, audience, _SHOWN_TITLES, _TITLE_KIND, load)
    age_limit = audience.age_limit
    return {
        id_: entry.views.get((age_limit, terms)) or _title_view(entry, age_limit, terms)
        for id_, (entry, terms) in found.items()
    }


async def playable_cards(
    database: Database, metadata: MetadataCache, ids: Sequence[UUID], *, audience: Audience
) -> dict[UUID, PlayableCard]:
    """Return the playables of reachable titles by id: one statement where their metadata are kept; unknown and
    hidden ones are left out."""
    load = partial(_load, _PLAYABLES, read_playable, database)
    found = await _shown(database, metadata, ids, audience, _SHOWN_PLAYABLES, _PLAYABLE_KIND, load)
    return {id_: _playable_view(entry, tier) for id_, (entry, tier) in found.items()}


async def _shown(
    database: Database,
    metadata: MetadataCache,
    ids: Sequence[UUID],
    audience: Audience,
    decides: Prepared,
    kind: Kind[Card],
    load: Load[Card],
) -> dict[UUID, tuple[Entry[Card], str | None]]:
    """Return the entries of what may be shown, each with what the deciding statement says of it for the viewer."""
    found: dict[UUID, tuple[Entry[Card], str | None]] = {}
    wanted: list[UUID] = list(ids)
    # What is changed between the decision and the reading is decided again: it may be for other viewers now.
    for _turn in range(_MOST_TURNS):
        rows = await database.fetch(
            decides, ids=wanted, now=audience.now, country=audience.country, age_limit=audience.age_limit
        )
        if not rows:
            break
        entries = await metadata.entries(kind, {id_: stamp for id_, stamp, _ in rows}, load)
        wanted = []
        for id_, _, terms in rows:
            entry = entries.get(id_)
            if entry is None:
                wanted.append(id_)
            else:
                found[id_] = entry, terms
        if not wanted:
            break
    return found


async def _load(
    prepared: Prepared, read: Callable[[Any], Card], database: Database, ids: Sequence[UUID]
) -> Mapping[UUID, tuple[str, Card]]:
    """Return stamps and cards by a prepared statement with a column `stamp`."""
    rows = await database.fetch(prepared, ids=ids)
    named = [SimpleNamespace(**dict(zip(prepared.names, row, strict=True))) for row in rows]
    return {row.id: (row.stamp, read(row)) for row in named}


def _title_view(entry: Entry[TitleCard], age_limit: int, terms: str | None) -> TitleCard:
    """Return the card on the licence's terms, without the playables above the age limit; the card itself where that
    changes nothing."""
    view = with_terms(entry.card, terms)
    allowed = [each for each in view.playables if is_age_allowed(each.maturity_rating, age_limit)]
    if len(allowed) < len(view.playables):
        view = replace(view, playables=allowed, made={})
    entry.views[age_limit, terms] = view
    return view


def _playable_view(entry: Entry[PlayableCard], tier: str | None) -> PlayableCard:
    """Return the card with the tier that the viewer needs; the card itself where that is the title's own."""
    if tier is None or tier == entry.card.required_tier.value:
        return entry.card
    return replace(entry.card, required_tier=Tier(tier))
