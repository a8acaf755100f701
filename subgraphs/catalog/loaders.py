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
from subgraphs.catalog.repository.cards import EpisodeCard
from subgraphs.catalog.repository.editorial import LogEntry
from subgraphs.catalog.repository.metadata import MetadataCache
from subgraphs.catalog.repository.people import CreditCard
from subgraphs.catalog.repository.titles import TitlePlace
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.shared.graphql.schema import Loader, loader_method, loader_of
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


_Load = Callable[["Loaders", list[UUID]], Awaitable[list[Value | None]]]


def _reading(read: Callable[..., Awaitable[Mapping[UUID, Value]]], **arguments: Any) -> _Load[Value]:
    """Return what loads what `read` finds by uuid; None for what it does not find."""

    async def load(self: "Loaders", ids: list[UUID]) -> list[Value | None]:
        async with self.database.reading() as session:
            found = await read(session, ids, **arguments)
        return [found.get(key) for key in ids]

    return load


def _reading_visible(read: Callable[..., Awaitable[Mapping[UUID, Value]]]) -> _Load[Value]:
    """Return what loads what `read` finds for the audience."""

    async def load(self: "Loaders", ids: list[UUID]) -> list[Value | None]:
        async with self.database.reading() as session:
            found = await read(session, ids, audience=self.audience)
        return [found.get(key) for key in ids]

    return load


def _showing(read: Callable[..., Awaitable[Mapping[UUID, Value]]]) -> _Load[Value]:
    """Return what loads what `read` finds for the audience in the metadata."""

    async def load(self: "Loaders", ids: list[UUID]) -> list[Value | None]:
        found = await read(self.database, self.metadata, ids, audience=self.audience)
        return [found.get(key) for key in ids]

    return load


@dataclass
class Loaders:
    """The loaders of one request, for one audience."""

    database: Database
    metadata: MetadataCache
    audience: Audience
    profile_id: str | None = None
    _logs_by_limit: dict[int, Loader[UUID, list[LogEntry] | None]] = field(default_factory=dict)

    title_card_by_id = loader_method(_showing(shown.title_cards))
    playable_card_by_id = loader_method(_showing(shown.playable_cards))
    markers_by_playable = loader_method(_reading(playables.markers_by_playable))
    season_card_by_id = loader_method(_reading_visible(seasons.seasons_by_id))
    season_cards_by_title = loader_method(_reading_visible(seasons.seasons_by_title))
    episode_card_by_id = loader_method(_reading_visible(seasons.episodes_by_id))
    neighbours_by_episode = loader_method(_reading_visible(seasons.neighbours_by_episode))
    genre_card_by_id = loader_method(_reading(genres.genres_by_id))
    title_count_by_genre = loader_method(_reading_visible(genres.title_counts_by_genre))
    person_card_by_id = loader_method(_reading(people.people_by_id))
    avatar_by_person = loader_method(_reading(people.avatars_by_person))
    collection_card_by_id = loader_method(_reading(collections.collections_by_id, published_only=True))
    filmography_size_by_person = loader_method(_reading_visible(people.filmography_sizes))
    formatted_by_owner = loader_method(_reading(texts.formatted_by_owner))
    matched_id_by_external_title = loader_method(_reading_visible(external.matches))

    @loader_method
    async def is_reminded_by_title(self, ids: list[UUID]) -> list[bool | None]:
        """True where the active profile waits for the title, else None."""
        async with self.database.reading() as session:
            found = await coming.reminded_titles(session, ids, profile_id=self.profile_id or "")
        return [found.get(key) for key in ids]

    def log_by_title(self, limit: int) -> Loader[UUID, list[LogEntry] | None]:
        """Return the loader of titles' newest log entries, that many of each."""
        known = self._logs_by_limit.get(limit)
        if known is None:
            known = self._logs_by_limit[limit] = loader_of(self, _reading(editorial.log_of_titles, limit=limit))
        return known

    @loader_method
    async def episode_cards_by_season(self, keys: list[EpisodesKey]) -> list[list[EpisodeCard]]:
        async def read(
            session: ReadSession, ids: list[UUID], arguments: tuple[int, int]
        ) -> Mapping[UUID, list[EpisodeCard]]:
            limit, after_number = arguments
            return await seasons.episodes_by_season(
                session, ids, audience=self.audience, limit=limit, after_number=after_number
            )

        return await self._load_by_arguments([(key.season_id, (key.limit, key.after_number)) for key in keys], read)

    @loader_method
    async def credit_cards_by_title(self, keys: list[CreditsKey]) -> list[list[CreditCard]]:
        async def read(
            session: ReadSession, ids: list[UUID], arguments: tuple[CreditRole | None, int]
        ) -> Mapping[UUID, list[CreditCard]]:
            role, limit = arguments
            return await people.credits_by_title(session, ids, role=role, limit=limit)

        return await self._load_by_arguments([(key.title_id, (key.role, key.limit)) for key in keys], read)

    @loader_method
    async def filmography_by_person(self, keys: list[FilmographyKey]) -> list[list[TitlePlace]]:
        async def read(
            session: ReadSession, ids: list[UUID], arguments: tuple[int, tuple[date, UUID] | None]
        ) -> Mapping[UUID, list[TitlePlace]]:
            limit, after = arguments
            return await people.filmographies(session, ids, audience=self.audience, limit=limit, after=after)

        return await self._load_by_arguments([(key.person_id, (key.limit, key.after)) for key in keys], read)

    @loader_method
    async def places_by_collection(self, keys: list[MembersKey]) -> list[list[TitlePlace]]:
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
