"""GraphQL types of the ads subgraph."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.ads.context import Info
from subgraphs.ads.models import AdBreakKind
from subgraphs.ads.service.breaks import AdBreak, ad_breaks
from subgraphs.ads.service.decisions import Decision, decide
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.scalars import URL
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently, encode_id
from subgraphs.shared.values import MaturityRating, age_floor

describe_enum(
    AdBreakKind,
    "Where in a video a break lies.",
    PRE_ROLL="Before it.",
    MID_ROLL="Within it, every 15 minutes.",
)


@strawberry.type(description="A break for ads. Which ads fill it is decided when it is reached.")
class AdBreakTemplate:
    kind: AdBreakKind = strawberry.field(description="Where it lies.")
    offset_seconds: int = strawberry.field(description="Distance from the start, in seconds.")

    @classmethod
    def of(cls, found: AdBreak) -> Self:
        """Return the GraphQL form of a break."""
        return cls(kind=found.kind, offset_seconds=found.offset_seconds)


@strawberry.federation.type(keys=["id"], description="Something that plays, with its breaks for ads.")
class Playable:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    duration_seconds: int | None = strawberry.federation.field(
        external=True, default=None, description="Length in seconds; null when it is not known."
    )
    genre_ids: list[strawberry.ID] = strawberry.federation.field(
        external=True, default_factory=list, description="Genres of its title."
    )
    maturity_rating: MaturityRating | None = strawberry.federation.field(
        external=True, default=None, description="Its rating; null is unrated."
    )

    @strawberry.federation.field(
        requires=["durationSeconds", "genreIds", "maturityRating"],
        description=(
            "Breaks for ads, in order: one before it and, beyond 30 minutes, one every 15 minutes. Empty with a "
            "subscription, in kids profiles and for what the profile may not see."
        ),
    )
    async def ad_schedule(self, info: Info) -> list[AdBreakTemplate] | None:
        if age_floor(self.maturity_rating) > info.context.viewer.age_limit:
            return []
        if not await info.context.loaders.shows_ads():
            return []
        return [AdBreakTemplate.of(found) for found in ad_breaks(self.duration_seconds)]

    @classmethod
    async def resolve_references(cls, references: list[Reference], _info: Info) -> Sequence[Self | None]:
        """Return every playable that is asked for: whether it exists is known to its owner only."""
        decoded = decode_ids_leniently([str(reference.get("id")) for reference in references], "Playable")
        return [
            cls._of(str(global_id), reference) if global_id else None
            for global_id, reference in zip(decoded, references, strict=True)
        ]

    @classmethod
    def _of(cls, global_id: str, reference: Reference) -> Self:
        rating, duration_seconds = reference.get("maturityRating"), reference.get("durationSeconds")
        return cls(
            id=strawberry.ID(global_id),
            duration_seconds=duration_seconds if isinstance(duration_seconds, int) else None,
            genre_ids=list(reference.get("genreIds") or ()),
            maturity_rating=MaturityRating(rating) if rating and rating in MaturityRating.__members__ else None,
        )


@strawberry.type(description="What is shown.")
class Creative:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    name: str = strawberry.field(description="Text for people who do not see the picture.")
    media_url: URL = strawberry.field(description="The picture.")
    category: str = strawberry.field(description="Trade of the advertiser.")


@strawberry.type(description="An ad that was chosen for a viewer.")
class AdDecision:
    id: strawberry.ID = strawberry.field(description="The same for the same viewer, slot and ad.")
    advertiser: str = strawberry.field(description="Who pays for it; to be shown with it.")
    creative: Creative = strawberry.field(description="What is shown.")
    click_through_url: URL | None = strawberry.field(description="Where a click leads; null for no link.")

    @classmethod
    def of(cls, decision: Decision, *, public_url: str) -> Self:
        """Return the GraphQL form of a decision."""
        ad = decision.ad
        creative = Creative(
            id=strawberry.ID(encode_id("Creative", ad.creative_id)),
            name=ad.name,
            media_url=URL(f"{public_url.rstrip('/')}{ad.image_path}"),
            category=ad.category,
        )
        return cls(
            id=strawberry.ID(encode_id("AdDecision", decision.decision_id)),
            advertiser=ad.advertiser,
            creative=creative,
            click_through_url=URL(ad.click_through_url) if ad.click_through_url else None,
        )


@strawberry.federation.type(keys=["id"], description="A place for an ad on a page.")
class AdSlot:
    slot: strawberry.Private[UUID]
    id: strawberry.ID = strawberry.field(description="Opaque global id.")

    @strawberry.field(
        description=(
            "The ad to show; null with a subscription, in kids profiles and when there is none to show. Chosen by who "
            "watches only with the consent TARGETED_ADS, else by the place on the page and the country."
        )
    )
    async def decision(self, info: Info) -> AdDecision | None:
        loaders = info.context.loaders
        chosen = decide(await loaders.candidates(), viewer=await loaders.targeting_key(), slot=self.slot)
        return AdDecision.of(chosen, public_url=info.context.public_url) if chosen else None

    @classmethod
    async def resolve_references(cls, references: list[Reference], _info: Info) -> Sequence[Self | None]:
        """Return every slot that is asked for: they are made by whoever lays out the page."""
        decoded = decode_ids_leniently([str(reference.get("id")) for reference in references], "AdSlot")
        return [
            cls(id=strawberry.ID(str(global_id)), slot=global_id.uuid) if global_id else None for global_id in decoded
        ]
