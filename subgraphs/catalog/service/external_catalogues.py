"""Gathering the catalogues of others, by the worker alone: no request waits for anybody else.

What was last read of a catalogue stays until it was read anew, whole: a source that does not answer, answers
something else or breaks off changes nothing. A catalogue is read outside of any transaction and stored in one.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways.catalogues import ExternalCatalogue, adapter_of
from subgraphs.catalog.repository import external
from subgraphs.catalog.service.external_offers import ExternalOffer, Reading, offer_id, read_offers
from subgraphs.catalog.service.words import document_words, normal_form
from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import age_floor

FETCH_SECONDS = 45.0
"""Longest time for one catalogue, all pages and tries together."""
TURN = timedelta(seconds=30)
"""After so long no further catalogue is begun; with the last one a turn stays below the worker's two minutes."""
HELD_FOR = timedelta(minutes=5)
"""How long one worker has a catalogue to itself; if it dies, another may read it then."""
TRY_AGAIN_AFTER = timedelta(minutes=5)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of one turn: catalogues that were stored, and those that could not be had."""

    stored: int
    failed: int


class CatalogueGatherer:
    """Reads the configured catalogues when they are due; any number of workers share them.

    Args:
        sources: What is configured. Catalogues that are not in it any more are forgotten.
        database: The catalog's.
        clock: Says what is due.
        adapter: Returns what reads a source.
    """

    def __init__(
        self,
        sources: Sequence[CatalogueSource],
        database: Database,
        *,
        clock: Clock,
        adapter: Callable[[CatalogueSource], ExternalCatalogue] = adapter_of,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._database = database
        self._clock = clock
        self._adapter = adapter

    async def refresh_due(self) -> Refreshed:
        """Read every catalogue that is due, the longest due first. One that fails is due again after five minutes."""
        stored = failed = 0
        began = self._clock()
        while self._clock() - began < TURN:
            now = self._clock()
            async with self._database.writing() as session:
                await external.enrol(session, list(self._sources), now=now)
                name = await external.claim(session, list(self._sources), now=now, until=now + HELD_FOR)
            if name is None:
                break
            if await self._refresh(self._sources[name], now):
                stored += 1
            else:
                failed += 1
        return Refreshed(stored, failed)

    async def _refresh(self, source: CatalogueSource, now: datetime) -> bool:
        """Read and store one catalogue; return whether that went well."""
        every = timedelta(minutes=source.refresh_minutes)
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                rows = await self._adapter(source).rows()
            # A second or two for a large catalogue, which everything else on this loop need not wait for.
            reading = await asyncio.to_thread(read_offers, rows, catalogue=source.name)
            _check(reading)
            await self._store(source.name, reading, now=now, due_at=now + every)
        except TimeoutError:
            problem = f"It took longer than {FETCH_SECONDS:.0f} seconds."
        except CatalogueUnavailableError as error:
            problem = error.message
        except ServiceUnavailableError:
            raise  # our own database: the next worker tries again when the claim runs out
        except Exception as error:  # noqa: BLE001 - an adapter's fault must not hold up the other catalogues
            _log.exception("external_catalogue_fault", catalogue=source.name)
            problem = f"A fault of ours: {type(error).__name__}."
        else:
            return True
        _log.warning("external_catalogue_failed", catalogue=source.name, problem=problem)
        due_at = now + min(every, TRY_AGAIN_AFTER)
        async with self._database.writing() as session:
            await external.note_failure(session, source.name, problem, tried_at=now, due_at=due_at)
        return False

    async def _store(self, name: str, reading: Reading, *, now: datetime, due_at: datetime) -> None:
        problem = f"{reading.bad_rows} rows were left out. {reading.first_problem}" if reading.bad_rows else None
        rows = await asyncio.to_thread(_rows, name, reading, fetched_at=now)
        async with self._database.writing() as session:
            is_newest = await external.lock_if_newest(session, name, fetched_at=now)
            if not is_newest:
                return
            await external.store(session, rows)
            gone = 0
            if not reading.nameless:
                gone = await external.forget_older(session, name, than=now, keep=reading.bad_keys)
            await external.note_success(session, name, refreshed_at=now, due_at=due_at, failure=problem)
        _log.info("external_catalogue_stored", catalogue=name, titles=len(rows), gone=gone, left_out=reading.bad_rows)


def _check(reading: Reading) -> None:
    """Let pass what can be a catalogue.

    Raises:
        CatalogueUnavailableError: It has no title, or more rows are wrong than right.
    """
    if reading.bad_rows > len(reading.offers):
        raise CatalogueUnavailableError(f"{reading.bad_rows} rows are wrong. {reading.first_problem}")
    if not reading.offers:
        raise CatalogueUnavailableError("It has no titles, which is taken for a fault.")


def _rows(catalogue: str, reading: Reading, *, fetched_at: datetime) -> list[dict[str, Any]]:
    return [_row(catalogue, offer, fetched_at=fetched_at) for offer in reading.offers]


def _row(catalogue: str, offer: ExternalOffer, *, fetched_at: datetime) -> dict[str, Any]:
    return {
        "id": offer_id(catalogue, offer.key),
        "catalogue": catalogue,
        "key": offer.key,
        "source": offer.source.value,
        "source_name": offer.source_name,
        "name": offer.name,
        "sort_name": normal_form(offer.name),
        "words": document_words([offer.name], (), ()),
        "language": offer.language,
        "cost_minor": offer.cost.amount_minor if offer.cost else None,
        "currency": offer.cost.currency if offer.cost else None,
        "deep_link": offer.deep_link,
        "maturity_rating": offer.maturity_rating.value if offer.maturity_rating else None,
        "age_floor": age_floor(offer.maturity_rating),
        "external_ids": offer.external_ids,
        "fetched_at": fetched_at,
    }
