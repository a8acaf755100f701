"""Profile as seen from here: what is recommended to it."""

from collections.abc import Sequence
from uuid import UUID

import strawberry
from strawberry.types import Info

from subgraphs.recommendations.context import Context
from subgraphs.recommendations.errors import OtherProfileError
from subgraphs.recommendations.models.rows import ReasonNote, RowEntry
from subgraphs.recommendations.models.words import PageSlug, ReasonKind
from subgraphs.recommendations.service import pages
from subgraphs.recommendations.types.titles import Reason, Title, title_of
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
from subgraphs.shared.ids import decode_ids_leniently

_LIST = UUID("3c0f7b52-58a8-4f0e-8b8e-6a1f0f0c9d12")
_SCOPE = "recommendations"


@strawberry.type(description="A recommended title.")
class RecommendationEdge:
    cursor: str = strawberry.field(description="Where to go on after this title.")
    node: Title | None = strawberry.field(description="The title; null when it went away meanwhile.")
    score: float = strawberry.field(description="How well it suits the profile; higher is better.")
    reason: Reason = strawberry.field(description="Why it is recommended.")
    tracking_token: str = strawberry.field(description="Opaque name of this impression, to be sent with feedback.")


@strawberry.type(description="A page of recommendations.")
class RecommendationConnection:
    edges: list[RecommendationEdge] = strawberry.field(description="The titles, best first.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
    degraded: bool = strawberry.field(
        description="True when a store failed and trending titles stand in for personal ones."
    )


@strawberry.federation.type(keys=["id"], description="A person of an account, with what is recommended to it.")
class Profile:
    id: strawberry.ID = strawberry.field(description="Global id of the profile.")

    @strawberry.federation.field(
        authenticated=True,
        description="Titles that suit the profile and that it has neither played nor disliked, best first; what is "
        "trending for a profile without history and for kids. For the active profile only.",
    )
    async def recommendations(
        self, info: Info[Context, None], first: First = 20, after: After = None
    ) -> RecommendationConnection | None:
        context = info.context
        if context.viewer.require_user() and self.id != context.viewer.profile_id:
            raise OtherProfileError
        check_page_size(first)
        key = decode_cursor(after, _SCOPE, int, str)
        snapshot = await context.rows.read([PageSlug.HOME], viewer=context.viewer)
        entries = pages.recommended_entries(
            snapshot.boards[0], snapshot.personal, at=snapshot.at, country=context.viewer.country
        )
        start = 0 if key is None else _place_after(entries, place=key[0], title_id=key[1])
        page = make_page(
            list(enumerate(entries))[start : start + first + 1],
            first,
            lambda ranked: encode_cursor(_SCOPE, ranked[0] + 1, ranked[1].title_id),
            after=after,
        )
        edges = [
            _edge(entry, place + 1, cursor, context)
            for (place, entry), cursor in zip(page.rows, page.cursors, strict=True)
        ]
        return RecommendationConnection(edges=edges, page_info=page.page_info, degraded=snapshot.degraded)

    @classmethod
    async def resolve_references(
        cls,
        references: Sequence[Reference],
        info: Info[Context, None],  # noqa: ARG003  # every entity has this signature
    ) -> "list[Profile | None]":
        """Return the profiles without looking them up: only the active one has anything to show here."""
        ids = [str(reference.get("id")) for reference in references]
        return [
            None if decoded is None else cls(id=strawberry.ID(global_id))
            for global_id, decoded in zip(ids, decode_ids_leniently(ids, "Profile"), strict=True)
        ]


def _place_after(entries: Sequence[RowEntry], *, place: int, title_id: str) -> int:
    return next((index + 1 for index, entry in enumerate(entries) if entry.title_id == title_id), max(0, place))


def _edge(entry: RowEntry, rank: int, cursor: str, context: Context) -> RecommendationEdge:
    note = entry.reason or ReasonNote(ReasonKind.TRENDING)
    return RecommendationEdge(
        cursor=cursor,
        node=title_of(entry.title_id),
        score=entry.score,
        reason=Reason(note=note, kind=note.kind),
        tracking_token=context.tokens.token(_LIST, rank=rank, item_id=entry.title_id),
    )
