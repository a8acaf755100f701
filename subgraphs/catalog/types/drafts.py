"""Inputs of editors, and what each changes in a draft. A field that is left out stays as it is; null empties it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from subgraphs.catalog.errors import DraftRefusedError, EpisodeUnknownError, FieldRefusal, LicensedError
from subgraphs.catalog.models import ContentDescriptor, CreditRole, ImageRole, MarkerKind, PlayableKind, TitleKind
from subgraphs.catalog.service import richtext
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
from subgraphs.catalog.service.videos import VIDEO
from subgraphs.catalog.types.external_ids import ExternalIdInput, references_of
from subgraphs.catalog.types.words import by_language
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.scalars import URL, CountryCode, Locale
from subgraphs.shared.ids import decode_id
from subgraphs.shared.values import MaturityRating, Tier


@strawberry.input(description="A name and a description in one language.")
class TranslationInput:
    locale: Locale = strawberry.field(description="Language of both.")
    name: str = strawberry.field(description="1 to 500 characters.")
    description: str = strawberry.field(default="", description="Plain text of at most 10,000 characters.")
    description_html: str | None = strawberry.field(
        default=None,
        description="The description with marks, in place of `description`: paragraphs, line breaks, lists, quotes, "
        "bold, italic and https links in HTML. All else is taken out; who reads plain text gets what it says.",
    )


@strawberry.input(description="A credited person: give either `personId` or `name`.")
class CreditInput:
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Global id of the person.")
    name: str | None = strawberry.field(
        default=None, description="Name of somebody who has no id yet; two people of one name are one."
    )
    role: CreditRole = strawberry.field(description="What the person did.")
    character: str | None = strawberry.field(default=None, description="Whom an actor plays.")


@strawberry.input(description="A picture in its role; another one in this role goes.")
class ImageInput:
    role: ImageRole = strawberry.field(description="Where it is shown.")
    upload_id: strawberry.ID = strawberry.field(description="Id of the upload: see `imageUploadCreate`.")


@strawberry.input(description="What only a sports event has.")
class FixtureInput:
    sport: str = strawberry.field(description="The sport: Cricket.")
    competition: str | None = strawberry.field(default=None, description="League or cup.")
    starts_at: datetime = strawberry.field(description="Begin of the event.")
    ends_at: datetime = strawberry.field(description="End of the event.")


@strawberry.input(description="What a title is to be. Fields that are left out stay as they are; null empties them.")
class TitleInput:
    slug: str | None = strawberry.field(
        default=strawberry.UNSET, description="Unique name for URLs; made of the name unless given."
    )
    original_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Name in the language in which it was made."
    )
    translations: list[TranslationInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Texts to set, by language; other languages stay."
    )
    release_date: date | None = strawberry.field(default=strawberry.UNSET, description="Day of release.")
    release_year: int | None = strawberry.field(
        default=strawberry.UNSET, description="Year of release, where the day is not known."
    )
    duration_minutes: int | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 600; a show's episodes have their own."
    )
    maturity_rating: MaturityRating | None = strawberry.field(
        default=strawberry.UNSET, description="Null is unrated: hidden from profiles with a limit."
    )
    content_descriptors: list[ContentDescriptor] | None = strawberry.field(
        default=strawberry.UNSET, description="Why it is rated as it is."
    )
    required_tier: Tier | None = strawberry.field(
        default=strawberry.UNSET, description="What a viewer must have to play it; null means FREE."
    )
    rentable: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether it can be rented.")
    audio_languages: list[Locale] | None = strawberry.field(
        default=strawberry.UNSET, description="Languages that can be heard."
    )
    subtitle_languages: list[Locale] | None = strawberry.field(
        default=strawberry.UNSET, description="Languages that can be read."
    )
    available_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Begin of the window in which it is offered."
    )
    available_until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="End of the window, excluded."
    )
    countries: list[CountryCode] | None = strawberry.field(
        default=strawberry.UNSET, description="Where it is offered; null means everywhere."
    )
    genre_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Global ids of its genres, the most fitting first."
    )
    credits: list[CreditInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All credits, in their order."
    )
    images: list[ImageInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Pictures to set, by role; other roles stay. Null removes all of them."
    )
    trailer_url: URL | None = strawberry.field(default=strawberry.UNSET, description="Where its trailer plays, https.")
    external_ids: list[ExternalIdInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="All names that others know it by, at most one of each scheme, and none that another title has.",
    )
    video_asset_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Global id of the film that plays: see `uploadComplete`. It need not be READY yet, and plays when "
        "it is. Null has a stand-in play. Episodes have their own.",
    )
    playable_kind: PlayableKind | None = strawberry.field(
        default=strawberry.UNSET, description="What plays: FEATURE of a film, LIVE_EVENT or REPLAY of an event."
    )
    fixture: FixtureInput | None = strawberry.field(
        default=strawberry.UNSET, description="When a sports event takes place."
    )


@strawberry.input(description="A season of a show; its number says which.")
class SeasonInput:
    number: int = strawberry.field(description="Its number; a season that has it is changed.")
    must_be_new: bool = strawberry.field(
        default=False, description="Refuse, as DUPLICATE_NUMBER, if there is a season of this number already."
    )
    translations: list[TranslationInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Texts to set, by language; other languages stay."
    )
    release_date: date | None = strawberry.field(default=strawberry.UNSET, description="Day of release.")


@strawberry.input(description="An episode of a season; its number says which.")
class EpisodeInput:
    number: int = strawberry.field(description="Its number; an episode that has it is changed.")
    must_be_new: bool = strawberry.field(
        default=False, description="Refuse, as DUPLICATE_NUMBER, if the season has an episode of this number already."
    )
    translations: list[TranslationInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Texts to set, by language; other languages stay."
    )
    duration_minutes: int | None = strawberry.field(default=strawberry.UNSET, description="1 to 600.")
    air_date: date | None = strawberry.field(default=strawberry.UNSET, description="Day on which it is shown first.")
    maturity_rating: MaturityRating | None = strawberry.field(
        default=strawberry.UNSET, description="Only where it is stricter than its show's."
    )
    thumbnail_upload_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Id of the upload that is its thumbnail, 16:9 or 4:3: see `imageUploadCreate`. Null has one drawn.",
    )
    video_asset_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Global id of the film that plays: see `uploadComplete`. Null has a stand-in play.",
    )


@strawberry.input(description="A moment or stretch of what plays.")
class MarkerInput:
    kind: MarkerKind = strawberry.field(description="What it marks.")
    start_ms: int = strawberry.field(description="Where it begins, in milliseconds from the start.")
    end_ms: int | None = strawberry.field(
        default=None, description="Where it ends, excluded. An intro, a recap, credits and a preview need it."
    )
    label: str | None = strawberry.field(default=None, description="1 to 200 characters: the name of a chapter.")


@strawberry.federation.input(tags=["admin"], description="A right to show a title.")
class LicenceInput:
    countries: list[CountryCode] | None = strawberry.field(
        default=None, description="Where it holds; null means everywhere."
    )
    from_: datetime | None = strawberry.field(name="from", default=None, description="Begin of the window.")
    until: datetime | None = strawberry.field(default=None, description="End of the window, excluded.")
    tier: Tier = strawberry.field(description="What a viewer must have to play it under this licence.")
    rentable: bool = strawberry.field(default=False, description="Whether it can be rented under this licence.")


UPLOAD = "ImageUpload"
"""The first half of an upload's id."""

_OWN_NAMES = (
    *("slug", "original_name", "release_date", "release_year", "maturity_rating", "available_from"),
    *("available_until", "trailer_url"),
)
_TERMS = frozenset({"available_from", "available_until", "countries", "required_tier", "rentable"})
_LISTS = ("audio_languages", "subtitle_languages", "content_descriptors")


def new_draft(kind: TitleKind, given: TitleInput) -> TitleDraft:
    """Return the draft of a new title.

    Raises:
        InvalidIdError: A genre's or a person's id is none.
    """
    return changed_draft(TitleDraft(kind=kind), given)


def changed_draft(draft: TitleDraft, given: TitleInput) -> TitleDraft:
    """Return the draft with what the input names.

    Raises:
        DraftRefusedError: A language has two texts.
        LicensedError: The input names the window, countries, tier or rent of a draft that has licences.
        InvalidIdError: The id of a genre, a person, an upload or a film is none.
    """
    values = _given(given)
    if draft.licences and not _TERMS.isdisjoint(values):
        raise LicensedError
    changes: dict[str, Any] = {name: values[name] for name in _OWN_NAMES if name in values}
    changes |= {name: tuple(dict.fromkeys(values[name] or ())) for name in _LISTS if name in values}
    if "countries" in values:
        changes["countries"] = None if values["countries"] is None else tuple(values["countries"])
    if "required_tier" in values:
        changes["required_tier"] = values["required_tier"] or Tier.FREE
    if "rentable" in values:
        changes["rentable"] = bool(values["rentable"])
    if "playable_kind" in values:
        changes["playable_kind"] = values["playable_kind"] or PlayableKind.FEATURE
    if "video_asset_id" in values:
        changes["video_asset_id"] = _video(values["video_asset_id"])
    if "genre_ids" in values:
        changes["genre_ids"] = tuple(decode_id(each, "Genre").uuid for each in values["genre_ids"] or ())
    if "credits" in values:
        changes["credits"] = tuple(_credit(credit) for credit in values["credits"] or ())
    if "external_ids" in values:
        changes["external_ids"] = references_of(values["external_ids"] or ())
    if "images" in values:
        changes["images"] = _images(draft.images, values["images"])
    if "fixture" in values:
        fixture = values["fixture"]
        changes["fixture"] = None if fixture is None else DraftFixture(**vars(fixture))
    return draft.model_copy(update={**changes, **_texts_and_duration(draft.texts, values)})


def _video(given: str | None) -> UUID | None:
    return None if given is None else decode_id(given, VIDEO).uuid


def _images(images: tuple[DraftImage, ...], given: Iterable[ImageInput] | None) -> tuple[DraftImage, ...]:
    """Return the pictures with those of the input; their sizes are looked up when the draft is stored."""
    if given is None:
        return ()
    new = {each.role: _uploaded(each.role, each.upload_id) for each in given}
    return (*(image for image in images if image.role not in new), *new.values())


def _uploaded(role: ImageRole, upload_id: str) -> DraftImage:
    return DraftImage(role=role, upload_id=decode_id(upload_id, UPLOAD).uuid, width=0, height=0)


def _check_new(
    known: DraftSeason | DraftEpisode | None, given: SeasonInput | EpisodeInput, path: tuple[str, ...]
) -> None:
    if known is not None and given.must_be_new:
        message = f"The number {given.number} is taken."
        raise DraftRefusedError([FieldRefusal("DUPLICATE_NUMBER", message, (*path, "number"))])


def _credit(given: CreditInput) -> DraftCredit:
    """Return the credit; a name beside an id does not count, and neither of them is the empty name."""
    person = decode_id(given.person_id, "Person").uuid if given.person_id is not None else None
    name = given.name if given.name is not None and person is None else ""
    return DraftCredit(name=name, role=given.role, character=given.character, person_id=person)


def licence_of(given: LicenceInput) -> DraftLicence:
    """Return the licence of a draft."""
    return DraftLicence(
        countries=None if given.countries is None else tuple(dict.fromkeys(given.countries)),
        starts_at=given.from_,
        ends_at=given.until,
        tier=given.tier,
        rentable=given.rentable,
    )


def with_season(draft: TitleDraft, given: SeasonInput) -> TitleDraft:
    """Return the draft with the season added or changed.

    Raises:
        DraftRefusedError: It was to be new, and is not.
    """
    values = _given(given)
    known = next((season for season in draft.seasons if season.number == given.number), None)
    _check_new(known, given, ("seasons", str(given.number)))
    season = known or DraftSeason(number=given.number)
    changes: dict[str, Any] = {name: values[name] for name in ("release_date",) if name in values}
    season = season.model_copy(update={**changes, **_texts_and_duration(season.texts, values)})
    return draft.model_copy(update={"seasons": _replaced(draft.seasons, season)})


def with_episode(draft: TitleDraft, season_number: int, given: EpisodeInput) -> TitleDraft:
    """Return the draft with the episode added or changed, in a season that is made if it is not there.

    Raises:
        DraftRefusedError: It was to be new, and is not.
        InvalidIdError: The id of an upload or a film is none.
    """
    values = _given(given)
    seasons = {season.number: season for season in draft.seasons}
    season = seasons.get(season_number) or DraftSeason(number=season_number)
    known = next((episode for episode in season.episodes if episode.number == given.number), None)
    _check_new(known, given, ("seasons", str(season_number), "episodes", str(given.number)))
    episode = known or DraftEpisode(number=given.number)
    changes: dict[str, Any] = {name: values[name] for name in ("air_date", "maturity_rating") if name in values}
    if "thumbnail_upload_id" in values:
        upload = values["thumbnail_upload_id"]
        changes["still"] = None if upload is None else _uploaded(ImageRole.STILL, upload)
    if "video_asset_id" in values:
        changes["video_asset_id"] = _video(values["video_asset_id"])
    episode = episode.model_copy(update={**changes, **_texts_and_duration(episode.texts, values)})
    season = season.model_copy(update={"episodes": _replaced(season.episodes, episode)})
    return draft.model_copy(update={"seasons": _replaced(draft.seasons, season)})


def with_markers(draft: TitleDraft, place: tuple[int, int] | None, given: Iterable[MarkerInput]) -> TitleDraft:
    """Return the draft with these markers in place of all others: of the episode at (season, number), else of what
    else it plays.

    Raises:
        EpisodeUnknownError: The draft has no such episode.
    """
    changes = {"markers": tuple(DraftMarker(**vars(marker)) for marker in given)}
    if place is None:
        return draft.model_copy(update=changes)
    season = next((season for season in draft.seasons if season.number == place[0]), None)
    episode = next((each for each in season.episodes if each.number == place[1]), None) if season else None
    if season is None or episode is None:
        raise EpisodeUnknownError(*place)
    season = season.model_copy(update={"episodes": _replaced(season.episodes, episode.model_copy(update=changes))})
    return draft.model_copy(update={"seasons": _replaced(draft.seasons, season)})


def with_translation(draft: TitleDraft, given: TranslationInput) -> TitleDraft:
    """Return the draft with its texts in one language; other languages stay.

    Raises:
        BadUserInputError: It has a description of both kinds.
    """
    return draft.model_copy(update={"texts": {**draft.texts, **_texts([given])}})


def without_translation(draft: TitleDraft, locale: str) -> TitleDraft:
    """Return the draft without its texts in that language."""
    return draft.model_copy(update={"texts": {key: text for key, text in draft.texts.items() if key != locale}})


def _given(given: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(given).items() if value is not strawberry.UNSET}


def _texts_and_duration(texts: dict[str, DraftText], values: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "translations" in values:
        changes["texts"] = {**texts, **_texts(values["translations"] or ())}
    if "duration_minutes" in values:
        minutes = values["duration_minutes"]
        changes["duration_seconds"] = None if minutes is None else minutes * 60
    return changes


def _texts(given: Iterable[TranslationInput]) -> dict[str, DraftText]:
    return {locale: _text(each) for locale, each in by_language(given).items()}


def _text(given: TranslationInput) -> DraftText:
    """Return the text; one with marks has them cleaned, and none where they say no more than the plain text."""
    if given.description_html is None:
        return DraftText(name=given.name, description=given.description)
    if given.description:
        raise BadUserInputError("Give either `description` or `descriptionHtml`.")
    clean = richtext.cleaned(given.description_html)
    text = richtext.plain(clean)
    return DraftText(
        name=given.name, description=text, formatted=None if clean in (text, richtext.formatted(text)) else clean
    )


def _replaced(parts: tuple[Any, ...], part: Any) -> tuple[Any, ...]:
    """Return the parts in the order of their numbers, the one with the number of `part` replaced by it."""
    return tuple(sorted([*(each for each in parts if each.number != part.number), part], key=lambda each: each.number))
