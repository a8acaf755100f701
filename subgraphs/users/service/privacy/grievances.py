"""Complaints to the grievance officer: acknowledged at once, decided in 15 days (IT Rules 2021), and never twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import orjson

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.errors import (
    DecisionInvalidError,
    EmailInvalidError,
    GrievanceDecidedError,
    GrievanceInvalidError,
    GrievanceUnknownError,
    RefusedError,
)
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.models import Grievance, GrievanceStatus
from subgraphs.users.repository import grievances as statements
from subgraphs.users.service.accounts import normalise_email
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.mail.secrets import seal_secrets
from subgraphs.users.service.resealing import decision_purpose, grievance_purpose

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


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint as the officer reads it."""

    row: Grievance
    text: str
    email: str | None
    locale: str
    decision: str | None


async def receive(session: WriteSession, complaint: Complaint, *, sealer: PersonalData, now: datetime) -> Grievance:
    """Keep the complaint, sealed, and acknowledge it by a letter.

    Raises:
        RefusedError: Everything wrong with it.
    """
    email, faults = _checked(complaint)
    if faults:
        raise RefusedError(*faults)
    grievance_id = uuid4()
    content = orjson.dumps({"text": complaint.text.strip(), "email": email, "locale": complaint.locale}).decode()
    grievance = Grievance(
        id=grievance_id,
        user_id=complaint.user_id,
        subject_id=complaint.subject_id,
        category=complaint.category,
        content=sealer.seal(content, purpose=grievance_purpose(grievance_id)),
        status=GrievanceStatus.RECEIVED,
        received_at=now,
        due_at=now + DECIDED_WITHIN,
    )
    session.add(grievance)
    if email is not None:
        await publish(session, [_acknowledgement(grievance, complaint, email, now=now)])
    return grievance


async def decide(
    session: WriteSession, grievance_id: UUID, text: str, *, sealer: PersonalData, now: datetime
) -> Grievance:
    """Return the complaint, decided, and write the decision to who complained, if there is an address.

    Raises:
        RefusedError: There is no such complaint, it was decided before, or the decision has no words or too many.
    """
    decision = text.strip()
    if not 1 <= len(decision) <= LONGEST_TEXT:
        raise RefusedError(DecisionInvalidError())
    grievance = await statements.grievance_for_update(session, grievance_id)
    if grievance is None:
        raise RefusedError(GrievanceUnknownError())
    if grievance.status is GrievanceStatus.DECIDED:
        raise RefusedError(GrievanceDecidedError())
    grievance.status, grievance.decided_at = GrievanceStatus.DECIDED, now
    grievance.decision = sealer.seal(decision, purpose=decision_purpose(grievance_id))
    case = open_case(grievance, sealer=sealer)
    if case.email is not None:
        await publish(session, [_answer(case, case.email, sealer=sealer, now=now)])
    return grievance


def open_case(grievance: Grievance, *, sealer: PersonalData) -> Case:
    """Return the complaint with everything that is sealed."""
    content = orjson.loads(sealer.open(grievance.content, purpose=grievance_purpose(grievance.id)))
    decision = grievance.decision
    return Case(
        row=grievance,
        text=content["text"],
        email=content["email"],
        locale=content.get("locale", "en"),
        decision=sealer.open(decision, purpose=decision_purpose(grievance.id)) if decision else None,
    )


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


def _answer(case: Case, email: str, *, sealer: PersonalData, now: datetime) -> MailRequested:
    dedup_key = f"grievance-decided:{case.row.id}"
    return MailRequested(
        occurred_at=now,
        kind=MailKind.GRIEVANCE_DECIDED,
        user_id=encode_id("User", case.row.user_id) if case.row.user_id else None,
        email=email,
        locale=case.locale,
        dedup_key=dedup_key,
        data={"reference": str(case.row.id)[:8]},
        sealed=seal_secrets(sealer, {"decision": case.decision or ""}, dedup_key=dedup_key),
    )
