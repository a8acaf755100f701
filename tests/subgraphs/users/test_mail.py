"""Letters: from a request to the mail server, each at most once, whatever the server does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col

from subgraphs.shared.postgres import Database
from subgraphs.users.config import Settings, WorkerSettings
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.gateways.smtp import MailGateway, SmtpServer
from subgraphs.users.models import Mail, MailStatus
from subgraphs.users.service import UsersBatches, open_service
from subgraphs.users.service.mail.delivery import MOST_ATTEMPTS, delay_before
from subgraphs.users.service.mail.letters import LANGUAGES, LetterWriter, Sender
from subgraphs.users.service.mail.records import list_dead_letters, replay_dead_letters
from tests.subgraphs.users.catcher import Catcher, catching
from tests.subgraphs.users.conftest import TurnedClock

_EVERYTHING = {
    name: f"the {name}"
    for name in (*("token", "device", "title", "body", "amount", "plan", "status", "reference", "decision"),)
} | dict.fromkeys(("expires_at", "at", "until", "purge_at", "renews_at", "due_at"), "2026-03-01T09:30:00+00:00")
_EVERYTHING |= {"url": "https://example.com/file", "deep_link": ""}


@pytest.fixture(scope="module", name="shared_catcher")
async def _shared_catcher() -> AsyncIterator[Catcher]:
    async with catching() as catcher:
        yield catcher


@pytest.fixture(name="catcher")
def _catcher(shared_catcher: Catcher) -> Catcher:
    url = shared_catcher.url
    Catcher.__init__(shared_catcher)
    shared_catcher.url = url
    return shared_catcher


@asynccontextmanager
async def batches(
    settings: Settings, clock: TurnedClock, smtp_url: str, *, gateway: MailGateway | None = None
) -> AsyncIterator[UsersBatches]:
    worker = WorkerSettings(**{**settings.model_dump(), "smtp_url": smtp_url})
    async with open_service(worker, clock=clock, gateway=gateway) as service:
        yield service


@pytest.fixture(name="service")
async def _service(settings: Settings, clock: TurnedClock, catcher: Catcher) -> AsyncIterator[UsersBatches]:
    async with batches(settings, clock, catcher.url) as service:
        yield service


def requested(
    clock: TurnedClock,
    key: str = "verify:1",
    *,
    kind: MailKind = MailKind.EMAIL_VERIFICATION,
    email: str = "asha@example.com",
    locale: str = "en",
    **data: str,
) -> MailRequested:
    values = {"token": "t0ken", "expires_at": (clock.now + timedelta(hours=24)).isoformat(), **data}
    return MailRequested(
        occurred_at=clock.now, kind=kind, user_id=None, email=email, locale=locale, dedup_key=key, data=values
    )


async def stored(database: Database) -> list[Mail]:
    async with database.reading() as session:
        return list((await session.execute(sa.select(Mail).order_by(col(Mail.created_at)))).scalars())


def text_of(letter: EmailMessage, form: str = "plain") -> str:
    body = letter.get_body((form,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.requirement("CL-13")
async def test_a_letter_goes_out_at_the_next_turn_in_text_and_html(
    service: UsersBatches, catcher: Catcher, database: Database, clock: TurnedClock
) -> None:
    await service.accept_mails([requested(clock)])

    tried = await service.deliver_mails()

    (letter,), (row,) = catcher.letters, await stored(database)
    assert tried == 1
    assert (letter["To"], letter["Subject"]) == ("asha@example.com", "Confirm your e-mail address")
    assert letter["Message-ID"] == f"<{row.id}@reelgraph.example>"
    assert "http://127.0.0.1:4000/verify-email?token=t0ken" in text_of(letter)
    assert 'href="http://127.0.0.1:4000/verify-email?token=t0ken"' in text_of(letter, "html")
    assert "02-03-2026, 15:00 IST" in text_of(letter)


@pytest.mark.requirement("CL-15")
async def test_the_delivery_status_is_recorded_and_a_sent_letter_keeps_no_contents(
    service: UsersBatches, database: Database, clock: TurnedClock
) -> None:
    await service.accept_mails([requested(clock)])
    (queued,) = await stored(database)
    clock.turn(timedelta(seconds=1))

    await service.deliver_mails()

    (sent,) = await stored(database)
    assert (queued.status, queued.attempts, queued.sent_at) == (MailStatus.QUEUED, 0, None)
    assert queued.content is not None
    assert "asha" not in queued.content
    assert "t0ken" not in queued.content
    assert (sent.status, sent.attempts, sent.sent_at, sent.content) == (MailStatus.SENT, 1, clock.now, None)
    assert "asha" not in repr(sent.model_dump())


async def test_hindi_readers_get_hindi_and_all_others_english(
    service: UsersBatches, catcher: Catcher, clock: TurnedClock
) -> None:
    await service.accept_mails([requested(clock, locale, locale=locale) for locale in ("hi", "hi-IN", "en-GB", "ta")])

    await service.deliver_mails()

    assert sorted(catcher.subjects()) == sorted(2 * ["अपना ई-मेल पता पक्का करें", "Confirm your e-mail address"])
    assert {letter["Content-Language"] for letter in catcher.letters} == {"en", "hi"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_has_a_letter_in_each_language_that_escapes_what_it_is_given(
    kind: MailKind, language: str, clock: TurnedClock
) -> None:
    writer = LetterWriter(Sender("Reelgraph <no-reply@reelgraph.example>", "https://watch.example/"))
    hostile = {name: value.replace("the ", "<b>&") for name, value in _EVERYTHING.items()}

    letter = writer.write(
        kind, mail_id=uuid4(), recipient="a@example.com", locale=language, data=hostile, now=clock.now
    )

    assert letter["Subject"]
    assert text_of(letter).strip()
    assert "<b>" not in text_of(letter, "html")
    assert "{{" not in letter.as_string()
    assert "https://watch.example//" not in text_of(letter)


@pytest.mark.requirement("CL-15")
async def test_a_request_that_comes_again_sends_nothing_more(
    service: UsersBatches, catcher: Catcher, clock: TurnedClock
) -> None:
    await asyncio.gather(*(service.accept_mails([requested(clock), requested(clock)]) for _ in range(5)))
    await service.deliver_mails()
    await service.accept_mails([requested(clock)])

    assert await service.deliver_mails() == 0
    assert len(catcher.letters) == 1


async def test_many_workers_at_once_send_each_letter_once(
    settings: Settings, catcher: Catcher, clock: TurnedClock
) -> None:
    async with batches(settings, clock, catcher.url) as one, batches(settings, clock, catcher.url) as other:
        await one.accept_mails([requested(clock, f"verify:{number}") for number in range(60)])

        tried = await asyncio.gather(one.deliver_mails(), other.deliver_mails(), one.deliver_mails())

    assert sum(tried) == 60
    assert len({letter["Message-ID"] for letter in catcher.letters}) == len(catcher.letters) == 60


@pytest.mark.requirement("CL-15")
async def test_a_server_that_is_busy_is_tried_again_later_each_time_and_given_up_in_the_end(
    service: UsersBatches, catcher: Catcher, database: Database, clock: TurnedClock
) -> None:
    catcher.rcpt_answer = "451 asha@example.com try later"
    await service.accept_mails([requested(clock)])
    waits = []

    for _attempt in range(MOST_ATTEMPTS):
        assert await service.deliver_mails() == 1
        (mail,) = await stored(database)
        assert await service.deliver_mails() == 0
        if mail.next_attempt_at is not None and mail.status is MailStatus.QUEUED:
            waits.append((mail.next_attempt_at - clock.now).total_seconds())
            clock.turn(mail.next_attempt_at - clock.now)

    assert (mail.status, mail.attempts, mail.last_error) == (MailStatus.DEAD, 10, "SMTPRecipientRefused 451")
    assert [5 * 2**number <= wait <= 10 * 2**number for number, wait in enumerate(waits)] == 9 * [True]
    assert catcher.tries == 10


def test_waiting_never_takes_longer_than_an_hour() -> None:
    assert delay_before(40) == timedelta(hours=1)


@pytest.mark.requirement("CL-13")
async def test_a_letter_goes_out_within_a_minute_although_the_server_was_away_twice(
    service: UsersBatches, catcher: Catcher, clock: TurnedClock
) -> None:
    catcher.rcpt_answer = "421 closing"
    await service.accept_mails([requested(clock)])
    await service.deliver_mails()
    clock.turn(timedelta(seconds=10))
    await service.deliver_mails()
    catcher.rcpt_answer = None

    clock.turn(timedelta(seconds=20))
    await service.deliver_mails()

    assert len(catcher.letters) == 1


async def test_a_server_that_is_not_there_only_defers(
    settings: Settings, database: Database, clock: TurnedClock
) -> None:
    async with batches(settings, clock, "smtp://127.0.0.1:1") as service:
        await service.accept_mails([requested(clock)])
        await service.deliver_mails()

    (mail,) = await stored(database)
    assert (mail.status, mail.attempts, mail.last_error) == (MailStatus.QUEUED, 1, "SMTPConnectError")


async def test_without_a_server_letters_wait_untouched(
    settings: Settings, database: Database, clock: TurnedClock
) -> None:
    async with batches(settings, clock, "") as service:
        await service.accept_mails([requested(clock)])
        tried = await service.deliver_mails()

    (mail,) = await stored(database)
    assert tried == 0
    assert (mail.status, mail.attempts) == (MailStatus.QUEUED, 0)


@pytest.mark.requirement("CL-15")
async def test_a_refusal_for_good_makes_a_dead_letter_that_can_be_replayed(
    service: UsersBatches, catcher: Catcher, database: Database, clock: TurnedClock
) -> None:
    catcher.rcpt_answer = "550 no such user asha@example.com"
    await service.accept_mails([requested(clock)])
    await service.deliver_mails()
    (dead,) = await list_dead_letters(database)
    catcher.rcpt_answer = None

    replayed = await replay_dead_letters(database, [dead.mail_id, uuid4()], now=clock.now)
    await service.deliver_mails()

    assert (dead.kind, dead.status, dead.reason) == ("EMAIL_VERIFICATION", "DEAD", "SMTPRecipientRefused 550")
    assert "asha" not in repr(dead)
    assert replayed == 1
    assert len(catcher.letters) == 1
    assert await list_dead_letters(database) == []


async def test_a_sent_letter_cannot_be_replayed(
    service: UsersBatches, catcher: Catcher, database: Database, clock: TurnedClock
) -> None:
    await service.accept_mails([requested(clock)])
    await service.deliver_mails()
    (sent,) = await stored(database)

    assert await replay_dead_letters(database, [sent.id], now=clock.now) == 0
    assert await service.deliver_mails() == 0


@pytest.mark.requirement("CL-15")
async def test_a_server_that_hangs_up_after_the_text_leaves_the_letter_in_doubt_and_it_is_not_sent_again(
    service: UsersBatches, catcher: Catcher, database: Database, clock: TurnedClock
) -> None:
    catcher.hangs_up = True
    await service.accept_mails([requested(clock)])
    await service.deliver_mails()
    catcher.hangs_up = False
    clock.turn(timedelta(days=1))

    tried = await service.deliver_mails()

    (mail,) = await stored(database)
    assert tried == 0
    assert mail.status is MailStatus.IN_DOUBT
    assert len(catcher.letters) == 1


class _Killed(BaseException):
    """What a worker sees of being killed."""


class _KillingGateway:
    """Hands the letter over, and then the worker dies."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        await self._server.send(letter, sender=sender, recipient=recipient)
        raise _Killed


@pytest.mark.requirement("CL-15")
async def test_a_worker_killed_between_sending_and_recording_never_leads_to_a_second_letter(
    settings: Settings, service: UsersBatches, catcher: Catcher, database: Database, clock: TurnedClock
) -> None:
    await service.accept_mails([requested(clock)])
    killer = _KillingGateway(SmtpServer.parse(catcher.url))
    async with batches(settings, clock, catcher.url, gateway=killer) as doomed:
        with pytest.raises(_Killed):
            await doomed.deliver_mails()
    (in_hand,) = await stored(database)

    clock.turn(timedelta(minutes=11))
    tried = await service.deliver_mails()

    (mail,) = await stored(database)
    assert in_hand.status is MailStatus.SENDING
    assert (tried, mail.status, mail.last_error) == (0, MailStatus.IN_DOUBT, "WorkerLost")
    assert len(catcher.letters) == 1


async def test_a_letter_that_cannot_be_written_is_dead_and_keeps_no_other_waiting(
    service: UsersBatches, catcher: Catcher, database: Database, clock: TurnedClock
) -> None:
    incomplete = requested(clock, "broken").model_copy(update={"data": {}})
    await service.accept_mails([incomplete, requested(clock)])

    await service.deliver_mails()

    assert {mail.dedup_key: (mail.status, mail.last_error) for mail in await stored(database)} == {
        "broken": (MailStatus.DEAD, "UndefinedError"),
        "verify:1": (MailStatus.SENT, None),
    }
    assert len(catcher.letters) == 1


@pytest.mark.parametrize("url", ["", "http://mail", "smtp://", "smtp:/nowhere", "user:secret@mail"])
def test_an_address_that_is_no_mail_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError) as refused:
        SmtpServer.parse(url)

    assert "secret" not in str(refused.value)


def test_a_mail_server_has_credentials_and_the_port_of_its_scheme() -> None:
    server = SmtpServer.parse("smtp+starttls://us%40er:p%3Aw@mail.example")

    assert (server.host, server.port, server.username, server.password) == ("mail.example", 587, "us@er", "p:w")
    assert (server.is_tls, server.is_starttls) == (False, True)
    assert SmtpServer.parse("smtps://mail.example").port == 465
