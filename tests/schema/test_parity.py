"""What the tables of the requirements hold can be reached in the API, or was dropped for a reason; and how the API says
money, moments and languages. That the tables keep their keys is tested beside each subgraph."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema, get_named_type, is_object_type

from schema.files import FOLDER

API: GraphQLSchema = build_schema((FOLDER / "api.graphql").read_text(encoding="utf-8"))

REACHED = {
    "IN-DB-01": {
        "users.id": "User.id",
        "users.email": "User.email",
        "users.phone": "User.phone",
        "users.language": "User.locale",
        "users.role": "User.roles",
        "users.status": "User.status",
        "users.email_verified": "User.emailVerified",
        "users.created_at": "User.createdAt",
        "users.last_login": "User.lastLoginAt",
        "users.subscription_tier": "User.subscription",
    },
    "IN-DB-02": {
        "profiles.user_id": "User.profiles",
        "profiles.name": "Profile.name",
        "profiles.avatar": "Profile.avatarUrl",
        "profiles.maturity_limit": "Profile.maturityLimit",
        "profiles.is_kids": "Profile.isKids",
        "profiles.language": "Profile.language",
        "profiles.quality": "Profile.preferredQuality",
        "profiles.subtitle": "Profile.subtitleLanguage",
    },
    "IN-DB-03": {
        "content.title": "Movie.name",
        "content.description": "Movie.description",
        "content.type": "Movie.kind",
        "content.slug": "Movie.slug",
        "content.release_date": "Movie.releaseDate",
        "content.duration": "Playable.durationSeconds",
        "content.rating": "Movie.maturityRating",
        "content.poster_and_thumbnail": "Movie.images",
        "content.trailer": "Movie.trailerUrl",
        "content.cast_and_crew": "Movie.credits",
        "content.status": "CmsTitle.state",
        "content.start_date": "Availability.from",
        "content.end_date": "Availability.until",
        "content.geo_restriction": "Licence.countries",
        "content.subscription_tier": "Movie.requiredTier",
        "content.published_at": "Movie.publishedAt",
    },
    "IN-DB-04": {
        "seasons.content_id": "Season.show",
        "seasons.season_number": "Season.number",
        "seasons.title": "Season.name",
        "seasons.release_date": "Season.releaseDate",
    },
    "IN-DB-05": {
        "episodes.season_id": "Episode.season",
        "episodes.episode_number": "Episode.number",
        "episodes.title": "Episode.name",
        "episodes.description": "Episode.description",
        "episodes.duration": "Playable.durationSeconds",
        "episodes.thumbnail": "Episode.thumbnail",
        "episodes.air_date": "Episode.airDate",
    },
    "IN-DB-06": {
        "video_variants.content_or_episode": "Playable.episode",
        "video_variants.quality": "PlaybackSession.maxQuality",
        "video_variants.manifest": "PlaybackSession.manifestUrl",
        "video_variants.format": "PlaybackSession.format",
    },
    "IN-DB-07": {
        "audio_tracks.language": "Movie.audioLanguages",
        "audio_tracks.default": "PlaybackSession.defaultAudio",
    },
    "IN-DB-08": {
        "subtitles.language": "Movie.subtitleLanguages",
        "subtitles.default": "PlaybackSession.defaultSubtitle",
    },
    "IN-DB-09": {"genres.name": "Genre.name", "genres.slug": "Genre.slug", "genres.content_count": "Genre.titleCount"},
    "IN-DB-10": {"content_genres.genre": "Movie.genres"},
}
"""Columns of the requirements' tables, and where the API has them."""

DROPPED = {
    "users.password_hash": "never leaves the subgraph; User.hasPassword says whether there is one",
    "content.title_hi": "one of any number of languages: Movie.name(locale)",
    "content.description_hi": "one of any number of languages: Movie.description(locale)",
    "video_variants.bitrate": "a player reads it in the manifest",
    "video_variants.file_path": "signed addresses are in the manifest",
    "audio_tracks.file_path": "signed addresses are in the manifest",
    "subtitles.file_path": "signed addresses are in the manifest",
    "genres.name_hi": "one of any number of languages: Genre.name(locale)",
    "genres.icon": "clients have an icon for each slug",
}
"""Columns that are nowhere, and why."""


def field_at(coordinate: str) -> Any:
    """Return the field of the API at `Type.field`, None when there is none."""
    type_name, _, field = coordinate.partition(".")
    type_ = API.type_map.get(type_name)
    return type_.fields.get(field) if isinstance(type_, GraphQLObjectType) else None


@pytest.mark.requirement("IN-DB-01", "IN-DB-02", "IN-DB-03", "IN-DB-04", "IN-DB-05")
@pytest.mark.requirement("IN-DB-06", "IN-DB-07", "IN-DB-08", "IN-DB-09", "IN-DB-10")
@pytest.mark.parametrize("columns", REACHED.values(), ids=REACHED)
def test_every_column_is_reached_in_the_api(columns: dict[str, str]) -> None:
    assert {column for column, coordinate in columns.items() if field_at(coordinate) is None} == set()
    assert not columns.keys() & DROPPED.keys()


@pytest.mark.requirement("NFR-USE-005")
def test_money_is_whole_minor_units_with_their_currency() -> None:
    money = API.type_map["Money"]
    assert isinstance(money, GraphQLObjectType)
    assert {name: str(field.type) for name, field in money.fields.items()} == {
        "amountMinor": "Int!",
        "currency": "String!",
    }
    amounts = ("price", "cost", "amount", "total", "dueNow")
    others = {
        f"{type_.name}.{name}: {field.type}"
        for type_ in API.type_map.values()
        if is_object_type(type_) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if name in amounts and get_named_type(field.type).name not in ("Money", "Int")
    }
    assert others == set()


@pytest.mark.requirement("NFR-USE-005")
@pytest.mark.parametrize(
    "coordinate",
    [
        *(f"{type_}.{field}" for type_ in ("Movie", "Show", "SportsEvent") for field in ("name", "description")),
        *("Playable.name", "Season.name", "Episode.name", "Episode.description", "Genre.name"),
        *("Collection.name", "Collection.description"),
    ],
)
def test_what_is_written_for_viewers_comes_in_the_language_asked_for(coordinate: str) -> None:
    assert str(field_at(coordinate).args["locale"].type) == "Locale"


@pytest.mark.requirement("NFR-USE-005")
def test_what_is_named_as_a_moment_or_a_day_has_their_types() -> None:
    wrong = {
        f"{type_.name}.{name}"
        for type_ in API.type_map.values()
        if is_object_type(type_) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if (name.endswith("At") and get_named_type(field.type).name != "DateTime")
        or (name.endswith("Date") and get_named_type(field.type).name != "Date")
    }

    assert wrong == set()
