"""What the demo platform's curators made: one collection, put together by hand, and its tray on the home page."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from subgraphs.catalog.models import TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.repository.collections import collections_by_id
from subgraphs.catalog.service.collections import CollectionRequest, upsert_collection
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.workflow import Editor
from subgraphs.recommendations.models.words import PageSlug, RowSource, TrayLayout
from subgraphs.recommendations.service.curating import TrayRequest, upsert_tray
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating
from workers.services import Services

TITLES = 12

_NAMESPACE = UUID("5f1d3a52-6a39-5e0c-8a5f-0d1f6c1b7e44")
COLLECTION, TRAY = uuid5(_NAMESPACE, "rainy-days"), uuid5(_NAMESPACE, "HOME/rainy-days")
_CURATOR = Editor("seed", frozenset({"cms:curate"}))
_AFTER_PERSONAL_TRAYS = 45


async def seed_curated(services: Services, titles: Sequence[TitleRecord]) -> bool:
    """Store the collection and the tray unless they are there; return whether they were not.

    The collection has the first films that everybody may see everywhere and for good.
    """
    now = services.clock()
    async with services.outboxes["catalog"].writing() as session:
        if await collections_by_id(session, [COLLECTION], published_only=False):
            return False
        request = CollectionRequest(
            id=None,
            made_as=COLLECTION,
            slug="rainy-days",
            texts={
                "en": Text("For rainy days", "Films to stay in for."),
                "hi": Text("बारिश के दिनों के लिए", "घर बैठकर देखने की फ़िल्में।"),
            },
            title_ids=[encode_id("Movie", each.id) for each in titles if _is_for_everybody(each)][:TITLES],
            is_published=True,
        )
        await upsert_collection(session, _CURATOR, request, now=now)
    async with services.outboxes["recommendations"].writing() as session:
        tray = TrayRequest(
            id=None,
            made_as=TRAY,
            page=PageSlug.HOME,
            position=_AFTER_PERSONAL_TRAYS,
            layout=TrayLayout.POSTER,
            headings={"en": "For rainy days", "hi": "बारिश के दिनों के लिए"},
            source=RowSource.COLLECTION,
            argument=encode_id("Collection", COLLECTION),
        )
        await upsert_tray(session, tray)
    await services.recommendations.drop_boards()
    return True


def _is_for_everybody(title: TitleRecord) -> bool:
    return (
        title.kind is TitleKind.MOVIE
        and title.maturity_rating is MaturityRating.U
        and title.countries is None
        and title.available_until is None
    )
