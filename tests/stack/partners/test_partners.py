"""The demo's catalogues of others are whole, right, and name films of the demo catalogue."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from stack.partners import partner_catalogues
from stack.seed.catalogue import build_catalogue
from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.gateways.catalogues import adapter_of
from subgraphs.catalog.service.external_offers import read_offers

SOURCES = TypeAdapter(list[CatalogueSource]).validate_python(partner_catalogues())


@pytest.mark.parametrize("source", SOURCES, ids=[source.name for source in SOURCES])
async def test_a_catalogue_of_the_demo_is_whole_and_names_its_films(source: CatalogueSource) -> None:
    names = {
        each.external_ids[0]: {text.name for text in each.texts.values()}
        for each in build_catalogue(datetime(2026, 3, 1, tzinfo=UTC))
        if each.external_ids
    }

    reading = read_offers(await adapter_of(source).rows(), catalogue=source.name)

    assert reading.first_problem is None
    shared = [offer for offer in reading.offers if offer.external_ids]
    assert 0 < len(shared) < len(reading.offers)
    assert all(offer.name in names[offer.external_ids[0]] for offer in shared)
