"""What a collection's rule finds reaches the trays of pages."""

import sqlalchemy as sa

from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.service.collections import CollectionRequest, upsert_collection
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.service.writing import store_titles
from tests.subgraphs.catalog.support import id_of, movie
from tests.workers.conftest import NOW
from workers.draining import drain_all
from workers.publishing import tell_of_collections
from workers.services import Services

DRAMAS = CollectionRequest(
    id=None,
    slug="dramas",
    texts={"en": Text("Dramas", "")},
    rule=TitleCriteria(genre_slugs=("drama",)),
    is_published=True,
)


async def known_titles(services: Services) -> list[list[str]]:
    """Return the titles of each collection as trays know them."""
    async with services.outboxes["recommendations"].reading() as session:
        return list((await session.execute(sa.text("SELECT title_ids FROM collections"))).scalars())


async def test_a_title_that_a_rule_finds_later_reaches_the_trays(services: Services) -> None:
    first, second = movie("First"), movie("Second")
    async with services.outboxes["catalog"].writing() as session:
        await store_titles(session, [first], now=NOW)
        await upsert_collection(session, Editor("curator", frozenset({"cms:curate"})), DRAMAS, now=NOW)
    await drain_all(services)
    before = await known_titles(services)

    async with services.outboxes["catalog"].writing() as session:
        await store_titles(session, [second], now=NOW)
    told = [await tell_of_collections(services), await tell_of_collections(services)]
    await drain_all(services)

    assert before == [[id_of(first)]]
    assert told == [1, 0]
    [after] = await known_titles(services)
    assert sorted(after) == sorted([id_of(first), id_of(second)])
