"""Files of imports on their way in: who may send one, the signed address to which it is sent, and where it is kept."""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from subgraphs.catalog.repository import imports
from subgraphs.catalog.service.imports import SCOPE
from subgraphs.catalog.service.uploads import UploadTicket
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared.postgres import WriteSession

SEND_WITHIN = timedelta(minutes=30)
PATH = "/imports"


async def open_place(session: WriteSession, editor: Editor, *, now: datetime, key: str) -> UploadTicket:
    """Return a place for a file.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
    """
    editor.require(SCOPE)
    own, expires_at = uuid4(), now + SEND_WITHIN
    await imports.insert_upload(session, own, created_by=editor.user_id, now=now)
    expiry = int(expires_at.timestamp())
    return UploadTicket(own, expires_at, f"{PATH}/{own}/{expiry}/{_signature(own, expiry, key)}")


def is_signed(own: UUID, expiry: int, signature: str, *, now: datetime, key: str) -> bool:
    """Return whether the address was given out and holds still."""
    return now.timestamp() < expiry and hmac.compare_digest(signature.encode(), _signature(own, expiry, key).encode())


def _signature(own: UUID, expiry: int, key: str) -> str:
    return hmac.new(key.encode(), f"import-upload:{own}:{expiry}".encode(), hashlib.sha256).hexdigest()
