"""A title as the seed and imports hand it over, complete with all that hangs on it, and the ids that follow from it.

Ids are derived, never drawn: the same record has the same ids on every machine and in every run.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID, uuid5

import orjson

from subgraphs.catalog.models import ContentDescriptor, CreditRole, ImageRole, MarkerKind, PlayableKind, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.words import normal_form
from subgraphs.shared.values import MaturityRating, Tier, age_floor

_NAMESPACE = UUID("6b0d7b1c-3b57-5d0e-9a53-0d9f4c1f2a11")

IMAGE_SIZES_PX = {
    ImageRole.SPOTLIGHT: (1920, 800),
    ImageRole.POSTER: (400, 600),
    ImageRole.THUMBNAIL: (800, 450),
    ImageRole.STILL: (800, 450),
}


def title_id(source: str, key: str) -> UUID:
    """Return the id of the title that a source knows under the key."""
    return uuid5(_NAMESPACE, f"title:{source}:{key}")


@lru_cache(maxsize=1_024)
def genre_id(slug: str) -> UUID:
    """Return the id of the genre with that slug."""
    return uuid5(_NAMESPACE, f"genre:{slug}")


@lru_cache(maxsize=16_384)
def person_id(name: str) -> UUID:
    """Return the id of the person of that name: two people of one name are one to us."""
    return uuid5(_NAMESPACE, f"person:{normal_form(name) or name}")


def slug_of(name: str) -> str:
    """Return the name as part of a URL: `Spider-Man!` → `spider-man`; empty when it has no letter or digit."""
    return normal_form(name).replace(" ", "-")


@dataclass(frozen=True, slots=True)
class FormattedText(Text):
    """A text whose description has marks: `formatted` is it as cleaned HTML, `description` what that says."""

    formatted: str


@dataclass(frozen=True, slots=True)
class GenreRecord:
    """A genre of a title. It is created when no other title had it; `position` is then its place in the list."""

    slug: str
    names: dict[str, str]
    position: int = 1000

    @property
    def id(self) -> UUID:
        """The genre's id."""
        return genre_id(self.slug)


@dataclass(frozen=True, slots=True)
class CreditRecord:
    """A credited person: by name, or where `known_person_id` is set the very person that has it."""

    name: str
    role: CreditRole
    character: str | None = None
    known_person_id: UUID | None = None

    @property
    def person_id(self) -> UUID:
        """The person's id."""
        return self.known_person_id or person_id(self.name)


@dataclass(frozen=True, slots=True)
class MarkerRecord:
    """A moment or stretch of what plays, in milliseconds; `end_ms` None is a moment."""

    kind: MarkerKind
    start_ms: int
    end_ms: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An uploaded picture in its role; sizes in pixels."""

    role: ImageRole
    upload_id: UUID
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """An episode; without a rating of its own it has its show's, without a still a drawn one."""

    number: int
    texts: dict[str, Text]
    duration_seconds: int | None
    air_date: date | None = None
    maturity_rating: MaturityRating | None = None
    markers: tuple[MarkerRecord, ...] = ()
    still: ImageRecord | None = None
    video_asset_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SeasonRecord:
    """A season with its episodes by number."""

    number: int
    texts: dict[str, Text]
    release_date: date | None
    episodes: tuple[EpisodeRecord, ...]


@dataclass(frozen=True, slots=True)
class FixtureRecord:
    """What only a sports event has."""

    sport: str
    competition: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LicenceRecord:
    """A right to show a title: where (None is everywhere), from when until when (excluded), to whom."""

    countries: tuple[str, ...] | None
    starts_at: datetime | None
    ends_at: datetime | None
    tier: Tier
    rentable: bool = False


@dataclass(frozen=True, slots=True)
class TitleRecord:
    """A title with all that hangs on it. A show has seasons; anything else has one playable of `playable_kind`.

    `video_asset_id` is the film that plays, of playback; without one a stand-in does.
    Roles without an uploaded picture get a drawn one. Where there are licences, window, countries, tier and rent of
    the title itself are their envelope. `external_ids` are as service/external_ids writes them.
    """

    id: UUID
    kind: TitleKind
    slug: str
    original_name: str
    texts: dict[str, Text]
    release_date: date | None
    release_year: int | None
    maturity_rating: MaturityRating | None
    required_tier: Tier
    audio_languages: tuple[str, ...]
    subtitle_languages: tuple[str, ...]
    published_at: datetime | None
    genres: tuple[GenreRecord, ...]
    credits: tuple[CreditRecord, ...]
    rentable: bool = False
    available_from: datetime | None = None
    available_until: datetime | None = None
    countries: tuple[str, ...] | None = None
    seasons: tuple[SeasonRecord, ...] = ()
    playable_kind: PlayableKind = PlayableKind.FEATURE
    duration_seconds: int | None = None
    fixture: FixtureRecord | None = None
    markers: tuple[MarkerRecord, ...] = ()
    content_descriptors: tuple[ContentDescriptor, ...] = ()
    licences: tuple[LicenceRecord, ...] = ()
    images: tuple[ImageRecord, ...] = ()
    trailer_url: str | None = None
    external_ids: tuple[str, ...] = ()
    video_asset_id: UUID | None = None

    @property
    def digest(self) -> str:
        """What recognises the same record when it comes again; the moment of publication does not count."""
        facts = orjson.dumps(replace(self, published_at=None), option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(facts, digest_size=16).hexdigest()

    @property
    def sort_name(self) -> str:
        """The normal form of the English name, else of the original: what an A to Z list goes by."""
        text = self.texts.get("en")
        return normal_form(text.name if text else self.original_name)

    @property
    def release_order(self) -> date:
        """The day by which releases are ordered; the first of January where only the year is known."""
        return self.release_date or date(self.release_year or 1, 1, 1)


@dataclass(frozen=True, slots=True)
class PlayableRecord:
    """A playable as it follows from its title's record: in playing order, its rating never milder than the title's."""

    id: UUID
    kind: PlayableKind
    position: int
    duration_seconds: int | None
    maturity_rating: MaturityRating | None
    markers: tuple[MarkerRecord, ...] = ()
    season: SeasonRecord | None = None
    episode: EpisodeRecord | None = None
    video_asset_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredTitle:
    """A record with its version and the slug that it got; ids of what hangs on it.

    `source_digest` recognises the source's record where editors changed it since; None where it is the record's own.
    """

    record: TitleRecord
    version: int
    slug: str
    source_digest: str | None = None
    playables: tuple[PlayableRecord, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "playables", tuple(_playables_of(self.record)))


def season_id(title: UUID, number: int) -> UUID:
    """Return the id of a title's season."""
    return uuid5(title, f"season:{number}")


def episode_id(title: UUID, season: int, number: int) -> UUID:
    """Return the id of a title's episode."""
    return uuid5(title, f"episode:{season}:{number}")


def image_id(owner: UUID, role: ImageRole, upload_id: UUID | None = None) -> UUID:
    """Return the id of an owner's picture: another one for each upload, because addresses are cached for ever."""
    return uuid5(owner, f"image:{role.value}" if upload_id is None else f"image:{role.value}:{upload_id}")


def image_seed(image: UUID) -> int:
    """Return the number from which the picture is drawn: 63 bits of its id."""
    return (image.int >> 1) & (2**63 - 1)


def _playables_of(record: TitleRecord) -> list[PlayableRecord]:
    if record.kind is not TitleKind.SHOW:
        own = uuid5(record.id, f"playable:{record.playable_kind.value}")
        rating, markers, video = record.maturity_rating, record.markers, record.video_asset_id
        duration = record.duration_seconds
        return [PlayableRecord(own, record.playable_kind, 1, duration, rating, markers, video_asset_id=video)]
    episodes = [(season, episode) for season in record.seasons for episode in season.episodes]
    return [
        PlayableRecord(
            id=uuid5(record.id, f"playable:{season.number}:{episode.number}"),
            kind=PlayableKind.EPISODE,
            position=position,
            duration_seconds=episode.duration_seconds,
            maturity_rating=_stricter(record.maturity_rating, episode.maturity_rating),
            markers=episode.markers,
            season=season,
            episode=episode,
            video_asset_id=episode.video_asset_id,
        )
        for position, (season, episode) in enumerate(episodes, start=1)
    ]


def _stricter(of_title: MaturityRating | None, own: MaturityRating | None) -> MaturityRating | None:
    """Return the stricter rating; an unrated title keeps its episodes unrated, an unrated episode has its title's."""
    if own is None or of_title is None:
        return of_title
    return max(of_title, own, key=age_floor)
