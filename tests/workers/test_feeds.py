"""Feeds of partners: taken in when they are due, and kept as they last were when they are gone or broken."""

from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from subgraphs.catalog.config import TitleFeed
from tests.subgraphs.catalog.gateways.partner import answer, partner_saying
from tests.workers.conftest import MovableClock
from tests.workers.importing_support import open_importer
from workers.config import Settings
from workers.importing import advance_imports, fetch_feeds
from workers.services import open_services

LIST = """query($feed: String) { cmsImports(feed: $feed, first: 10) { edges { node {
  status inserted updated unchanged failure { code } changes { name isNew fields { field after } }
} } } }"""


def feed_of(*titles: str) -> bytes:
    items = "".join(
        f"<item><guid>{number}</guid><title>{title}</title></item>" for number, title in enumerate(titles, 1)
    )
    return answer(f"<rss version='2.0'><channel>{items}</channel></rss>".encode())


@pytest.mark.requirement("FF-10")
async def test_a_feed_is_taken_in_when_it_is_due_and_its_last_good_state_kept(
    worker_settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subgraphs.catalog.gateways.calls.TRIES", 1)
    monkeypatch.setattr("subgraphs.catalog.service.feeds.MOST_FEED_BYTES", 1000)
    said = [
        feed_of("River", "Harbour"),
        answer(b"gone", status=404),
        answer(b"<rss><channel><item><guid>1</guid>"),
        answer(b"x" * 1001),
        feed_of("River again", "Harbour", "Third"),
    ]
    made: list[int] = []
    titles: list[list[str]] = []
    async with partner_saying(*said) as partner:
        feed = TitleFeed(name="partner", url=f"{partner.url}/titles.xml", every_minutes=60)
        settings = worker_settings.model_copy(update={"catalog_feeds": [feed]})
        async with open_services(settings, clock=clock) as services:
            for _turn in said:
                made += [await fetch_feeds(services), await fetch_feeds(services)]
                await advance_imports(services)
                clock.advance(minutes=59)
                made.append(await fetch_feeds(services))
                clock.advance(minutes=1)
                async with services.outboxes["catalog"].reading() as session:
                    names = await session.execute(sa.text("SELECT original_name FROM titles ORDER BY 1"))
                    titles.append(list(names.scalars()))
            async with open_importer(settings, services, clock) as importer:
                listed = (await importer.ask(LIST, feed="partner"))["cmsImports"]["edges"]
                others = (await importer.ask(LIST, feed="other"))["cmsImports"]["edges"]

    assert made == [1, 0, 0] * len(said)
    assert partner.requests == [("GET", "/titles.xml")] * len(said)
    assert titles == [["Harbour", "River"]] * 4 + [["Harbour", "River again", "Third"]]
    nodes: list[Any] = [edge["node"] for edge in reversed(listed)]
    assert [node["failure"] and node["failure"]["code"] for node in nodes] == [
        None, "FEED_UNREACHABLE", "FILE_DAMAGED", "FEED_UNREACHABLE", None,
    ]  # fmt: skip
    assert [node["inserted"] for node in nodes] == [2, 0, 0, 0, 1]
    assert {"name": "Third", "isNew": True, "fields": []} in nodes[-1]["changes"]
    assert (nodes[-1]["status"], nodes[-1]["updated"], nodes[-1]["unchanged"]) == ("SUCCEEDED", 1, 1)
    assert others == []


async def test_two_workers_take_a_feed_in_once(worker_settings: Settings, clock: MovableClock) -> None:
    async with partner_saying(feed_of("River")) as partner:
        feed = TitleFeed(name="partner", url=partner.url)
        settings = worker_settings.model_copy(update={"catalog_feeds": [feed]})
        async with open_services(settings, clock=clock) as one, open_services(settings, clock=clock) as other:
            fetcher = other.feeds
            first = await one.feeds._keep(feed, b"a", now=clock())
            second = await fetcher._keep(feed, b"a", now=clock())

    assert (first, second) == (True, False)
    assert len(list((settings.objects_dir / "imports").iterdir())) == 1  # a folder of two files


@pytest.mark.parametrize(
    "changes", [{"url": "file:///etc/passwd"}, {"name": "A b"}, {"format": "SQLITE_LEGACY"}, {"every_minutes": 0}]
)
def test_a_feed_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TitleFeed.model_validate({"name": "partner", "url": "https://partner.example/", **changes})


def test_two_feeds_of_one_name_are_refused(worker_settings: Settings) -> None:
    feed = TitleFeed(name="partner", url="https://partner.example/")

    with pytest.raises(ValidationError, match="each name may come once"):
        Settings(**{**worker_settings.model_dump(), "catalog_feeds": [feed, feed]})
