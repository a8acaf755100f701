"""Request-scoped loaders: one statement per batch, whatever its size.

A loader's key holds the arguments where a field has any; each combination of arguments costs one statement.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from subgraphs.catalog.models import CreditRole
from subgraphs.catalog.repository import (
    collections,
    coming,
    editorial,
    external,
    genres,
    people,
    playables,
    seasons,
    shown,
    texts,
)
from subgraphs.catalog.repository.cards import EpisodeCard, GenreCard, PlayableCard, SeasonCard, TitleCard
from subgraphs.catalog.repository.collections import CollectionCard
from subgraphs.catalog.repository.editorial import LogEntry
from subgraphs.catalog.repository.metadata import MetadataCache
from subgraphs.catalog.repository.people import Avatar, CreditCard, PersonCard
from subgraphs.catalog.repository.playables import MarkerCard
from subgraphs.catalog.repository.seasons import Neighbours
from subgraphs.catalog.repository.titles import TitlePlace
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.shared.graphql.schema import Loader
from subgraphs.shared.postgres import Database, ReadSession

Value = TypeVar("Value")
Arguments = TypeVar("Arguments", bound=Hashable)


class CreditsKey(NamedTuple):
    """Which credits of which title."""

    title_id: UUID
    role: CreditRole | None
    limit: int


class EpisodesKey(NamedTuple):
    """Which episodes of which season."""

    season_id: UUID
    limit: int
    after_number: int


class MembersKey(NamedTuple):
    """Which titles, put in by hand, of which collection."""

    collection_id: UUID
    limit: int
    after: int | None


class FilmographyKey(NamedTuple):
    """Which titles of which person."""

    person_id: UUID
    limit: int
    after: tuple[date, UUID] | None


@dataclass
class Loaders:
    """The loaders of one request, for one audience."""

    database: Database
    metadata: MetadataCache
    audience: Audience
    profile_id: str | None = None
    title_card_by_id: Loader[UUID, TitleCard | None] = field(init=False)
    playable_card_by_id: Loader[UUID, PlayableCard | None] = field(init=False)
    markers_by_playable: Loader[UUID, list[MarkerCard] | None] = field(init=False)
    season_card_by_id: Loader[UUID, SeasonCard | None] = field(init=False)
    season_cards_by_title: Loader[UUID, list[SeasonCard] | None] = field(init=False)
    episode_card_by_id: Loader[UUID, EpisodeCard | None] = field(init=False)
    episode_cards_by_season: Loader[EpisodesKey, list[EpisodeCard]] = field(init=False)
    neighbours_by_episode: Loader[UUID, Neighbours | None] = field(init=False)
    genre_card_by_id: Loader[UUID, GenreCard | None] = field(init=False)
    title_count_by_genre: Loader[UUID, int | None] = field(init=False)
    person_card_by_id: Loader[UUID, PersonCard | None] = field(init=False)
    avatar_by_person: Loader[UUID, Avatar | None] = field(init=False)
    is_reminded_by_title: Loader[UUID, bool | None] = field(init=False)
    formatted_by_owner: Loader[UUID, dict[str, str] | None] = field(init=False)
    credit_cards_by_title: Loader[CreditsKey, list[CreditCard]] = field(init=False)
    collection_card_by_id: Loader[UUID, CollectionCard | None] = field(init=False)
    places_by_collection: Loader[MembersKey, list[TitlePlace]] = field(init=False)
    filmography_by_person: Loader[FilmographyKey, list[TitlePlace]] = field(init=False)
    filmography_size_by_person: Loader[UUID, int | None] = field(init=False)
    matched_id_by_external_title: Loader[UUID, UUID | None] = field(init=False)
    _logs_by_limit: dict[int, Loader[UUID, list[LogEntry] | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen_by = {"audience": self.audience}
        self.title_card_by_id = self._shown_loader(shown.title_cards)
        self.playable_card_by_id = self._shown_loader(shown.playable_cards)
        self.markers_by_playable = self._loader(playables.markers_by_playable)
        self.season_card_by_id = self._loader(seasons.seasons_by_id, **seen_by)
        self.season_cards_by_title = self._loader(seasons.seasons_by_title, **seen_by)
        self.episode_card_by_id = self._loader(seasons.episodes_by_id, **seen_by)
        self.neighbours_by_episode = self._loader(seasons.neighbours_by_episode, **seen_by)
        self.genre_card_by_id = self._loader(genres.genres_by_id)
        self.title_count_by_genre = self._loader(genres.title_counts_by_genre, **seen_by)
        self.person_card_by_id = self._loader(people.people_by_id)
        self.avatar_by_person = self._loader(people.avatars_by_person)
        self.collection_card_by_id = self._loader(collections.collections_by_id, published_only=True)
        self.places_by_collection = Loader(self._load_members)
        self.filmography_size_by_person = self._loader(people.filmography_sizes, **seen_by)
        self.is_reminded_by_title = self._loader(coming.reminded_titles, profile_id=self.profile_id or "")
        self.formatted_by_owner = self._loader(texts.formatted_by_owner)
        self.matched_id_by_external_title = self._loader(external.matches, **seen_by)
        self.episode_cards_by_season = Loader(self._load_episodes)
        self.credit_cards_by_title = Loader(self._load_credits)
        self.filmography_by_person = Loader(self._load_filmographies)

    def log_by_title(self, limit: int) -> Loader[UUID, list[LogEntry] | None]:
        """Return the loader of titles' newest log entries, that many of each."""
        known = self._logs_by_limit.get(limit)
        if known is None:
            known = self._logs_by_limit[limit] = self._loader(editorial.log_of_titles, limit=limit)
        return known

    def _loader(
        self, read: Callable[..., Awaitable[Mapping[UUID, Value]]], **arguments: Any
    ) -> Loader[UUID, Value | None]:
        """Return a loader of what `read` finds by uuid; None for what it does not find."""

        async def load(ids: list[UUID]) -> list[Value | None]:
            async with self.database.reading() as session:
                found = await read(session, ids, **arguments)
            return [found.get(key) for key in ids]

        return Loader(load)

    def _shown_loader(self, read: Callable[..., Awaitable[Mapping[UUID, Value]]]) -> Loader[UUID, Value | None]:
        """Return a loader of what `read` finds in the metadata."""

        async def load(ids: list[UUID]) -> list[Value | None]:
            found = await read(self.database, self.metadata, ids, audience=self.audience)
            return [found.get(key) for key in ids]

        return Loader(load)

    async def _load_episodes(self, keys: list[EpisodesKey]) -> list[list[EpisodeCard]]:
        async def read(
            session: ReadSession, ids: list[UUID], arguments: tuple[int, int]
        ) -> Mapping[UUID, list[EpisodeCard]]:
            limit, after_number = arguments
            return await seasons.episodes_by_season(
                session, ids, audience=self.audience, limit=limit, after_number=after_number
            )

        return await self._load_by_arguments([(key.season_id, (key.limit, key.after_number)) for key in keys], read)

    async def _load_credits(self, keys: list[CreditsKey]) -> list[list[CreditCard]]:
        async def read(
            session: ReadSession, ids: list[UUID], arguments: tuple[CreditRole | None, int]
        ) -> Mapping[UUID, list[CreditCard]]:
            role, limit = arguments
            return await people.credits_by_title(session, ids, role=role, limit=limit)

        return await self._load_by_arguments([(key.title_id, (key.role, key.limit)) for key in keys], read)

    async def _load_filmographies(self, keys: list[FilmographyKey]) -> list[list[TitlePlace]]:
        async def read(
            session: ReadSession, ids: list[UUID], arguments: tuple[int, tuple[date, UUID] | None]
        ) -> Mapping[UUID, list[TitlePlace]]:
            limit, after = arguments
            return await people.filmographies(session, ids, audience=self.audience, limit=limit, after=after)

        return await self._load_by_arguments([(key.person_id, (key.limit, key.after)) for key in keys], read)

    async def _load_members(self, keys: list[MembersKey]) -> list[list[TitlePlace]]:
        async def read(
            session: ReadSession, ids: list[UUID], arguments: tuple[int, int | None]
        ) -> Mapping[UUID, list[TitlePlace]]:
            limit, after = arguments
            return await collections.places_by_collection(
                session, ids, audience=self.audience, limit=limit, after=after
            )

        return await self._load_by_arguments([(key.collection_id, (key.limit, key.after)) for key in keys], read)

    async def _load_by_arguments(
        self,
        keys: Sequence[tuple[UUID, Arguments]],
        read: Callable[[ReadSession, list[UUID], Arguments], Awaitable[Mapping[UUID, list[Value]]]],
    ) -> list[list[Value]]:
        """Return a list for each key, with one statement for each combination of arguments."""
        ids_by_arguments: dict[Arguments, list[UUID]] = {}
        for key_id, arguments in keys:
            ids_by_arguments.setdefault(arguments, []).append(key_id)
        found: dict[tuple[UUID, Arguments], list[Value]] = {}
        async with self.database.reading() as session:
            for arguments, ids in ids_by_arguments.items():
                for key_id, values in (await read(session, ids, arguments)).items():
                    found[key_id, arguments] = values
        return [found.get(key, []) for key in keys]
