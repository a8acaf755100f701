"""Complaints to the grievance officer: acknowledged at once, decided in 15 days (IT Rules 2021)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import orjson

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.errors import EmailInvalidError, GrievanceInvalidError, RefusedError
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.models import Grievance, GrievanceStatus
from subgraphs.users.service.accounts import normalise_email
from subgraphs.users.service.crypto import PersonalData

DECIDED_WITHIN = timedelta(days=15)
LONGEST_TEXT = 5000
CATEGORIES = ("CONTENT", "PRIVACY", "BILLING", "ACCESSIBILITY", "OTHER")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody complains about. `user_id` and `email` name whom to answer; one of them is needed."""

    category: str
    text: str
    subject_id: str | None
    user_id: UUID | None
    email: str | None
    locale: str


async def receive(session: WriteSession, complaint: Complaint, *, sealer: PersonalData, now: datetime) -> Grievance:
    """Keep the complaint, sealed, and acknowledge it by a letter.

    Raises:
        RefusedError: Everything wrong with it.
    """
    email, faults = _checked(complaint)
    if faults:
        raise RefusedError(*faults)
    grievance_id = uuid4()
    content = orjson.dumps({"text": complaint.text.strip(), "email": email}).decode()
    grievance = Grievance(
        id=grievance_id,
        user_id=complaint.user_id,
        subject_id=complaint.subject_id,
        category=complaint.category,
        content=sealer.seal(content, purpose=f"grievance:{grievance_id}"),
        status=GrievanceStatus.RECEIVED,
        received_at=now,
        due_at=now + DECIDED_WITHIN,
    )
    session.add(grievance)
    if email is not None:
        await publish(session, [_acknowledgement(grievance, complaint, email, now=now)])
    return grievance


def _checked(complaint: Complaint) -> tuple[str | None, list[GrievanceInvalidError | EmailInvalidError]]:
    faults: list[GrievanceInvalidError | EmailInvalidError] = []
    email = None
    if complaint.category not in CATEGORIES:
        faults.append(GrievanceInvalidError("category", f"A category is one of {', '.join(CATEGORIES)}."))
    if not 1 <= len(complaint.text.strip()) <= LONGEST_TEXT:
        faults.append(GrievanceInvalidError("text", f"A text has 1 to {LONGEST_TEXT} characters."))
    if complaint.email is not None:
        try:
            email = normalise_email(complaint.email)
        except EmailInvalidError as error:
            faults.append(error)
    elif complaint.user_id is None:
        faults.append(GrievanceInvalidError("email", "Without an account an address to answer to is needed."))
    return email, faults


def _acknowledgement(grievance: Grievance, complaint: Complaint, email: str, *, now: datetime) -> MailRequested:
    return MailRequested(
        occurred_at=now,
        kind=MailKind.GRIEVANCE_RECEIVED,
        user_id=encode_id("User", complaint.user_id) if complaint.user_id else None,
        email=email,
        locale=complaint.locale,
        dedup_key=f"grievance:{grievance.id}",
        data={"reference": str(grievance.id)[:8], "due_at": grievance.due_at.isoformat()},
    )
