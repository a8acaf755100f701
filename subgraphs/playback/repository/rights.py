"""Statements on the projections of rights and entitlements, and on assets."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.playback.models.contents import pack_contents
from subgraphs.playback.models.facts import Asset, Entitlement, LicenceTerms, TitleRights
from subgraphs.playback.models.rows import ActiveTier, Licence, Rights
from subgraphs.playback.models.tables import AssetRow, EntitlementRow, ProjectedTitle, RightsRow
from subgraphs.shared.postgres import Database, WriteSession
from subgraphs.shared.prepared import Prepared
from subgraphs.shared.values import MaturityRating, Quality, Tier

_titles = ProjectedTitle.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
rights_table = RightsRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
_entitlements = EntitlementRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
assets_table = AssetRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables

LICENCE_COLUMNS = (
    rights_table.c.playable_id,
    rights_table.c.title_id,
    rights_table.c.duration_seconds,
    rights_table.c.maturity_rating,
    rights_table.c.required_tier,
    rights_table.c.available_from,
    rights_table.c.available_until,
    rights_table.c.countries,
    rights_table.c.licences,
    rights_table.c.audio_languages,
    rights_table.c.subtitle_languages,
    rights_table.c.asset_id,
    assets_table.c.qualities,
    _entitlements.c.tier,
    _entitlements.c.until,
)


# Looked up for each title of a page: by a dict in a third of the time that the enums take.
_TIERS = {tier.value: tier for tier in Tier}
_RATINGS = {rating.value: rating for rating in MaturityRating}
_QUALITIES = {quality.value: quality for quality in Quality}
_SEPARATOR = ","
"""In no id. What is none may hold it: parts of that are never asked for by themselves, and so never shown."""


def _any(name: str) -> Any:
    return sa.any_(sa.bindparam(name, type_=ARRAY(sa.Text)))


def join_licence(base: Any) -> Any:
    """Return the base with the stream of each playable and the entitlement of the viewer beside it."""
    return base.outerjoin(assets_table, assets_table.c.id == rights_table.c.asset_id).outerjoin(
        _entitlements, _entitlements.c.user_id == sa.bindparam("user_id", type_=sa.Text)
    )


_OF_PLAYABLES = (
    sa.select(rights_table.c.playable_id, *LICENCE_COLUMNS)
    .select_from(join_licence(rights_table))
    .where(rights_table.c.playable_id == _any("ids"))
)
_OF_TITLES = (
    sa.select(_titles.c.title_id, *LICENCE_COLUMNS)
    .select_from(
        join_licence(
            _titles.outerjoin(
                rights_table, (rights_table.c.title_id == _titles.c.title_id) & (rights_table.c.position == 0)
            )
        )
    )
    # One text: of an array, the driver asks every element twice what it is.
    .where(_titles.c.title_id == sa.any_(sa.func.string_to_array(sa.bindparam("ids", type_=sa.Text), _SEPARATOR)))
)

_MOST_KNOWN = 4096
"""Licences; about 8 MB in each process when full."""


class KnownLicences:
    """Licences by title that were made before, with their rows; for each tier of a viewer until some moment."""

    def __init__(self, *, most: int = _MOST_KNOWN) -> None:
        self._most = most
        self._count = 0
        self._by_entitlement: OrderedDict[tuple[str | None, datetime | None], dict[str, tuple[Any, Licence]]]
        self._by_entitlement = OrderedDict()

    def of_rows(self, rows: Sequence[Any]) -> dict[str, Licence]:
        """Return the licences of rows for one viewer, which begin with the title's id; the one made before, if all of
        the row is equal. Of what is most, the entitlements that were asked for longest ago go first."""
        if not rows:
            return {}
        entitlement = rows[0][-2], rows[0][-1]
        known = self._by_entitlement.setdefault(entitlement, {})
        self._by_entitlement.move_to_end(entitlement)
        before, found = len(known), {}
        for row in rows:
            title_id = row[0]
            last = known.get(title_id)
            if last is None or last[0] != row:
                last = known[title_id] = row, make_licence(row[1:])
            found[title_id] = last[1]
        self._count += len(known) - before
        while self._count > self._most:
            self._count -= len(self._by_entitlement.popitem(last=False)[1])
        return found


_known = KnownLicences()
_PREPARED_OF_PLAYABLES, _PREPARED_OF_TITLES = Prepared(_OF_PLAYABLES), Prepared(_OF_TITLES)


async def licences_of_playables(
    session: AsyncSession, playable_ids: Sequence[str], *, user_id: str | None
) -> dict[str, Licence]:
    """Return the rights of each known playable, with the viewer's entitlement."""
    rows = await session.execute(_OF_PLAYABLES, {"ids": list(playable_ids), "user_id": user_id})
    return {row[0]: make_licence(row[1:]) for row in rows}


async def licences_to_show(
    database: Database, playable_ids: Sequence[str], *, user_id: str | None
) -> dict[str, Licence]:
    """Like `licences_of_playables`, for pages, which change nothing."""
    rows = await database.fetch(_PREPARED_OF_PLAYABLES, ids=playable_ids, user_id=user_id)
    return {row[0]: make_licence(row[1:]) for row in rows}


async def licences_of_titles(
    database: Database, title_ids: Sequence[str], *, user_id: str | None
) -> dict[str, Licence]:
    """Return the rights of the first playable of each known title, with the viewer's entitlement: the same objects for
    the same rows."""
    rows = await database.fetch(_PREPARED_OF_TITLES, ids=_SEPARATOR.join(title_ids), user_id=user_id)
    return _known.of_rows(rows)


def make_licence(row: Any) -> Licence:
    """Return what the licence columns of a row say."""
    (playable_id, title_id, duration, rating, tier, opens, closes, countries, licences, *rest) = row
    audio, subtitles, asset_id, qualities, owned_tier, owned_until = rest
    entitlement = None if owned_tier is None else ActiveTier(_TIERS[owned_tier], owned_until)
    if playable_id is None:
        return Licence(None, entitlement)
    rights = Rights(
        playable_id=playable_id,
        title_id=title_id,
        duration_seconds=duration,
        maturity_rating=None if rating is None else _RATINGS[rating],
        required_tier=_TIERS[tier],
        available_from=opens,
        available_until=closes,
        countries=countries,
        audio_languages=audio,
        subtitle_languages=subtitles,
        asset_id=asset_id,
        asset_qualities=None if qualities is None else [_QUALITIES[quality] for quality in qualities],
        licences=() if licences is None else [_terms(each) for each in orjson.loads(licences)],
    )
    return Licence(rights, entitlement)


def _terms(fields: Sequence[Any]) -> LicenceTerms:
    countries, begin, end, tier = fields
    return LicenceTerms(countries, _moment(begin), _moment(end), Tier(tier))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _licences_json(licences: Sequence[LicenceTerms]) -> str | None:
    fields = [
        (each.countries, each.available_from, each.available_until, each.required_tier.value) for each in licences
    ]
    return orjson.dumps(fields).decode() if fields else None


async def upsert_versions(session: WriteSession, titles: Sequence[TitleRights]) -> set[str]:
    """Record the versions and return the ids of the titles that were older or unknown. Ids must be distinct."""
    rows = sorted(({"title_id": title.title_id, "version": title.version} for title in titles), key=str)
    upsert = insert(_titles).values(rows)
    newer = upsert.on_conflict_do_update(
        index_elements=[_titles.c.title_id],
        set_={"version": upsert.excluded.version},
        where=_titles.c.version < upsert.excluded.version,
    ).returning(_titles.c.title_id)
    return set((await session.execute(newer)).scalars())


async def replace_rights(session: WriteSession, titles: Sequence[TitleRights], *, asset_id: str) -> None:
    """Replace all rights of the titles; an unpublished title keeps none. The asset stands in where there is no film."""
    ids = [title.title_id for title in titles]
    await session.execute(sa.delete(rights_table).where(rights_table.c.title_id == _any("ids")), {"ids": ids})
    rows = [row for title in titles if title.published for row in _rows_of(title, asset_id=asset_id)]
    if not rows:
        return
    insertion = insert(rights_table)
    columns = {column.name: insertion.excluded[column.name] for column in rights_table.c if not column.primary_key}
    await session.execute(
        insertion.on_conflict_do_update(index_elements=[rights_table.c.playable_id], set_=columns), rows
    )


def _rows_of(title: TitleRights, *, asset_id: str) -> list[dict[str, Any]]:
    return [
        {
            "playable_id": playable.playable_id,
            "title_id": title.title_id,
            "position": position,
            "kind": playable.kind,
            "duration_seconds": playable.duration_seconds,
            "maturity_rating": None if playable.maturity_rating is None else playable.maturity_rating.value,
            "required_tier": title.required_tier.value,
            "available_from": title.available_from,
            "available_until": title.available_until,
            "countries": None if title.countries is None else list(title.countries),
            "licences": _licences_json(title.licences),
            "audio_languages": list(title.audio_languages),
            "subtitle_languages": list(title.subtitle_languages),
            "asset_id": asset_id if playable.video_asset_id is None else str(playable.video_asset_id),
        }
        for position, playable in enumerate(title.playables)
    ]


async def upsert_entitlements(session: WriteSession, entitlements: Sequence[Entitlement]) -> None:
    """Record the entitlements that are newer than what is known. Users must be distinct."""
    rows = [
        {"user_id": each.user_id, "tier": each.tier.value, "until": each.until, "version": each.version}
        for each in sorted(entitlements, key=lambda each: each.user_id)
    ]
    upsert = insert(_entitlements).values(rows)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=[_entitlements.c.user_id],
            set_={name: upsert.excluded[name] for name in ("tier", "until", "version")},
            where=_entitlements.c.version < upsert.excluded.version,
        )
    )


async def language_of_film(session: WriteSession, asset_id: str) -> str | None:
    """Return the first language in which the published title can be heard whose film it is; None where there is no such
    title, or several say different ones."""
    first = rights_table.c.audio_languages[1]
    statement = sa.select(first).where(rights_table.c.asset_id == asset_id).distinct().limit(2)
    languages = list((await session.execute(statement)).scalars())
    return languages[0] if len(languages) == 1 else None


async def upsert_asset(session: WriteSession, asset: Asset, *, now: datetime) -> None:
    """Record a stream that may be delivered from now on."""
    upsert = insert(assets_table).values(
        id=asset.asset_id, qualities=list(asset.qualities), registered_at=now, contents=pack_contents(asset.facts)
    )
    changed = {name: upsert.excluded[name] for name in ("qualities", "contents")}
    await session.execute(upsert.on_conflict_do_update(index_elements=[assets_table.c.id], set_=changed))


async def delete_entitlements_of(session: WriteSession, user_ids: Sequence[str]) -> None:
    """Delete the tiers of the accounts."""
    await session.execute(sa.delete(_entitlements).where(_entitlements.c.user_id.in_(user_ids)))
