"""Pages, trays and their items."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from operator import is_
from typing import Annotated

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.types import Info

from subgraphs.recommendations.config import ROW_LIFETIME
from subgraphs.recommendations.context import Context
from subgraphs.recommendations.models.rows import CollectionEntry, item_id
from subgraphs.recommendations.models.words import PageSlug, TrayKind, TrayLayout
from subgraphs.recommendations.service import pages
from subgraphs.recommendations.service.boards import Snapshot
from subgraphs.recommendations.service.wording import heading_text
from subgraphs.recommendations.types.titles import Collection, LocaleArgument, Reason, Title, reason_of, title_of
from subgraphs.shared.graphql.kept import keeps_answers, lasting
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
from subgraphs.shared.values import DeviceType

_MOST_CONNECTIONS = 4
"""Of pages with the same first tray: clients choose how many trays they want, and ads make others of those below."""


@keeps_answers()
@strawberry.federation.type(
    keys=[Key(fields=FieldSet("id"), resolvable=False)], description="A place for an advertisement."
)
class AdSlot:
    id: strawberry.ID = strawberry.field(description="Global id of the slot: the same for this tray and place.")


@keeps_answers()
@strawberry.type(description="A title in a tray.")
class TitleItem:
    title: Title | None = strawberry.field(description="The title; null when it went away meanwhile.")


@keeps_answers()
@strawberry.type(description="A collection in a tray: the viewer may see one of its titles at least.")
class CollectionItem:
    collection: Collection | None = strawberry.field(description="The collection; null when it went away meanwhile.")


@keeps_answers()
@strawberry.type(description="A place for an advertisement in a tray. Premium viewers and kids profiles have none.")
class AdItem:
    slot: AdSlot | None = strawberry.field(description="The slot, to be filled by the ads subgraph.")


TrayItem = Annotated[
    TitleItem | CollectionItem | AdItem,
    strawberry.union("TrayItem", description="What can stand in a tray; more kinds may follow."),
]


@keeps_answers()
@strawberry.type(description="An item of a tray at its rank.")
class TrayItemEdge:
    cursor: str = strawberry.field(description="Where to go on after this item.")
    rank: int = strawberry.field(description="Place in the tray, from 1; an ad slot takes one too.")
    tracking_token: str = strawberry.field(description="Opaque name of this impression, to be sent with feedback.")
    reason: Reason | None = strawberry.field(description="Why the item is here; null for an ad slot.")
    node: TrayItem = strawberry.field(description="The item.")


@keeps_answers()
@strawberry.type(description="A page of a tray's items.")
class TrayItemConnection:
    edges: list[TrayItemEdge] = strawberry.field(description="The items in order.")
    page_info: PageInfo = strawberry.field(description="Where this page of items lies.")


# One object for all who see the same (`tray_of`).
@keeps_answers(by=Context.words_of_viewer)
@strawberry.federation.type(keys=["id"], description="A row of titles, or of collections, with a heading.")
class Tray:
    shown: strawberry.Private[pages.ShownTray]
    id: strawberry.ID = strawberry.field(description="Global id: the same for this tray on this page every day.")
    kind: TrayKind = strawberry.field(description="What the tray is about.")
    layout: TrayLayout = strawberry.field(description="How to draw it.")
    is_personalised: bool = strawberry.field(description="Whether it is made from what this profile did.")
    reason: Reason | None = strawberry.field(description="Why the tray is shown; null for a mix of reasons.")
    tracking_token: str = strawberry.field(description="Opaque name of the tray, to be sent with feedback.")

    @strawberry.field(description="The heading, ready to show.")
    @lasting
    def heading(self, info: Info[Context, None], locale: LocaleArgument = None) -> str:
        locales = info.context.viewer.locales(locale)
        return heading_text(self.shown.headings, locales, because=self.shown.because)

    @strawberry.field(description="The items, best first, with an ad slot among them where the tray has one.")
    @lasting
    def items(self, info: Info[Context, None], first: First = 10, after: After = None) -> TrayItemConnection:
        check_page_size(first)
        scope = f"tray:{self.shown.uuid.hex}"
        key = decode_cursor(after, scope, int, str)
        start = 0 if key is None else pages.place_after(self.shown, rank=key[0], seen_id=key[1])
        page = make_page(
            pages.items_of(self.shown, start=start, count=first + 1),
            first,
            lambda item: _item_cursor(scope, item.rank, item_id(item.entry) if item.entry else ""),
            after=after,
        )
        edges = [self._edge(item, cursor, info.context) for item, cursor in zip(page.rows, page.cursors, strict=True)]
        return TrayItemConnection(edges=edges, page_info=page.page_info)

    def _edge(self, item: pages.ShownItem, cursor: str, context: Context) -> TrayItemEdge:
        node: TitleItem | CollectionItem | AdItem
        if item.entry is None:
            node, reason, own = AdItem(slot=AdSlot(id=strawberry.ID(item.slot_id or ""))), None, ""
        else:
            own, reason = item_id(item.entry), reason_of(item.entry.reason or self.shown.reason)
            if isinstance(item.entry, CollectionEntry):
                node = CollectionItem(collection=Collection(id=strawberry.ID(own)))
            else:
                node = TitleItem(title=title_of(own))
        token = context.tokens.token(self.shown.uuid, rank=item.rank, item_id=own)
        return TrayItemEdge(cursor=cursor, rank=item.rank, tracking_token=token, reason=reason, node=node)

    @classmethod
    async def resolve_references(
        cls, references: Sequence[Reference], info: Info[Context, None]
    ) -> "list[Tray | None]":
        """Return the trays that are on a page of the viewer at present; null for the others."""
        trays = await trays_by_id(info.context)
        return [trays.get(str(reference.get("id"))) for reference in references]


@keeps_answers()
@strawberry.type(description="A tray and its place in the list of trays.")
class TrayEdge:
    cursor: str = strawberry.field(description="Where to go on after this tray.")
    node: Tray = strawberry.field(description="The tray.")


# One object for all who see the same trays (`_connection_of`).
@keeps_answers()
@strawberry.type(description="A page of a page's trays.")
class TrayConnection:
    edges: list[TrayEdge] = strawberry.field(description="The trays in order.")
    page_info: PageInfo = strawberry.field(description="Where this page of trays lies.")


@strawberry.federation.type(keys=["id"], description="A page made of trays.")
class Page:
    snapshot: strawberry.Private[Snapshot]
    board_index: strawberry.Private[int]
    id: strawberry.ID = strawberry.field(description="Global id of the page.")
    slug: PageSlug = strawberry.field(description="Which page it is.")
    degraded: bool = strawberry.field(
        description="True when a store failed and the page does without personal trays; ask again soon."
    )
    refresh_after: datetime = strawberry.field(description="When it is worth asking again.")

    @strawberry.field(description="The trays, top first. Trays with too few titles for the viewer are left out.")
    def trays(self, info: Info[Context, None], first: First = 10, after: After = None) -> TrayConnection:
        check_page_size(first)
        scope = f"trays:{self.slug.value}"
        key = decode_cursor(after, scope, str)
        shown = shown_trays(self.snapshot, self.board_index)
        start = 0
        if key is not None:
            start = next((index + 1 for index, tray in enumerate(shown) if tray.uuid.hex == key[0]), len(shown))
        return _connection_of(shown[start : start + first + 1], first, scope=scope, after=after, context=info.context)

    @classmethod
    async def resolve_references(
        cls, references: Sequence[Reference], info: Info[Context, None]
    ) -> "list[Page | None]":
        """Return the pages with these ids; null for what is no page."""
        slugs = [pages.PAGES_BY_ID.get(str(reference.get("id"))) for reference in references]
        found = await pages_by_slug(info.context, [slug for slug in slugs if slug is not None])
        return [None if slug is None else found[slug] for slug in slugs]


async def pages_by_slug(
    context: Context, slugs: Sequence[PageSlug], *, device: DeviceType | None = None
) -> dict[PageSlug, Page]:
    """Return the pages, read in one round trip."""
    wanted = list(dict.fromkeys(slugs))
    snapshot = await context.rows.read(wanted, viewer=context.viewer, device=device)
    return {slug: page_of(snapshot, index, slug) for index, slug in enumerate(wanted)}


def page_of(snapshot: Snapshot, board_index: int, slug: PageSlug) -> Page:
    """Return the GraphQL form of a page: it is worth reading again when its rows are old, or a tray comes or goes."""
    board = snapshot.boards[board_index]
    return Page(
        snapshot=snapshot,
        board_index=board_index,
        id=strawberry.ID(pages.page_id(slug)),
        slug=slug,
        degraded=snapshot.degraded,
        refresh_after=pages.next_change(board, after=snapshot.at) or board.built_at + ROW_LIFETIME,
    )


async def trays_by_id(context: Context, *, device: DeviceType | None = None) -> dict[str, Tray]:
    """Return every tray of every page as the viewer sees it, read in one round trip."""
    snapshot = await context.rows.read(list(PageSlug), viewer=context.viewer, device=device)
    return {
        shown.id: tray_of(shown, context) for index in range(len(PageSlug)) for shown in shown_trays(snapshot, index)
    }


# Most trays are the same for everybody, and so are their cursors; 3 MB in each process when full.
@lru_cache(maxsize=8192)
def _item_cursor(scope: str, rank: int, title_id: str) -> str:
    return encode_cursor(scope, rank, title_id)


def shown_trays(snapshot: Snapshot, board_index: int) -> list[pages.ShownTray]:
    """Return the trays of one board of the snapshot as the viewer sees them."""
    return pages.shown_trays(
        snapshot.boards[board_index],
        snapshot.personal,
        spectator=snapshot.spectator,
        with_ads=snapshot.with_ads,
    )


def _connection_of(
    shown: Sequence[pages.ShownTray], first: int, *, scope: str, after: str | None, context: Context
) -> TrayConnection:
    """Return the page of at most `first` trays; a page's beginning is the same object for the same trays, which are the
    same objects for all who see the same of them."""
    # A profile's own tray is there for that profile alone, and so is what it stands in.
    made = next((tray.made for tray in shown if tray.is_personalised), shown[0].made if shown else {})
    arguments = first, scope
    for known_arguments, known_trays, known in made.get("connections", ()) if after is None else ():
        if known_arguments == arguments and len(known_trays) == len(shown) and all(map(is_, known_trays, shown)):
            return known  # type: ignore[no-any-return]  # it was put there below
    page = make_page(shown, first, lambda tray: encode_cursor(scope, tray.uuid.hex), after=after)
    edges = [
        TrayEdge(cursor=cursor, node=tray_of(tray, context))
        for tray, cursor in zip(page.rows, page.cursors, strict=True)
    ]
    connection = TrayConnection(edges=edges, page_info=page.page_info)
    if after is None:  # cursors are texts of clients, of any length
        made["connections"] = [(arguments, shown, connection), *made.get("connections", ())][:_MOST_CONNECTIONS]
    return connection


def tray_of(shown: pages.ShownTray, context: Context) -> Tray:
    """Return the GraphQL form of a tray, the same object for the same tray."""
    known: Tray | None = shown.made.get("tray")
    if known is None:
        known = shown.made["tray"] = Tray(
            shown=shown,
            id=strawberry.ID(shown.id),
            kind=shown.kind,
            layout=shown.layout,
            is_personalised=shown.is_personalised,
            reason=reason_of(shown.reason),
            tracking_token=context.tokens.token(shown.uuid),
        )
    return known
