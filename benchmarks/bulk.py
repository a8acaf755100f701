"""How long a bulk change of many titles takes: `python -m benchmarks.bulk [--titles N]`, on a throw-away PostgreSQL.

Counts the worker's part: from the first pending title to the last, viewers' tables, events and log included.
"""

import argparse
import asyncio
import time
from pathlib import Path
from uuid import uuid4

from benchmarks.search import throwaway_postgres
from subgraphs.catalog.models import CreditRole, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service import bulk
from subgraphs.catalog.service.bulk import BulkChange, BulkRequest, request_bulk
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import CreditRecord, TitleRecord
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.service.writing import finish_bulk_load, store_titles
from subgraphs.shared.clock import system_clock
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database, upgrade_databases
from subgraphs.shared.values import MaturityRating, Tier

_MIGRATIONS = Path(__file__).parent.parent / "subgraphs" / "catalog" / "migrations"


def film(number: int) -> TitleRecord:
    """Return a film like others."""
    return TitleRecord(
        id=uuid4(),
        kind=TitleKind.MOVIE,
        slug=f"film-{number}",
        original_name=f"Film {number}",
        texts={"en": Text(f"Film {number}", "About it."), "hi": Text(f"फ़िल्म {number}", "इसके बारे में।")},
        release_date=None,
        release_year=2020,
        maturity_rating=MaturityRating.U,
        required_tier=Tier.FREE,
        audio_languages=("hi", "en"),
        subtitle_languages=("en",),
        published_at=system_clock(),
        genres=(KNOWN_GENRES["drama"], KNOWN_GENRES["comedy"]),
        credits=tuple(CreditRecord(f"Actor {number % 50 + place}", CreditRole.ACTOR) for place in range(6)),
        duration_seconds=6000,
    )


async def measure(url: str, titles: int) -> None:
    """Store so many titles, change them all, and print how long it took."""
    database = Database(url, "catalog", pool_size=1, timeout_seconds=60)
    films = [film(number) for number in range(titles)]
    async with database.writing() as session:
        await store_titles(session, films, now=system_clock())
        await finish_bulk_load(session)
    change = BulkChange(add_genre_ids=(KNOWN_GENRES["drama"].id,), tier=Tier.PREMIUM)
    ids = [encode_id("Movie", film.id) for film in films]
    request = BulkRequest(Editor("admin", frozenset({bulk.SCOPE})), ids, change, "benchmark", system_clock())
    async with database.writing() as session:
        await request_bulk(session, request)
    started, changed = time.perf_counter(), 0
    while True:
        async with database.writing() as session:
            step = await bulk.advance(session, now=system_clock())
        changed += step.titles
        if not step.titles:
            break
    print(f"{changed} titles changed and shown in {time.perf_counter() - started:.1f} s")
    await database.close()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk", description=__doc__)
    parser.add_argument("--titles", type=int, default=1000)
    options = parser.parse_args()
    with throwaway_postgres() as url:
        upgrade_databases(url, {"catalog": _MIGRATIONS})
        asyncio.run(measure(url, options.titles))


if __name__ == "__main__":
    main()
