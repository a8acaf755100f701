"""Taking letters in: sealed, and each dedup key once, however often the same is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import orjson

from subgraphs.shared.postgres import WriteSession
from subgraphs.users.events import MailKind
from subgraphs.users.models import Mail, MailStatus
from subgraphs.users.repository import mails
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.resealing import mail_purpose

RECIPIENT_PURPOSE = "mail-recipient"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to write. `user_id` is None for an address without an account."""

    kind: MailKind
    user_id: UUID | None
    email: str
    locale: str
    dedup_key: str
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LetterContent:
    """What of a letter is sealed."""

    email: str
    locale: str
    data: dict[str, str]


async def accept(session: WriteSession, letters: Sequence[Letter], *, sealer: PersonalData, now: datetime) -> int:
    """Queue the letters that are new and return how many; they are due at once."""
    rows = {letter.dedup_key: _row(letter, sealer, now) for letter in letters}
    return await mails.add_mails(session, list(rows.values()))


def open_content(mail: Mail, sealer: PersonalData) -> LetterContent:
    """Return what the letter says.

    Raises:
        ValueError: It has no contents any more, or does not open.
    """
    if mail.content is None:
        raise ValueError("The letter's contents are gone.")
    values = orjson.loads(sealer.open(mail.content, purpose=mail_purpose(mail.id)))
    return LetterContent(email=values["email"], locale=values["locale"], data=values["data"])


def _row(letter: Letter, sealer: PersonalData, now: datetime) -> Mail:
    mail_id = uuid4()
    content = orjson.dumps({"email": letter.email, "locale": letter.locale, "data": letter.data}).decode()
    return Mail(
        id=mail_id,
        dedup_key=letter.dedup_key,
        kind=letter.kind.value,
        user_id=letter.user_id,
        recipient_index=sealer.index(letter.email.lower(), purpose=RECIPIENT_PURPOSE),
        content=sealer.seal(content, purpose=mail_purpose(mail_id)),
        status=MailStatus.QUEUED,
        next_attempt_at=now,
        created_at=now,
    )
