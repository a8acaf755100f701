"""Between drafts and what viewers read: a draft becomes a record, a stored title becomes a draft."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from subgraphs.catalog.models import ContentDescriptor, CreditRole, MarkerKind, PlayableKind, TitleKind
from subgraphs.catalog.repository.cards import GenreCard, Text
from subgraphs.catalog.repository.editorial import Row, StoredParts
from subgraphs.catalog.repository.people import PersonCard
from subgraphs.catalog.service.checks import LONGEST_SLUG
from subgraphs.catalog.service.drafts import (
    DraftCredit,
    DraftEpisode,
    DraftFixture,
    DraftImage,
    DraftLicence,
    DraftMarker,
    DraftSeason,
    DraftText,
    TitleDraft,
)
from subgraphs.catalog.service.records import (
    CreditRecord,
    EpisodeRecord,
    FixtureRecord,
    FormattedText,
    GenreRecord,
    ImageRecord,
    LicenceRecord,
    MarkerRecord,
    SeasonRecord,
    TitleRecord,
    slug_of,
)
from subgraphs.shared.values import MaturityRating, Tier


def record_of(
    title_id: UUID,
    draft: TitleDraft,
    *,
    genres: Mapping[UUID, GenreCard],
    people: Mapping[UUID, PersonCard],
    published_at: datetime,
) -> TitleRecord:
    """Return the draft as viewers are to see it. Genres that vanished meanwhile are left out; people who are named by
    their id have the name that they have now."""
    name = draft.display_name
    envelope = _envelope(draft)
    return TitleRecord(
        id=title_id,
        kind=draft.kind,
        slug=draft.slug or slug_of(name)[:LONGEST_SLUG].strip("-") or title_id.hex,
        original_name=draft.original_name or name,
        texts=_texts(draft.texts),
        release_date=draft.release_date,
        release_year=draft.release_date.year if draft.release_date else draft.release_year,
        maturity_rating=draft.maturity_rating,
        required_tier=envelope.tier,
        audio_languages=draft.audio_languages,
        subtitle_languages=draft.subtitle_languages,
        published_at=published_at,
        genres=tuple(_genre(genres[each]) for each in draft.genre_ids if each in genres),
        credits=tuple(_credit(credit, people) for credit in draft.credits),
        rentable=envelope.rentable,
        available_from=envelope.starts_at,
        available_until=envelope.ends_at,
        countries=envelope.countries,
        licences=tuple(LicenceRecord(**licence.model_dump()) for licence in draft.licences),
        seasons=tuple(_season(season) for season in sorted(draft.seasons, key=lambda season: season.number)),
        playable_kind=draft.playable_kind,
        duration_seconds=draft.duration_seconds,
        fixture=FixtureRecord(**draft.fixture.model_dump()) if draft.fixture else None,
        markers=_marker_records(draft.markers),
        content_descriptors=draft.content_descriptors,
        images=tuple(record for image in draft.images if (record := _image(image))),
        trailer_url=draft.trailer_url,
        external_ids=draft.external_ids,
        video_asset_id=draft.video_asset_id,
    )


def _envelope(draft: TitleDraft) -> LicenceRecord:
    """Return terms that are true of every viewer whom any licence of the draft serves; its own where it has none."""
    if not draft.licences:
        return LicenceRecord(
            draft.countries, draft.available_from, draft.available_until, draft.required_tier, draft.rentable
        )
    begins = [licence.starts_at for licence in draft.licences]
    ends = [licence.ends_at for licence in draft.licences]
    places = [licence.countries for licence in draft.licences]
    return LicenceRecord(
        countries=None if None in places else tuple(sorted({each for place in places if place for each in place})),
        starts_at=None if None in begins else min(begin for begin in begins if begin),
        ends_at=None if None in ends else max(end for end in ends if end),
        tier=Tier.FREE if any(licence.tier is Tier.FREE for licence in draft.licences) else Tier.PREMIUM,
        rentable=any(licence.rentable for licence in draft.licences),
    )


def draft_of(parts: StoredParts) -> TitleDraft:
    """Return a stored title, by the seed or an import, as its editors take it over."""
    title = parts.title
    kind = TitleKind(title["kind"])
    texts = _texts_by_owner(parts.texts)
    only = parts.playables[0] if parts.playables and kind is not TitleKind.SHOW else None
    return TitleDraft(
        kind=kind,
        slug=title["slug"],
        original_name=title["original_name"],
        texts=texts.get(title["id"], {}),
        release_date=title["release_date"],
        release_year=title["release_year"],
        maturity_rating=_rating(title["maturity_rating"]),
        content_descriptors=tuple(ContentDescriptor(each) for each in title["content_descriptors"]),
        required_tier=Tier(title["required_tier"]),
        rentable=title["rentable"],
        audio_languages=tuple(title["audio_languages"]),
        subtitle_languages=tuple(title["subtitle_languages"]),
        available_from=title["available_from"],
        available_until=title["available_until"],
        countries=None if title["countries"] is None else tuple(title["countries"]),
        licences=tuple(
            DraftLicence(**{name: row[name] for name in ("countries", "starts_at", "ends_at", "tier", "rentable")})
            for row in parts.licences
        ),
        images=tuple(
            DraftImage(**{name: row[name] for name in ("role", "upload_id", "width", "height")}) for row in parts.images
        ),
        trailer_url=title["trailer_url"],
        external_ids=tuple(title["external_ids"]),
        genre_ids=tuple(parts.genre_ids),
        credits=tuple(
            DraftCredit(
                name=row["name"], role=CreditRole(row["role"]), character=row["character"], person_id=row["person_id"]
            )
            for row in parts.credits
        ),
        duration_seconds=only["duration_seconds"] if only else None,
        playable_kind=PlayableKind(only["kind"]) if only else PlayableKind.FEATURE,
        video_asset_id=only["video_asset_id"] if only else None,
        markers=_markers_of(parts, only),
        seasons=_seasons(parts, texts),
        fixture=_fixture(parts.fixture),
    )


def _texts(texts: Mapping[str, DraftText]) -> dict[str, Text]:
    return {
        locale: FormattedText(text.name, text.description, text.formatted)
        if text.formatted is not None
        else Text(text.name, text.description)
        for locale, text in texts.items()
    }


def _genre(card: GenreCard) -> GenreRecord:
    return GenreRecord(card.slug, {locale: text.name for locale, text in card.texts.items()})


def _credit(credit: DraftCredit, people: Mapping[UUID, PersonCard]) -> CreditRecord:
    known = people.get(credit.person_id) if credit.person_id else None
    return CreditRecord(
        known.name if known else credit.name,
        credit.role,
        credit.character,
        known_person_id=credit.person_id if known else None,
    )


def _season(season: DraftSeason) -> SeasonRecord:
    episodes = sorted(season.episodes, key=lambda episode: episode.number)
    return SeasonRecord(
        number=season.number,
        texts=_texts(season.texts),
        release_date=season.release_date,
        episodes=tuple(_episode(episode) for episode in episodes),
    )


def _episode(episode: DraftEpisode) -> EpisodeRecord:
    return EpisodeRecord(
        number=episode.number,
        texts=_texts(episode.texts),
        duration_seconds=episode.duration_seconds,
        air_date=episode.air_date,
        maturity_rating=episode.maturity_rating,
        markers=_marker_records(episode.markers),
        still=_image(episode.still) if episode.still else None,
        video_asset_id=episode.video_asset_id,
    )


def _image(image: DraftImage) -> ImageRecord | None:
    """Return an uploaded picture; None for one that is drawn."""
    return ImageRecord(image.role, image.upload_id, image.width, image.height) if image.upload_id is not None else None


def _marker_records(markers: Sequence[DraftMarker]) -> tuple[MarkerRecord, ...]:
    by_time = sorted(markers, key=lambda marker: marker.start_ms)
    return tuple(MarkerRecord(each.kind, each.start_ms, each.end_ms, each.label) for each in by_time)


def _markers_of(parts: StoredParts, playable: Row | None) -> tuple[DraftMarker, ...]:
    return tuple(
        DraftMarker(kind=MarkerKind(row["kind"]), start_ms=row["start_ms"], end_ms=row["end_ms"], label=row["label"])
        for row in parts.markers
        if playable is not None and row["playable_id"] == playable["id"]
    )


def _texts_by_owner(rows: Sequence[Row]) -> dict[UUID, dict[str, DraftText]]:
    found: dict[UUID, dict[str, DraftText]] = {}
    for row in rows:
        found.setdefault(row["owner_id"], {})[row["locale"]] = DraftText(
            name=row["name"], description=row["description"], formatted=row["formatted"]
        )
    return found


def _seasons(parts: StoredParts, texts: Mapping[UUID, dict[str, DraftText]]) -> tuple[DraftSeason, ...]:
    playables = {row["episode_id"]: row for row in parts.playables}
    of_title = _rating(parts.title["maturity_rating"])

    def episode(row: Row) -> DraftEpisode:
        playable = playables.get(row["id"])
        own = _rating(playable["maturity_rating"]) if playable else None
        air_date: date | None = row["air_date"]
        return DraftEpisode(
            number=row["number"],
            texts=texts.get(row["id"], {}),
            duration_seconds=playable["duration_seconds"] if playable else None,
            air_date=air_date,
            maturity_rating=own if own is not of_title else None,
            markers=_markers_of(parts, playable),
            video_asset_id=playable["video_asset_id"] if playable else None,
        )

    return tuple(
        DraftSeason(
            number=season["number"],
            texts=texts.get(season["id"], {}),
            release_date=season["release_date"],
            episodes=tuple(episode(row) for row in parts.episodes if row["season_id"] == season["id"]),
        )
        for season in parts.seasons
    )


def _fixture(row: Row | None) -> DraftFixture | None:
    if row is None:
        return None
    return DraftFixture(
        sport=row["sport"], competition=row["competition"], starts_at=row["starts_at"], ends_at=row["ends_at"]
    )


def _rating(value: str | None) -> MaturityRating | None:
    return None if value is None else MaturityRating(value)
