"""Scheduled titles go live once, by whichever worker comes first."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from subgraphs.catalog.models import CreditRole, ImageRole, TitleKind
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service import editing
from subgraphs.catalog.service.drafts import DraftCredit, DraftImage, DraftText, TitleDraft
from subgraphs.catalog.service.editing import Request
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.reminders import remind
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.service.writing import store_titles
from subgraphs.shared.outbox import outbox_table
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.catalog.support import movie
from tests.workers.conftest import NOW, MovableClock
from tests.workers.person import Person, seed_account
from workers.config import Settings
from workers.draining import drain_all
from workers.publishing import publish_due_titles, tell_of_reminders
from workers.services import Services

EDITOR = Editor("admin", frozenset({"cms:create", "cms:edit", "cms:review", "cms:publish"}))


def draft(name: str) -> TitleDraft:
    return TitleDraft(
        kind=TitleKind.MOVIE,
        texts={locale: DraftText(name=name, description=f"About {name}.") for locale in ("en", "hi")},
        release_date=NOW.date(),
        maturity_rating=MaturityRating.U,
        genre_ids=(KNOWN_GENRES["drama"].id,),
        credits=(DraftCredit(name="Asha Rao", role=CreditRole.DIRECTOR),),
        duration_seconds=600,
        images=tuple(
            DraftImage(role=each, upload_id=None, width=8, height=8)
            for each in ImageRole
            if each is not ImageRole.AVATAR
        ),
        trailer_url="https://trailers.example/draft",
    )


async def schedule(services: Services, *names: str) -> None:
    """Schedule titles of these names for an hour later."""
    async with services.outboxes["catalog"].writing() as session:
        for name in names:
            made = await editing.create(session, EDITOR, draft(name), now=NOW, idempotency_key=None)
            request = Request(EDITOR, made.title_id, NOW)
            await editing.submit(session, request)
            await editing.approve(session, request)
            await editing.publish(session, request, at=NOW + timedelta(hours=1))


async def published_slugs(services: Services) -> list[str]:
    """Return the slugs of the titles that the outbox calls published."""
    async with services.outboxes["catalog"].reading() as session:
        payloads = (await session.execute(sa.select(outbox_table.c.payload))).scalars()
        return sorted(payload["slug"] for payload in payloads if payload["slug"] != "known")


async def test_two_workers_publish_what_is_due_once(services: Services, clock: MovableClock) -> None:
    async with services.outboxes["catalog"].writing() as session:
        await store_titles(session, [movie("Known")], now=NOW)  # brings the genre
    await schedule(services, "One", "Two", "Three")
    clock.advance(minutes=59)
    assert await publish_due_titles(services) == 0
    assert await published_slugs(services) == []

    clock.advance(minutes=1)
    counts = await asyncio.gather(publish_due_titles(services), publish_due_titles(services))

    assert sum(counts) == 3
    assert await published_slugs(services) == ["one", "three", "two"]
    assert await publish_due_titles(services) == 0


@pytest.mark.requirement("FR-CC-007.4")
async def test_a_notice_in_the_app_tells_once_of_what_was_waited_for(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=NOW)
    soon = movie("Soon", available_from=NOW + timedelta(hours=1))
    async with services.outboxes["catalog"].writing() as session:
        await store_titles(session, [soon], now=NOW)
        await remind(session, person.viewer, soon.id, audience=Audience(NOW, "IN", 18))

    async def notices() -> list[tuple[str, str]]:
        await drain_all(services)
        statement = "SELECT data->>'title' AS title, deep_link FROM notifications WHERE kind = 'REMINDER_LIVE'"
        async with services.outboxes["users"].reading() as session:
            return [(row.title, row.deep_link) for row in await session.execute(sa.text(statement))]

    assert (await tell_of_reminders(services), await notices()) == (0, [])
    clock.advance(hours=1)
    counts = await asyncio.gather(tell_of_reminders(services), tell_of_reminders(services))
    assert (sum(counts), await notices()) == (1, [("Soon", "/title/soon")])
    assert (await tell_of_reminders(services), await notices()) == (0, [("Soon", "/title/soon")])
