"""What this subgraph itself keeps about an account, with the fields that docs/data-map.md lists."""

from typing import Any
from uuid import UUID

import orjson

from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import ReadSession
from subgraphs.shared.privacy import Records
from subgraphs.users.models import (
    AccountDeletion,
    Consent,
    Device,
    Grievance,
    Identity,
    Mail,
    Notification,
    NotificationPreference,
    PhoneNumber,
    Profile,
    User,
)
from subgraphs.users.repository.privacy import audit_entries_about, rows_of
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.notifications.kinds import known_kind, words_for
from subgraphs.users.service.resealing import decision_purpose, grievance_purpose, phone_purpose

_COLUMNS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "account": (
        User,
        ("email", "email_verified", "status", "roles", "locale", "state_code", "created_at", "last_login_at"),
    ),
    "profiles": (
        Profile,
        (
            *("name", "avatar_url", "maturity_limit", "is_kids", "language", "audio_languages", "subtitle_language"),
            *("preferred_quality", "autoplay_next", "autoplay_previews", "skip_intros", "personalization_opt_out"),
            "created_at",
        ),
    ),
    "identities": (Identity, ("provider", "subject", "linked_at")),
    "devices": (Device, ("name", "type", "agent", "country", "first_seen_at", "last_seen_at")),
    "consents": (Consent, ("purpose", "granted", "version", "at")),
    "notification_preferences": (NotificationPreference, ("kind", "channels")),
    "letters": (Mail, ("kind", "status", "created_at", "sent_at")),
    "deletion": (AccountDeletion, ("requested_at", "purge_after")),
}


async def export_account(session: ReadSession, user: User, *, sealer: PersonalData) -> Records:
    """Return everything that is kept about the account here, but what only proves who it is: digests of secrets."""
    records: Records = {}
    for name, (table, fields) in _COLUMNS.items():
        rows = [user] if table is User else await rows_of(session, table, user.id)
        records[name] = [{field: _plain(getattr(row, field)) for field in fields} for row in rows]
    records["phone"] = [
        {
            "number": sealer.open(row.sealed_number, purpose=phone_purpose(user.id)),
            "verified_at": _plain(row.verified_at),
        }
        for row in await rows_of(session, PhoneNumber, user.id)
    ]
    records["notifications"] = [_notice(row, user.locale) for row in await rows_of(session, Notification, user.id)]
    records["grievances"] = [_grievance(row, sealer) for row in await rows_of(session, Grievance, user.id)]
    records["security_log"] = await _security_log(session, user.id)
    return records


def _notice(row: Notification, locale: str) -> dict[str, Any]:
    words = words_for(known_kind(row.kind), row.data, locale=locale)
    return {
        "kind": row.kind,
        "title": words.title,
        "body": words.body,
        "created_at": _plain(row.created_at),
        "read_at": _plain(row.read_at),
    }


def _grievance(row: Grievance, sealer: PersonalData) -> dict[str, Any]:
    content = orjson.loads(sealer.open(row.content, purpose=grievance_purpose(row.id)))
    return {
        "category": row.category,
        "text": content["text"],
        "status": row.status.value,
        "received_at": _plain(row.received_at),
        "due_at": _plain(row.due_at),
        "decided_at": _plain(row.decided_at),
        "decision": sealer.open(row.decision, purpose=decision_purpose(row.id)) if row.decision else None,
    }


async def _security_log(session: ReadSession, user_id: UUID) -> list[dict[str, Any]]:
    rows = await audit_entries_about(session, user_id, encode_id("User", user_id))
    return [{"at": _plain(row.at), "action": row.action, "outcome": row.outcome.value} for row in rows]


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return getattr(value, "value", value)
