"""A record as rows of the tables, and nothing else: which statement writes them is in repository/writing."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from subgraphs.catalog.models import ImageRole
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.records import (
    IMAGE_SIZES_PX,
    FormattedText,
    ImageRecord,
    StoredTitle,
    TitleRecord,
    episode_id,
    image_id,
    image_seed,
    season_id,
)
from subgraphs.shared.values import MaturityRating, age_floor

_TITLE_IMAGES = (ImageRole.SPOTLIGHT, ImageRole.POSTER, ImageRole.THUMBNAIL)


def title_row(title: StoredTitle) -> dict[str, Any]:
    """Return the title's own row."""
    record = title.record
    return {
        "id": record.id,
        "kind": record.kind.value,
        "slug": title.slug,
        "original_name": record.original_name,
        "sort_name": record.sort_name,
        "release_date": record.release_date,
        "release_year": record.release_year,
        "release_order": record.release_order,
        **_rating_columns(record.maturity_rating),
        "content_descriptors": [each.value for each in record.content_descriptors],
        "required_tier": record.required_tier.value,
        "rentable": record.rentable,
        "audio_languages": record.audio_languages,
        "subtitle_languages": record.subtitle_languages,
        "published_at": record.published_at,
        "available_from": record.available_from,
        "available_until": record.available_until,
        "countries": record.countries,
        "trailer_url": record.trailer_url,
        "external_ids": record.external_ids,
        "has_licences": bool(record.licences),
        "version": title.version,
        "source_digest": title.source_digest or record.digest,
    }


def _rating_columns(rating: MaturityRating | None) -> dict[str, Any]:
    return {"maturity_rating": rating.value if rating else None, "age_floor": age_floor(rating)}


def licence_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    """Yield the rows of licences, numbered within each title."""
    for record in records:
        for position, licence in enumerate(record.licences):
            yield {
                "title_id": record.id,
                "position": position,
                "countries": licence.countries,
                "starts_at": licence.starts_at,
                "ends_at": licence.ends_at,
                "tier": licence.tier.value,
                "rentable": licence.rentable,
            }


def fixture_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    """Yield the rows of sports events."""
    for record in records:
        if record.fixture is not None:
            yield {
                "title_id": record.id,
                "sport": record.fixture.sport,
                "competition": record.fixture.competition,
                "starts_at": record.fixture.starts_at,
                "ends_at": record.fixture.ends_at,
            }


def season_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    """Yield the rows of seasons."""
    for record in records:
        for season in record.seasons:
            yield {
                "id": season_id(record.id, season.number),
                "title_id": record.id,
                "number": season.number,
                "release_date": season.release_date,
            }


def episode_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    """Yield the rows of episodes."""
    for record in records:
        for season in record.seasons:
            for episode in season.episodes:
                yield {
                    "id": episode_id(record.id, season.number, episode.number),
                    "season_id": season_id(record.id, season.number),
                    "number": episode.number,
                    "air_date": episode.air_date,
                }


def playable_rows(title: StoredTitle) -> Iterator[dict[str, Any]]:
    """Yield the rows of what can be played of a title."""
    for playable in title.playables:
        episode = None
        if playable.season is not None and playable.episode is not None:
            episode = episode_id(title.record.id, playable.season.number, playable.episode.number)
        yield {
            "id": playable.id,
            "kind": playable.kind.value,
            "title_id": title.record.id,
            "episode_id": episode,
            "position": playable.position,
            "duration_seconds": playable.duration_seconds,
            "video_asset_id": playable.video_asset_id,
            **_rating_columns(playable.maturity_rating),
        }


def marker_rows(title: StoredTitle) -> Iterator[dict[str, Any]]:
    """Yield the rows of markers, numbered within each playable."""
    for playable in title.playables:
        for position, marker in enumerate(playable.markers):
            yield {
                "playable_id": playable.id,
                "position": position,
                "kind": marker.kind.value,
                "start_ms": marker.start_ms,
                "end_ms": marker.end_ms,
                "label": marker.label,
            }


def genre_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    """Yield the rows that name titles' genres, the most fitting first."""
    for record in records:
        for position, genre in enumerate(record.genres):
            age = age_floor(record.maturity_rating)
            yield {"title_id": record.id, "genre_id": genre.id, "position": position, "age_floor": age}


def credit_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    """Yield the rows of credits; positions count within each role."""
    for record in records:
        positions: dict[str, int] = {}
        for credit in record.credits:
            role = credit.role.value
            position = positions[role] = positions.get(role, -1) + 1
            yield {
                "title_id": record.id,
                "role": role,
                "position": position,
                "person_id": credit.person_id,
                "character": credit.character,
            }


def text_rows(record: TitleRecord) -> Iterator[dict[str, Any]]:
    """Yield the rows of a title's texts, and of its seasons' and episodes'."""
    yield from _texts_of(record.id, record.texts)
    for season in record.seasons:
        yield from _texts_of(season_id(record.id, season.number), season.texts)
        for episode in season.episodes:
            yield from _texts_of(episode_id(record.id, season.number, episode.number), episode.texts)


def _texts_of(owner: UUID, texts: dict[str, Text]) -> Iterator[dict[str, Any]]:
    for locale, text in texts.items():
        formatted = text.formatted if isinstance(text, FormattedText) else None
        yield {
            "owner_id": owner,
            "locale": locale,
            "name": text.name,
            "description": text.description,
            "formatted": formatted,
        }


def image_rows(title: StoredTitle) -> Iterator[dict[str, Any]]:
    """Yield the rows of pictures, of the title and of its episodes: those uploaded, and drawn ones for other roles."""
    record = title.record
    uploaded = {image.role: image for image in record.images}
    for role in dict.fromkeys([*_TITLE_IMAGES, *uploaded]):
        yield image_row(record.id, role, uploaded.get(role))
    for season in record.seasons:
        for episode in season.episodes:
            yield image_row(episode_id(record.id, season.number, episode.number), ImageRole.STILL, episode.still)


def image_row(owner: UUID, role: ImageRole, uploaded: ImageRecord | None) -> dict[str, Any]:
    """Return the row of an owner's picture: the uploaded one, else one to be drawn."""
    own_id = image_id(owner, role, uploaded.upload_id if uploaded else None)
    width, height = (uploaded.width, uploaded.height) if uploaded else IMAGE_SIZES_PX[role]
    return {
        "id": own_id,
        "owner_id": owner,
        "role": role.value,
        "width": width,
        "height": height,
        "seed": image_seed(own_id),
        "upload_id": uploaded.upload_id if uploaded else None,
    }
