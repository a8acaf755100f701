"""What curators do with the trays of pages: they make, change, order and delete them.

Every change is one transaction; afterwards the pages are read anew at once. The event in the same transaction sees to
that, too, should the cache be away at that moment.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from subgraphs.recommendations.errors import FieldRefusal, TrayRefusedError, TrayUnknownError, VersionConflictError
from subgraphs.recommendations.events import TraysChanged
from subgraphs.recommendations.models.tables import TrayDefinition
from subgraphs.recommendations.models.targeting import BUCKETS
from subgraphs.recommendations.models.words import PageSlug, RowSource, Segment, TrayKind, TrayLayout
from subgraphs.recommendations.repository import definitions
from subgraphs.recommendations.repository.row_cache import RowCache
from subgraphs.shared import outbox
from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ForbiddenError, InvalidIdError, ServiceUnavailableError
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import Database, WriteSession
from subgraphs.shared.values import DeviceType, MaturityRating, Tier

MOST_TRAYS = 100
"""Trays of one page, those not in use among them."""
MOST_TITLES = 100
"""Titles, or collections, of one tray."""

_LONGEST_HEADING = 200
_LONGEST_ARGUMENT = 100
_LONGEST_LIST = 250
_EXPERIMENT = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*")
_STEP = 10
_LAST_POSITION = 9_999
_WITH_ARGUMENT = {RowSource.GENRE, RowSource.LANGUAGE, RowSource.COLLECTION}
_KINDS = {RowSource.COLLECTION: TrayKind.EDITORIAL, RowSource.COLLECTIONS: TrayKind.EDITORIAL}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom a tray is for; None narrows nothing."""

    countries: Sequence[str] | None = None
    tiers: Sequence[Tier] | None = None
    devices: Sequence[DeviceType] | None = None
    languages: Sequence[str] | None = None
    maturity_limits: Sequence[MaturityRating] | None = None
    kids: bool | None = None
    segments: Sequence[Segment] | None = None
    experiment: "Share | None" = None


@dataclass(frozen=True, slots=True)
class Share:
    """Accounts of an experiment: those in its buckets from one until another (excluded)."""

    experiment: str
    bucket_from: int
    bucket_until: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when until when (excluded) a tray is shown; None is open."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrayRequest:
    """What a tray is to be. `id` None makes one, with the id `made_as`; what is None stays as it is.

    `argument` is the slug of a genre, a language, or the global id of a collection, as the source asks for;
    `collection_ids` are the global ids of those that stand in the tray.
    """

    id: UUID | None
    expected_version: int | None = None
    page: PageSlug | None = None
    kind: TrayKind | None = None
    layout: TrayLayout | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    position: int | None = None
    pinned: bool | None = None
    source: RowSource | None = None
    argument: str | None = None
    collection_ids: Sequence[str] | None = None
    size: int | None = None
    min_items: int | None = None
    aim: Aim | None = None
    schedule: Schedule | None = None
    is_active: bool | None = None
    made_as: UUID = field(default_factory=uuid4)


class CuratorDesk:
    """What curators read and do; each method is one transaction of its own."""

    def __init__(self, database: Database, row_cache: RowCache, *, clock: Clock) -> None:
        self._database = database
        self._row_cache = row_cache
        self._clock = clock

    async def definitions(self, page: PageSlug, *, viewer: Viewer) -> list[TrayDefinition]:
        """Return the page's trays in order, those not in use, not yet or no more shown among them.

        Raises:
            ForbiddenError: The viewer's roles do not allow it.
        """
        require(viewer, "curate:read")
        async with self._database.reading() as session:
            return await definitions.definitions_of_page(session, page)

    async def upsert(self, request: TrayRequest, *, viewer: Viewer) -> TrayDefinition:
        """Make or change a tray.

        Raises:
            ForbiddenError: The viewer's roles do not allow it.
            CurationError: It cannot be done as it stands.
        """
        require(viewer, "curate:write")
        async with self._database.writing() as session:
            tray = await upsert_tray(session, request)
            await self._tell(session, tray.page)
        await self._drop_boards()
        return tray

    async def reorder(self, page: PageSlug, ids: Sequence[UUID], *, viewer: Viewer) -> list[TrayDefinition]:
        """Put the trays of a page into this order; pinned ones stay before the others.

        Raises:
            ForbiddenError: The viewer's roles do not allow it.
            TrayRefusedError: The ids are not exactly those of the page's trays.
        """
        require(viewer, "curate:write")
        async with self._database.writing() as session:
            trays = await reorder_trays(session, page, ids)
            await self._tell(session, page)
        await self._drop_boards()
        return trays

    async def delete(self, own: UUID, *, expected_version: int, viewer: Viewer) -> TrayDefinition:
        """Delete a tray and return what it was.

        Raises:
            ForbiddenError: The viewer's roles do not allow it.
            CurationError: It cannot be done as it stands.
        """
        require(viewer, "curate:write")
        async with self._database.writing() as session:
            tray = await _locked(session, own, expected_version)
            await definitions.delete(session, [own])
            await self._tell(session, tray.page)
        await self._drop_boards()
        return tray

    async def _tell(self, session: WriteSession, page: PageSlug) -> None:
        await outbox.publish(session, [TraysChanged(occurred_at=self._clock(), page=page.value)])

    async def _drop_boards(self) -> None:
        try:
            await self._row_cache.drop_boards()
        except ServiceUnavailableError:
            _log.warning("pages follow when the cache is back")


def require(viewer: Viewer, scope: str) -> None:
    """Return if the viewer has the scope.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        ForbiddenError: They have not.
    """
    viewer.require_user()
    if scope not in viewer.scopes:
        raise ForbiddenError(f"This needs the scope `{scope}`.")


async def upsert_tray(session: WriteSession, request: TrayRequest) -> TrayDefinition:
    """Make or change a tray in the session's transaction.

    Raises:
        CurationError: It cannot be done as it stands.
    """
    known = None if request.id is None else await _locked(session, request.id, request.expected_version)
    page = request.page or (known.page if known else None)
    source = request.source or (known.source if known else None)
    refusals = [*_missing(request, known), *_wrong_fields(request), *_wrong_argument(request, known, source)]
    refusals += await _wrong_collections(session, request, source)
    if page is not None and (known is None or known.page is not page):
        await definitions.lock_page(session, page)
        if len(await definitions.definitions_of_page(session, page)) >= MOST_TRAYS:
            refusals.append(FieldRefusal("TOO_MANY_TRAYS", f"A page has at most {MOST_TRAYS} trays.", ("page",)))
    if refusals or page is None or source is None:
        raise TrayRefusedError(refusals)
    tray = known or _blank(request.made_as, page, source)
    _change(tray, request)
    if known is None:
        await definitions.add(session, tray)
    else:
        tray.version += 1
        await definitions.flush(session)
    return tray


async def reorder_trays(session: WriteSession, page: PageSlug, ids: Sequence[UUID]) -> list[TrayDefinition]:
    """Order the trays of a page in the session's transaction, and return them in the order of the page.

    Raises:
        TrayRefusedError: The ids are not exactly those of the page's trays.
    """
    await definitions.lock_page(session, page)
    trays = {tray.id: tray for tray in await definitions.definitions_of_page(session, page)}
    if sorted(ids) != sorted(trays):
        message = "Name every tray of the page once: the list that you have seen is not the newest."
        raise TrayRefusedError([FieldRefusal("TRAYS_DIFFER", message, ("ids",))])
    for place, own in enumerate(ids, start=1):
        if trays[own].position != place * _STEP:
            trays[own].position = place * _STEP
            trays[own].version += 1
    await definitions.flush(session)
    return await definitions.definitions_of_page(session, page)


async def _locked(session: WriteSession, own: UUID, expected_version: int | None) -> TrayDefinition:
    known = await definitions.locked_definition(session, own)
    if known is None:
        raise TrayUnknownError
    if expected_version is not None and expected_version != known.version:
        raise VersionConflictError(expected=expected_version, newest=known.version)
    return known


def _missing(request: TrayRequest, known: TrayDefinition | None) -> list[FieldRefusal]:
    if known is not None:
        names = ["expectedVersion"] if request.expected_version is None else []
    else:
        needed = {
            "page": request.page,
            "layout": request.layout,
            "source": request.source,
            "headings": request.headings or None,
            "position": request.position,
        }
        names = [name for name, value in needed.items() if value is None]
    return [FieldRefusal("REQUIRED_FIELD", f"`{name}` is missing.", (name,)) for name in names]


def _wrong_fields(request: TrayRequest) -> list[FieldRefusal]:
    refusals = []
    for locale, heading in request.headings.items():
        if not 1 <= len(heading) <= _LONGEST_HEADING or heading.isspace() or "\x00" in heading:
            message = f"A heading has 1 to {_LONGEST_HEADING} characters, none of them NUL."
            refusals.append(FieldRefusal("HEADING_LENGTH", message, ("headings", locale)))
    for name, number, least, most in (
        ("position", request.position, 0, _LAST_POSITION),
        ("size", request.size, 1, MOST_TITLES),
        ("minItems", request.min_items, 1, MOST_TITLES),
    ):
        if number is not None and not least <= number <= most:
            refusals.append(FieldRefusal("NUMBER_OUT_OF_RANGE", f"`{name}` goes from {least} to {most}.", (name,)))
    begins, ends = (request.schedule.starts_at, request.schedule.ends_at) if request.schedule else (None, None)
    if begins is not None and ends is not None and begins >= ends:
        refusals.append(FieldRefusal("SCHEDULE_EMPTY", "`endsAt` lies after `startsAt`.", ("schedule", "endsAt")))
    return refusals + _wrong_aim(request.aim or Aim())


def _wrong_aim(aim: Aim) -> list[FieldRefusal]:
    lists: dict[str, Sequence[object] | None] = {
        "countries": aim.countries,
        "tiers": aim.tiers,
        "devices": aim.devices,
        "languages": aim.languages,
        "maturityLimits": aim.maturity_limits,
        "segments": aim.segments,
    }
    message = f"A list has 1 to {_LONGEST_LIST} entries; leave it out to narrow nothing."
    refusals = [
        FieldRefusal("LIST_LENGTH", message, ("targeting", name))
        for name, values in lists.items()
        if values is not None and not 1 <= len(values) <= _LONGEST_LIST
    ]
    return refusals if aim.experiment is None else [*refusals, *_wrong_share(aim.experiment)]


def _wrong_share(share: Share) -> Iterator[FieldRefusal]:
    place = ("targeting", "experiment")
    if not _EXPERIMENT.fullmatch(share.experiment):
        message = "A key has small letters and digits with single dashes between, at most 60."
        yield FieldRefusal("KEY_INVALID", message, (*place, "key"))
    if not 0 <= share.bucket_from < share.bucket_until <= BUCKETS:
        message = f"Buckets go from 0 to {BUCKETS}, and `until` lies after `from`."
        yield FieldRefusal("NUMBER_OUT_OF_RANGE", message, (*place, "until"))


def _wrong_argument(request: TrayRequest, known: TrayDefinition | None, source: RowSource | None) -> list[FieldRefusal]:
    """Return what is wrong with the argument of a source that is new; an argument alone goes with the known source."""
    if source is None or (known is not None and request.source is None and request.argument is None):
        return []
    if source not in _WITH_ARGUMENT:
        if request.argument is None:
            return []
        return [FieldRefusal("ARGUMENT_UNUSED", f"{source.value} takes no argument.", ("argument",))]
    if request.argument is None:
        return [FieldRefusal("REQUIRED_FIELD", f"{source.value} needs an argument.", ("argument",))]
    if not 1 <= len(request.argument) <= _LONGEST_ARGUMENT or "\x00" in request.argument:
        message = f"An argument has 1 to {_LONGEST_ARGUMENT} characters, none of them NUL."
        return [FieldRefusal("ARGUMENT_LENGTH", message, ("argument",))]
    if source is RowSource.COLLECTION:
        try:
            decode_id(request.argument, "Collection")
        except InvalidIdError as error:
            return [FieldRefusal("INVALID_ID", error.message, ("argument",))]
    return []


async def _wrong_collections(
    session: WriteSession, request: TrayRequest, source: RowSource | None
) -> list[FieldRefusal]:
    """Return what is wrong with the collections that are to stand in the tray; no statement where none are named."""
    if request.collection_ids is None:
        if request.source is not RowSource.COLLECTIONS:
            return []
        return [FieldRefusal("REQUIRED_FIELD", "COLLECTIONS needs `collectionIds`.", ("collectionIds",))]
    if source is not RowSource.COLLECTIONS:
        return [FieldRefusal("ARGUMENT_UNUSED", "Only COLLECTIONS takes `collectionIds`.", ("collectionIds",))]
    if not 1 <= len(request.collection_ids) <= MOST_TITLES:
        message = f"A tray has 1 to {MOST_TITLES} collections."
        return [FieldRefusal("LIST_LENGTH", message, ("collectionIds",))]
    known = await definitions.collections_with_titles(session, request.collection_ids)
    problems = _collection_problems(request.collection_ids, known)
    return [FieldRefusal(code, message, ("collectionIds", str(place))) for place, code, message in problems]


def _collection_problems(collection_ids: Sequence[str], known: Set[str]) -> Iterator[tuple[int, str, str]]:
    """Yield place, code and message of each id that cannot stand in a tray. `known` are the collections that viewers
    get."""
    for place, own in enumerate(collection_ids):
        try:
            decode_id(own, "Collection")
        except InvalidIdError as error:
            yield place, "INVALID_ID", error.message
            continue
        if own in collection_ids[:place]:
            yield place, "COLLECTION_TWICE", "The collection is in the list already."
        elif own not in known:
            message = "No such collection is published with titles; one published just now may take a second."
            yield place, "COLLECTION_UNKNOWN", message


def _blank(own: UUID, page: PageSlug, source: RowSource) -> TrayDefinition:
    return TrayDefinition(
        id=own,
        page=page,
        position=0,
        kind=_KINDS.get(source) or TrayKind(source.value),
        layout=TrayLayout.POSTER,
        headings={},
        source=source,
        size=40,
        min_items=1,
    )


def _change(tray: TrayDefinition, request: TrayRequest) -> None:
    """Set what the request names."""
    if request.source is not None or request.argument is not None or request.collection_ids is not None:
        tray.source = request.source or tray.source
        tray.argument = request.argument
        tray.collection_ids = None if request.collection_ids is None else list(request.collection_ids)
        tray.kind = _KINDS.get(tray.source) or TrayKind(tray.source.value)
    for name in ("page", "kind", "layout", "position", "pinned", "size", "min_items", "is_active"):
        value = getattr(request, name)
        if value is not None:
            setattr(tray, name, value)
    tray.headings = {**tray.headings, **request.headings}
    if request.schedule is not None:
        tray.starts_at, tray.ends_at = request.schedule.starts_at, request.schedule.ends_at
    if request.aim is not None:
        _aim(tray, request.aim)


def _aim(tray: TrayDefinition, aim: Aim) -> None:
    tray.in_countries = _texts(aim.countries)
    tray.tiers = None if aim.tiers is None else [tier.value for tier in aim.tiers]
    tray.devices = None if aim.devices is None else [device.value for device in aim.devices]
    tray.languages = _texts(aim.languages)
    tray.age_limits = None if aim.maturity_limits is None else [each.age_floor for each in aim.maturity_limits]
    tray.kids = aim.kids
    tray.segments = None if aim.segments is None else [segment.value for segment in aim.segments]
    share = aim.experiment
    tray.experiment = share.experiment if share else None
    tray.bucket_from, tray.bucket_until = (share.bucket_from, share.bucket_until) if share else (None, None)


def _texts(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
