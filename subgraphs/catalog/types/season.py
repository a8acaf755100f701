"""Season, Episode and EpisodeConnection."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from subgraphs.catalog.loaders import EpisodesKey
from subgraphs.catalog.repository.cards import EpisodeCard, SeasonCard, text_in
from subgraphs.catalog.types.image import Image, still_of
from subgraphs.catalog.types.playable import Playable, load_title, playable_of
from subgraphs.catalog.types.references import cards_of
from subgraphs.catalog.types.texts import formatted_description
from subgraphs.catalog.types.words import AskedLocale, AskedWidth, Info
from subgraphs.shared.graphql.pagination import (
    After,
    First,
    PageInfo,
    check_page_size,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id

if TYPE_CHECKING:
    from subgraphs.catalog.types.title import Show


@strawberry.federation.type(keys=["id"], description="A season of a show.")
class Season:
    card: strawberry.Private[SeasonCard]
    id: strawberry.ID = strawberry.field(description="Global id.")
    number: int = strawberry.field(description="Counts from 1 within the show.")
    release_date: date | None = strawberry.field(description="Day of its first episode; null when it is not known.")
    episode_count: int = strawberry.field(description="How many of its episodes the viewer may see.")

    @strawberry.field(description="Name in the wanted language: `Season 1` unless it has its own.")
    def name(self, info: Info, locale: AskedLocale = None) -> str:
        text = text_in(self.card.texts, info.context.locales(locale))
        return text.name if text else f"Season {self.number}"

    @strawberry.field(description="The show that it belongs to.")
    async def show(self, info: Info) -> Annotated["Show", strawberry.lazy("subgraphs.catalog.types.title")]:
        return cast("Show", await load_title(self.card.title_id, info))

    @strawberry.field(description="Its episodes by number.")
    async def episodes(self, info: Info, first: First = 20, after: After = None) -> "EpisodeConnection":
        scope = f"episodes:{self.id}"
        start = decode_cursor(after, scope, int)
        key = EpisodesKey(self.card.id, check_page_size(first) + 1, start[0] if start else -1)
        cards = await info.context.loaders.episode_cards_by_season.load(key)
        page = make_page(cards, first, lambda card: encode_cursor(scope, card.number), after=after)
        return EpisodeConnection(
            edges=[
                EpisodeEdge(cursor=cursor, node=episode_of(card))
                for card, cursor in zip(page.rows, page.cursors, strict=True)
            ],
            page_info=page.page_info,
            total_count=self.card.episode_count,
        )

    @classmethod
    async def resolve_references(cls, references: Sequence[Reference], info: Info) -> list["Season | None"]:
        """Return the seasons in order; None for what does not exist or is hidden."""
        found = await cards_of(references, info.context.loaders.season_card_by_id, "Season")
        return [season_of(item[1]) if item else None for item in found]


@strawberry.federation.type(keys=["id"], description="An episode of a show.")
class Episode:
    card: strawberry.Private[EpisodeCard]
    id: strawberry.ID = strawberry.field(description="Global id.")
    number: int = strawberry.field(description="Counts from 1 within the season.")
    air_date: date | None = strawberry.field(description="Day of its first showing; null when it is not known.")
    playable: Playable = strawberry.field(description="What to press play on.")

    @strawberry.field(description="Name in the wanted language: `Episode 1` unless it has its own.")
    def name(self, info: Info, locale: AskedLocale = None) -> str:
        return self._name_in(info.context.locales(locale))

    @strawberry.field(description="What happens in it, in the wanted language; empty when nobody wrote it.")
    def description(self, info: Info, locale: AskedLocale = None) -> str:
        text = text_in(self.card.playable.texts, info.context.locales(locale))
        return text.description if text else ""

    @strawberry.field(
        description="What happens in it, as harmless HTML: paragraphs, lists, quotes, bold, italic and links; empty "
        "when nobody wrote it."
    )
    async def description_html(self, info: Info, locale: AskedLocale = None) -> str:
        return await formatted_description(self.card.id, self.card.playable.texts, info, locale)

    @strawberry.field(description="Its still; null when it has none.")
    def thumbnail(self, info: Info, width: AskedWidth = None) -> Image | None:
        alt = self._name_in(info.context.locales(None))
        return still_of(self.card.playable.images, asked_width=width, alt=alt, public_url=info.context.public_url)

    @strawberry.field(description="The season that it belongs to.")
    async def season(self, info: Info) -> Season:
        card = await info.context.loaders.season_card_by_id.load(self.card.season_id)
        return season_of(cast("SeasonCard", card))

    @strawberry.field(description="The show that it belongs to.")
    async def show(self, info: Info) -> Annotated["Show", strawberry.lazy("subgraphs.catalog.types.title")]:
        return cast("Show", await load_title(self.card.playable.title_id, info))

    @strawberry.field(description="The episode to watch after it, across seasons; null for the last.")
    async def next(self, info: Info) -> "Episode | None":
        neighbours = await info.context.loaders.neighbours_by_episode.load(self.card.id)
        if neighbours is None or neighbours.next is None:
            return None
        card = await info.context.loaders.episode_card_by_id.load(neighbours.next)
        return episode_of(card) if card else None

    @strawberry.field(description="The episode to watch before it, across seasons; null for the first.")
    async def previous(self, info: Info) -> "Episode | None":
        neighbours = await info.context.loaders.neighbours_by_episode.load(self.card.id)
        if neighbours is None or neighbours.previous is None:
            return None
        card = await info.context.loaders.episode_card_by_id.load(neighbours.previous)
        return episode_of(card) if card else None

    def _name_in(self, locales: Sequence[str]) -> str:
        text = text_in(self.card.playable.texts, locales)
        return text.name if text else f"Episode {self.number}"

    @classmethod
    async def resolve_references(cls, references: Sequence[Reference], info: Info) -> list["Episode | None"]:
        """Return the episodes in order; None for what does not exist or is hidden."""
        found = await cards_of(references, info.context.loaders.episode_card_by_id, "Episode")
        return [episode_of(item[1]) if item else None for item in found]


@strawberry.type(description="An episode in a list.")
class EpisodeEdge:
    cursor: str = strawberry.field(description="Place in the list, for `after`.")
    node: Episode = strawberry.field(description="The episode.")


@strawberry.type(description="A page of episodes.")
class EpisodeConnection:
    edges: list[EpisodeEdge] = strawberry.field(description="The episodes of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")
    total_count: int | None = strawberry.field(description="How many episodes the whole list has.")


def season_of(card: SeasonCard) -> Season:
    """Return the season with these facts."""
    return Season(
        card=card,
        id=strawberry.ID(encode_id("Season", card.id)),
        number=card.number,
        release_date=card.release_date,
        episode_count=card.episode_count,
    )


def episode_of(card: EpisodeCard) -> Episode:
    """Return the episode with these facts."""
    return Episode(
        card=card,
        id=strawberry.ID(encode_id("Episode", card.id)),
        number=card.number,
        air_date=card.air_date,
        playable=playable_of(card.playable),
    )
