"""Personal values at rest: sealed with AES-256-GCM, found again by a keyed digest, addresses told apart by another.

A sealed value is `<key id>.<base64url of nonce and ciphertext>`. Several keys may open, the first one seals: putting a
new key in front rotates, `is_current` finds what is still under an old one, and `reseal` moves it. The purpose, for
example `phone:<user id>`, is authenticated with the value, so that a sealed value copied to another row or column
does not open there.

Digests are HMAC-SHA-256 under a key of their own that never rotates with the others: a value must be found again. The
digest of an IP address depends on the month as well, so that addresses of different months cannot be joined.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


class SealedValueError(ValueError):
    """The value does not open: its key is gone, it was changed, or it belongs elsewhere. The value is not shown."""


class PersonalData:
    """Seals, opens and indexes personal values; one per process.

    Args:
        keys: `<id>:<base64url of 32 bytes>`, comma-separated, the sealing key first.
        lookup_key: Secret of the digests.
    """

    def __init__(self, keys: str, *, lookup_key: str) -> None:
        self._ciphers = _parse_keys(keys)
        self._current = next(iter(self._ciphers))
        self._lookup_key = lookup_key.encode()

    def seal(self, value: str, *, purpose: str) -> str:
        """Return the value sealed under the current key; the same value seals differently each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        ciphertext = self._ciphers[self._current].encrypt(nonce, value.encode(), purpose.encode())
        return f"{self._current}.{base64.urlsafe_b64encode(nonce + ciphertext).decode()}"

    def open(self, sealed: str, *, purpose: str) -> str:
        """Return the value.

        Raises:
            SealedValueError: It was not sealed by us for this purpose, or its key is no longer configured.
        """
        key_id, _dot, body = sealed.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealedValueError("The key of a sealed value is not configured.")
        try:
            raw = base64.urlsafe_b64decode(body)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealedValueError("A sealed value does not open.") from error

    def is_current(self, sealed: str) -> bool:
        """Return whether the value is under the current key."""
        return sealed.startswith(self.current_prefix)

    @property
    def current_prefix(self) -> str:
        """What every value begins with that is under the current key."""
        return f"{self._current}."

    def reseal(self, sealed: str, *, purpose: str) -> str:
        """Return the value under the current key; unchanged when it is already.

        Raises:
            SealedValueError: It does not open.
        """
        return sealed if self.is_current(sealed) else self.seal(self.open(sealed, purpose=purpose), purpose=purpose)

    def index(self, value: str, *, purpose: str) -> str:
        """Return the blind index of the value for the purpose (`phone`): equal values, equal digests; 64 hex digits."""
        return self._digest("index", purpose, value)

    def hash_ip(self, address: str, *, now: datetime) -> str:
        """Return `<year-month>.<32 hex digits>` for an address; an IPv6 one counts by its /64, as one household has.

        Whatever is no address is hashed as the text it is.
        """
        month = now.astimezone(UTC).strftime("%Y-%m")
        return f"{month}.{self._digest('ip', month, _network(address))[:32]}"

    def _digest(self, *parts: str) -> str:
        # NUL keeps ("ab", "c") and ("a", "bc") apart; no part may hold one.
        message = "\0".join(part.replace("\0", "") for part in parts)
        return hmac.new(self._lookup_key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def make_key(key_id: str) -> str:
    """Return a new random key in the form that `PersonalData` reads."""
    return f"{key_id}:{base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"


def _parse_keys(text: str) -> dict[str, AESGCM]:
    ciphers: dict[str, AESGCM] = {}
    for entry in text.split(","):
        key_id, _colon, encoded = entry.strip().partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded)
        except binascii.Error as error:
            raise ValueError("A personal data key is not base64url.") from error
        if not key_id or "." in key_id or len(key) != _KEY_BYTES or key_id in ciphers:
            raise ValueError("Personal data keys are <id>:<base64url of 32 bytes>, each id once, without a dot.")
        ciphers[key_id] = AESGCM(key)
    return ciphers


def _network(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped) if mapped else parsed.exploded[:19]
