"""What a letter's token or link opens is read in the letter alone: no store and no log line ever has it in clear."""

import re
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
import structlog

from subgraphs.users.config import WorkerSettings
from subgraphs.users.models import TokenPurpose, User
from subgraphs.users.service import open_service as open_users
from subgraphs.users.service.crypto import make_key
from subgraphs.users.service.privacy import exports
from subgraphs.users.service.verification import send_token
from tests.workers.conftest import MovableClock
from tests.workers.person import Person, find, personal_of, seed_account
from workers.config import Settings
from workers.privacy import make_exports
from workers.relay import relay_pending
from workers.services import Services

_SECRET = re.compile(r"(?:token|signature)=([\w-]{32,})")
PURPOSES = (TokenPurpose.EMAIL_VERIFICATION, TokenPurpose.EMAIL_CHANGE, TokenPurpose.PASSWORD_RESET)


class Hand:
    """Takes letters from the worker."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        self.letters.append(letter)

    def secrets(self) -> set[str]:
        bodies = [letter.get_body(("plain",)) for letter in self.letters]
        return {found for body in bodies if body is not None for found in _SECRET.findall(body.get_content())}


@pytest.mark.requirement("NFR-SEC-004", "IN-GDPR-2", "CL-07")
async def test_a_token_is_in_the_letter_and_nowhere_else(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person, hand = Person(), Hand()
    await seed_account(person, services, worker_settings, now=clock())
    personal = personal_of(worker_settings)
    async with services.outboxes["users"].writing() as session:
        await session.execute(sa.text("DELETE FROM email_tokens"))
        user = (await session.execute(sa.select(User))).scalar_one()
        for purpose in PURPOSES:
            await send_token(session, user, purpose, email=person.email, sealer=personal, now=clock())
        await exports.request(session, user.id, now=clock())

    with structlog.testing.capture_logs() as logged:
        await make_exports(services)
        await relay_pending(services)
        clock.advance(seconds=1)
        settings = WorkerSettings(**worker_settings.model_dump())
        async with open_users(settings, clock=clock, gateway=hand) as users:
            snapshots = [await _texts(services)]
            await users.deliver_mails()
            snapshots.append(await _texts(services))

    secrets = hand.secrets()
    places = await find(sorted(secrets), worker_settings)
    assert len(secrets) == len(PURPOSES) + 1
    assert [secret for secret in secrets if any(secret in text for text in snapshots)] == []
    assert places == set()
    assert [secret for secret in secrets if secret in repr(logged)] == []


async def test_a_letter_whose_key_is_gone_is_not_written_and_holds_up_no_other(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person, hand = Person(), Hand()
    await seed_account(person, services, worker_settings, now=clock())
    async with services.outboxes["users"].writing() as session:
        await session.execute(sa.text("DELETE FROM email_tokens"))
        user = (await session.execute(sa.select(User))).scalar_one()
        lost = personal_of(worker_settings.model_copy(update={"personal_data_keys": make_key("lost")}))
        kept = personal_of(worker_settings)
        await send_token(session, user, PURPOSES[1], email=person.email, sealer=lost, now=clock())
        await send_token(session, user, PURPOSES[2], email=person.email, sealer=kept, now=clock())

    await relay_pending(services)
    clock.advance(minutes=1)
    async with open_users(WorkerSettings(**worker_settings.model_dump()), clock=clock, gateway=hand) as users:
        await users.deliver_mails()

    assert len(hand.secrets()) == 1


async def _texts(services: Services) -> str:
    """Return outbox and letters of the users subgraph as they are stored."""
    async with services.outboxes["users"].reading() as session:
        events = await session.execute(sa.text("SELECT payload::text FROM outbox"))
        mails = await session.execute(sa.text("SELECT content FROM mails"))
        return "\n".join(str(row[0]) for row in [*events, *mails])
