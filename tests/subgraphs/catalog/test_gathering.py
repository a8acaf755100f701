"""Catalogues of others are read when they are due, and what was last read stays until they were read anew, whole."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from subgraphs.catalog.config import CatalogueSource, ExternalCatalogueSettings
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways.catalogues import Row, adapter_of
from subgraphs.catalog.models import ExternalCatalogue, ExternalTitle, table
from subgraphs.catalog.repository import external
from subgraphs.catalog.service import external_catalogues
from subgraphs.catalog.service.external_catalogues import CatalogueGatherer, Refreshed
from subgraphs.shared.postgres import Database
from tests.subgraphs.catalog.support import NOW, Client, TurnedClock

HOUR = timedelta(hours=1)
GOOD, BAD, NONE_DUE = Refreshed(stored=1, failed=0), Refreshed(stored=0, failed=1), Refreshed(stored=0, failed=0)
NETFLIX = CatalogueSource(name="netflix", adapter="scripted", url="https://netflix.example/")
PRIME = CatalogueSource(name="prime", adapter="scripted", url="https://prime.example/", refresh_minutes=10)


def row(key: str, name: str | None = None, **more: object) -> Row:
    return {"id": key, "name": name or f"Film {key}", **more}


class Scripted:
    """A catalogue at our port that gives or raises what a test wants, one thing after the other."""

    def __init__(self, *answers: Sequence[Row] | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def rows(self) -> list[Row]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return list(answer)


class Waiting:
    """A catalogue that answers, or fails, when it is let."""

    def __init__(self, answer: Sequence[Row] | Exception) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()
        self._answer = Scripted(answer)

    async def rows(self) -> list[Row]:
        self.asked.set()
        await self.let.wait()
        return await self._answer.rows()


class Shelf:
    """What a new source takes: this class, and a line of configuration that names it."""

    def __init__(self, source: CatalogueSource) -> None:
        self._source = source

    async def rows(self) -> list[Row]:
        return [{"id": "s1", "name": "On the shelf", "deepLink": f"{self._source.url}/s1"}]


def gatherer(
    database: Database, clock: Callable[[], datetime], adapter: Any, *sources: CatalogueSource
) -> CatalogueGatherer:
    return CatalogueGatherer(sources or (NETFLIX,), database, clock=clock, adapter=lambda _source: adapter)


async def stored(catalog: Client) -> list[tuple[str, str, datetime]]:
    """Return key, name and age of every title of others."""
    titles = table(ExternalTitle).c
    statement = sa.select(titles.key, titles.name, titles.fetched_at).order_by(titles.catalogue, titles.key)
    async with catalog.database.reading() as session:
        return [(each.key, each.name, each.fetched_at) for each in await session.execute(statement)]


async def everything(catalog: Client) -> list[Any]:
    async with catalog.database.reading() as session:
        return sorted(map(repr, await session.execute(table(ExternalTitle).select())))


async def noted(catalog: Client) -> Any:
    """Return when the only catalogue was read and is due, and what was wrong."""
    catalogues = table(ExternalCatalogue).c
    statement = sa.select(catalogues.refreshed_at, catalogues.due_at, catalogues.failure)
    async with catalog.database.reading() as session:
        return tuple((await session.execute(statement)).one())


@pytest.mark.requirement("CS-02")
async def test_a_catalogue_is_read_when_it_is_due_and_then_as_it_is(catalog: Client, clock: TurnedClock) -> None:
    source = Scripted([row("1"), row("2"), row("3")], [row("2"), row("3", "Renamed"), row("4")])
    gathering = gatherer(catalog.database, clock, source)
    assert await gathering.refresh_due() == GOOD
    assert await stored(catalog) == [("1", "Film 1", NOW), ("2", "Film 2", NOW), ("3", "Film 3", NOW)]

    clock.turn(HOUR - timedelta(seconds=1))
    assert await gathering.refresh_due() == NONE_DUE
    assert source.asked == 1
    clock.turn(timedelta(seconds=1))
    assert await gathering.refresh_due() == GOOD

    later = NOW + HOUR
    assert await stored(catalog) == [("2", "Film 2", later), ("3", "Renamed", later), ("4", "Film 4", later)]
    assert await noted(catalog) == (later, later + HOUR, None)


@pytest.mark.requirement("CS-02")
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        pytest.param(CatalogueUnavailableError("It is down."), "It is down.", id="down"),
        pytest.param(RuntimeError("secret"), "A fault of ours: RuntimeError.", id="a fault in the adapter"),
        pytest.param([], "It has no titles, which is taken for a fault.", id="nothing"),
        pytest.param(
            [row("1"), {"id": "2"}, {"x": 3}],
            "2 rows are wrong. Row 2: `name` must be a text that is not empty.",
            id="rubbish",
        ),
    ],
)
async def test_what_was_last_read_stays_while_there_is_nothing_better(
    catalog: Client, clock: TurnedClock, answer: Any, problem: str
) -> None:
    source = Scripted([row("1"), row("2")], answer, answer, [row("2")])
    gathering = gatherer(catalog.database, clock, source)
    await gathering.refresh_due()
    before = await everything(catalog)

    for _ in range(2):
        clock.turn(HOUR)
        assert await gathering.refresh_due() == BAD
        assert await everything(catalog) == before
        assert await noted(catalog) == (NOW, clock.now + timedelta(minutes=5), problem)

    clock.turn(timedelta(minutes=4))
    assert await gathering.refresh_due() == NONE_DUE
    clock.turn(timedelta(minutes=1))
    assert await gathering.refresh_due() == GOOD
    assert await stored(catalog) == [("2", "Film 2", clock.now)]
    assert (await noted(catalog))[2] is None


async def test_a_catalogue_that_never_ends_is_left(
    catalog: Client, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_catalogues, "FETCH_SECONDS", 0.01)

    assert await gatherer(catalog.database, clock, Waiting([row("1")])).refresh_due() == BAD

    assert await stored(catalog) == []
    assert (await noted(catalog))[2] == "It took longer than 0 seconds."


@pytest.mark.requirement("CS-02")
async def test_a_wrong_row_keeps_what_was_last_read_of_it_and_holds_up_no_other(
    catalog: Client, clock: TurnedClock
) -> None:
    answers = [row("1"), row("2"), row("3")], [row("1", "New"), row("2", language="English"), row("4")]
    gathering = gatherer(catalog.database, clock, Scripted(*answers))
    await gathering.refresh_due()
    clock.turn(HOUR)

    assert await gathering.refresh_due() == GOOD

    assert await stored(catalog) == [("1", "New", clock.now), ("2", "Film 2", NOW), ("4", "Film 4", clock.now)]
    assert (await noted(catalog))[2] == "1 rows were left out. Row 2: `language` must be a BCP 47 language tag."


@pytest.mark.requirement("CS-02")
async def test_while_a_row_cannot_be_told_which_it_is_nothing_leaves(catalog: Client, clock: TurnedClock) -> None:
    gathering = gatherer(catalog.database, clock, Scripted([row("1"), row("2")], [row("1"), {"name": "Whose?"}]))
    await gathering.refresh_due()
    clock.turn(HOUR)

    assert await gathering.refresh_due() == GOOD

    assert await stored(catalog) == [("1", "Film 1", clock.now), ("2", "Film 2", NOW)]


@pytest.mark.requirement("CS-02")
async def test_nothing_is_stored_by_halves(
    catalog: Client, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subgraphs.catalog.repository.external._ROWS_AT_ONCE", 1)
    gathering = gatherer(catalog.database, clock, Scripted([row("1"), row("2")], [row("0"), row("1", "New"), row("9")]))
    await gathering.refresh_due()
    before = await everything(catalog)
    async with catalog.database.writing() as session:
        await session.execute(sa.text("ALTER TABLE external_titles ADD CONSTRAINT no_nine CHECK (key <> '9')"))
    clock.turn(HOUR)

    with capture_logs() as logs:
        assert await gathering.refresh_due() == BAD

    assert await everything(catalog) == before
    assert await noted(catalog) == (NOW, clock.now + timedelta(minutes=5), "A fault of ours: IntegrityError.")
    assert [log["event"] for log in logs] == ["external_catalogue_fault", "external_catalogue_failed"]


async def test_two_workers_read_a_catalogue_once(catalog: Client, clock: TurnedClock) -> None:
    source = Scripted([row("1")])
    first, second = (gatherer(catalog.database, clock, source) for _ in range(2))

    turns = await asyncio.gather(first.refresh_due(), second.refresh_due())

    assert sum(turn.stored for turn in turns) == 1
    assert source.asked == 1


@pytest.mark.parametrize(
    "late", [[row("1", "Old"), row("2")], CatalogueUnavailableError("It is down.")], ids=["answers", "fails"]
)
async def test_who_was_overtaken_does_not_bring_back_what_is_old(
    catalog: Client, clock: TurnedClock, late: Any
) -> None:
    slow = Waiting(late)
    overtaken = asyncio.create_task(gatherer(catalog.database, clock, slow).refresh_due())
    await slow.asked.wait()
    clock.turn(external_catalogues.HELD_FOR)
    assert await gatherer(catalog.database, clock, Scripted([row("1", "New")])).refresh_due() == GOOD

    slow.let.set()
    await overtaken

    assert await stored(catalog) == [("1", "New", clock.now)]
    assert await noted(catalog) == (clock.now, clock.now + HOUR, None)


async def test_a_worker_reads_only_what_it_is_configured_for(catalog: Client) -> None:
    async with catalog.database.writing() as session:
        await external.enrol(session, ["netflix", "prime"], now=NOW)

        claims = [await external.claim(session, ["prime"], now=NOW, until=NOW + HOUR) for _ in range(2)]

    assert claims == ["prime", None]


async def test_a_catalogue_that_fails_does_not_hold_up_another(catalog: Client, clock: TurnedClock) -> None:
    adapters = {"netflix": Scripted(CatalogueUnavailableError("It is down.")), "prime": Scripted([row("1")])}
    gathering = CatalogueGatherer(
        (NETFLIX, PRIME), catalog.database, clock=clock, adapter=lambda source: adapters[source.name]
    )

    assert await gathering.refresh_due() == Refreshed(stored=1, failed=1)
    clock.turn(timedelta(minutes=10))
    assert await gathering.refresh_due() == Refreshed(stored=1, failed=1)

    assert await stored(catalog) == [("1", "Film 1", clock.now)]


async def test_a_turn_begins_no_further_catalogue_when_it_took_long(catalog: Client, clock: TurnedClock) -> None:
    class Slow(Scripted):
        async def rows(self) -> list[Row]:
            clock.turn(external_catalogues.TURN)
            return await super().rows()

    gathering = gatherer(catalog.database, clock, Slow([row("1")]), NETFLIX, PRIME)

    assert [await gathering.refresh_due() for _ in range(2)] == [GOOD, GOOD]

    assert len(await stored(catalog)) == 2


@pytest.mark.parametrize("left", [(PRIME,), ()], ids=["one of two", "none"])
async def test_a_catalogue_that_is_not_configured_any_more_is_forgotten(
    catalog: Client, clock: TurnedClock, left: tuple[CatalogueSource, ...]
) -> None:
    source = Scripted([row("1")])
    await gatherer(catalog.database, clock, source, NETFLIX, PRIME).refresh_due()
    assert len(await stored(catalog)) == 2

    assert await CatalogueGatherer(left, catalog.database, clock=clock).refresh_due() == NONE_DUE

    assert len(await stored(catalog)) == len(left)


@pytest.mark.requirement("CS-04")
async def test_a_new_source_is_one_class_and_its_configuration(catalog: Client, clock: TurnedClock) -> None:
    line = {"name": "shelf", "adapter": f"{__name__}:Shelf", "url": "https://shelf.example"}

    gathering = CatalogueGatherer((CatalogueSource.model_validate(line),), catalog.database, clock=clock)

    assert await gathering.refresh_due() == GOOD
    data = await catalog.data("{ externalTitles { source sourceName name deepLink } }")
    assert data["externalTitles"] == [
        {
            "source": "OTHER",
            "sourceName": "shelf",
            "name": "On the shelf",
            "deepLink": "https://shelf.example/s1",
        }
    ]


@pytest.mark.parametrize("adapter", ["nonsense", "no.such.module:Class", "json:NoSuchClass", ":", "json"])
async def test_an_adapter_that_is_none_is_a_catalogue_that_cannot_be_had(adapter: str) -> None:
    with pytest.raises(CatalogueUnavailableError, match="There is no adapter"):
        adapter_of(CatalogueSource(name="kino", adapter=adapter, url="https://kino.example"))


@pytest.mark.parametrize(
    "lines",
    [
        [{"name": "Net flix", "adapter": "jsonl", "url": "x"}],
        [{"name": "netflix", "adapter": "jsonl", "url": "x", "refresh_minutes": 0}],
        [{"name": "netflix", "adapter": "jsonl", "url": "x", "secret": "y"}],
        [{"name": "netflix", "adapter": "jsonl"}],
        [{"name": "netflix", "adapter": "jsonl", "url": "x"}] * 2,
    ],
    ids=["name", "never", "unknown", "no address", "twice"],
)
def test_a_configuration_that_cannot_be_meant_is_refused(lines: Any) -> None:
    with pytest.raises(ValueError, match="external_catalogues"):
        ExternalCatalogueSettings(
            database_url="postgresql://x",
            mongodb_url="mongodb://x",
            redis_url="redis://x",
            viewer_context_key="k" * 32,
            media_signing_key="k" * 32,
            external_catalogues=lines,
        )
