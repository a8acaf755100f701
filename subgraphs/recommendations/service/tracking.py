"""Tracking tokens: which tray, rank and item a client saw, signed so that feedback cannot be made up.

A token is `<base64url of 9 bytes of BLAKE2b><tray uuid in hex>.<rank>.<id of the title or collection>`: about 100
characters, and no
secret in it.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from subgraphs.shared.errors import BadUserInputError

_MAC_BYTES = 9
_MAC_CHARS = 12
_REMEMBERED_TOKENS = 8192
"""About 4 MB in each process when full."""


class InvalidTrackingTokenError(BadUserInputError):
    """The token was not made by this platform."""

    def __init__(self) -> None:
        super().__init__("The tracking token is not one of this platform.")


@dataclass(frozen=True, slots=True)
class Impression:
    """What a token names; rank 0 and no item stand for the tray itself."""

    tray: UUID
    rank: int
    item_id: str


class TrackingTokens:
    """Makes and reads tokens with a key of its own, derived from the service's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.blake2b(secret.encode(), person=b"tracking-tokens", digest_size=32).digest()
        # Most trays are the same for everybody, and so are their tokens.
        self._signed = lru_cache(maxsize=_REMEMBERED_TOKENS)(self._sign)

    def token(self, tray: UUID, *, rank: int = 0, item_id: str = "") -> str:
        """Return the token of an item, or of the tray itself."""
        return self._signed(f"{tray.hex}.{rank}.{item_id}")

    def read(self, token: str) -> Impression:
        """Return what the token names.

        Raises:
            InvalidTrackingTokenError: Forged or damaged.
        """
        mac, body = token[:_MAC_CHARS], token[_MAC_CHARS:]
        if not hmac.compare_digest(mac.encode(), self._mac(body).encode()):
            raise InvalidTrackingTokenError
        tray, rank, item_id = body.split(".", 2)
        return Impression(UUID(tray), int(rank), item_id)

    def _sign(self, body: str) -> str:
        return self._mac(body) + body

    def _mac(self, body: str) -> str:
        digest = hashlib.blake2b(body.encode(), key=self._key, digest_size=_MAC_BYTES).digest()
        return base64.urlsafe_b64encode(digest).decode()
