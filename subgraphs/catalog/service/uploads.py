"""Uploading pictures: who may, the signed address to which one is sent, and what came of it."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from subgraphs.catalog.repository import uploads
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared.postgres import WriteSession

UPLOAD_WITHIN = timedelta(minutes=30)
MOST_UPLOAD_BYTES = 10 * 1024 * 1024
"""What media.pictures takes, too."""

_SCOPE = "cms:edit"


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """A place for one picture, until when, and the path to which it is sent."""

    id: UUID
    expires_at: datetime
    path: str


async def open_upload(session: WriteSession, editor: Editor, *, now: datetime, key: str) -> UploadTicket:
    """Return a place for a picture.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
    """
    editor.require(_SCOPE)
    own, expires_at = uuid4(), now + UPLOAD_WITHIN
    await uploads.insert_upload(session, own, created_by=editor.user_id, now=now)
    expiry = int(expires_at.timestamp())
    path = f"/artwork/uploads/{own}/{expiry}/{_signature(own, expiry, key)}"
    return UploadTicket(own, expires_at, path)


def is_signed(own: UUID, expiry: int, signature: str, *, now: datetime, key: str) -> bool:
    """Return whether the address was given out and holds still."""
    return now.timestamp() < expiry and hmac.compare_digest(signature.encode(), _signature(own, expiry, key).encode())


def _signature(own: UUID, expiry: int, key: str) -> str:
    return hmac.new(key.encode(), f"image-upload:{own}:{expiry}".encode(), hashlib.sha256).hexdigest()
