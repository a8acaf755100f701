"""Playable: what a viewer presses play on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from subgraphs.catalog.models import PlayableKind
from subgraphs.catalog.repository.cards import PlayableCard, PlayableFacts, TitleCard, text_in
from subgraphs.catalog.types.image import Image, still_of
from subgraphs.catalog.types.marker import Marker, marker_of
from subgraphs.catalog.types.references import cards_of
from subgraphs.catalog.types.words import AskedLocale, AskedWidth, Info
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier

if TYPE_CHECKING:
    from subgraphs.catalog.types.season import Episode
    from subgraphs.catalog.types.title import Title


@strawberry.federation.type(keys=["id"], description="What a viewer presses play on. Progress hangs on its id.")
class Playable:
    card: strawberry.Private[PlayableCard]
    id: strawberry.ID = strawberry.field(description="Global id; it outlives re-encoding.")
    kind: PlayableKind = strawberry.field(description="What it is.")
    duration_seconds: int | None = strawberry.field(description="Length in seconds; null when it is not known.")
    maturity_rating: MaturityRating | None = strawberry.field(
        description="Its rating, never milder than its title's; null is unrated and hidden from limited profiles."
    )
    required_tier: Tier = strawberry.field(description="What a viewer must have to play it.")
    genre_ids: list[strawberry.ID] = strawberry.field(description="Global ids of its title's genres.")

    @strawberry.field(description="Name of the title or the episode in the wanted language.")
    def name(self, info: Info, locale: AskedLocale = None) -> str:
        return self.name_in(info.context.locales(locale))

    @strawberry.field(description="What can be skipped in it, where ads may come, its chapters; by time.")
    async def markers(self, info: Info) -> list[Marker]:
        return [marker_of(card) for card in await info.context.loaders.markers_by_playable.load(self.card.id) or ()]

    @strawberry.field(description="Its lying picture; null when it has none.")
    def thumbnail(self, info: Info, width: AskedWidth = None) -> Image | None:
        alt = self.name_in(info.context.locales(None))
        return still_of(self.card.images, asked_width=width, alt=alt, public_url=info.context.public_url)

    @strawberry.field(description="The title that it belongs to; null when that is hidden from the viewer.")
    async def title(self, info: Info) -> Annotated["Title", strawberry.lazy("subgraphs.catalog.types.title")] | None:
        return await load_title(self.card.title_id, info)

    @strawberry.field(description="The episode that it is; null for anything else.")
    async def episode(
        self, info: Info
    ) -> Annotated["Episode", strawberry.lazy("subgraphs.catalog.types.season")] | None:
        if self.card.episode_id is None:
            return None
        # season.py builds on this module.
        from subgraphs.catalog.types.season import episode_of

        card = await info.context.loaders.episode_card_by_id.load(self.card.episode_id)
        return episode_of(card) if card else None

    def name_in(self, locales: Sequence[str]) -> str:
        """Return the name in the first of the locales that there is, else the title's original name."""
        text = text_in(self.card.texts, locales)
        return text.name if text else self.card.original_name

    @classmethod
    async def resolve_references(cls, references: Sequence[Reference], info: Info) -> list["Playable | None"]:
        """Return the playables in order; None for what does not exist or is hidden."""
        found = await cards_of(references, info.context.loaders.playable_card_by_id, "Playable")
        return [playable_of(item[1]) if item else None for item in found]


def playable_of(card: PlayableCard) -> Playable:
    """Return the playable with these facts."""
    return Playable(
        card=card,
        id=strawberry.ID(encode_id("Playable", card.id)),
        kind=card.kind,
        duration_seconds=card.duration_seconds,
        maturity_rating=card.maturity_rating,
        required_tier=card.required_tier,
        genre_ids=[strawberry.ID(encode_id("Genre", genre)) for genre in card.genre_ids],
    )


def playable_of_title(facts: PlayableFacts, title: TitleCard) -> Playable:
    """Return a playable that is no episode, from its title's card: no further statement."""
    return playable_of(
        PlayableCard(
            id=facts.id,
            kind=facts.kind,
            title_id=title.id,
            episode_id=None,
            duration_seconds=facts.duration_seconds,
            maturity_rating=facts.maturity_rating,
            required_tier=title.required_tier,
            genre_ids=[genre.id for genre in title.genres],
            original_name=title.original_name,
            texts=title.texts,
            images=title.images,
        )
    )


async def load_title(title_id: UUID, info: Info) -> "Title | None":
    """Return the title, None when it is hidden from the viewer."""
    # title.py builds on this module.
    from subgraphs.catalog.types.title import title_of

    card = await info.context.loaders.title_card_by_id.load(title_id)
    return title_of(card, now=info.context.now) if card else None
