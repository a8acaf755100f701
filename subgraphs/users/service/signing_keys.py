"""The private keys that sign tokens, from one PEM file, and changing them while everything runs.

The file holds one or more RSA keys, each after a line that says from when on it signs:

    Active from 2026-03-01T10:15:00+00:00
    -----BEGIN PRIVATE KEY-----

A key without that line has always been active. The newest active key signs. Published are all that have not been
replaced for longer than a token lives: the next one, so that whoever checks tokens has it before it is used, and the
last one, whose tokens are still around. Every process looks at the file before it signs, and reads it when it changed.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from subgraphs.users.config import ACCESS_TOKEN_LIFETIME

ACTIVATION_DELAY = timedelta(minutes=15)
"""How long before its use a new key is published: longer than anybody keeps a key set (the router: ten minutes)."""
_OVERLAP = ACCESS_TOKEN_LIFETIME + timedelta(minutes=5)
_BITS = 2048
_BLOCK = re.compile(
    r"(?:Active from (?P<since>\S+)\s+)?(?P<pem>-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----)",
    re.DOTALL,
)
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key. Its id is its thumbprint (RFC 7638)."""

    key: RSAKey
    active_from: datetime

    @property
    def key_id(self) -> str:
        """The `kid` of what it signs."""
        return str(self.key.thumbprint())

    def public(self) -> dict[str, Any]:
        """Return the JWK that checks what it signs."""
        return {**self.key.as_dict(private=False), "kid": self.key_id, "use": "sig", "alg": "RS256"}


class SigningKeys:
    """The keys of a file, read again when the file changes.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no private RSA key.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: tuple[int, int] | None = None
        self._keys: list[SigningKey] = []
        self._look()

    def current(self, now: datetime) -> SigningKey:
        """Return the key that signs now."""
        self._look()
        active = [key for key in self._keys if key.active_from <= now]
        return active[-1] if active else self._keys[0]

    def published(self, now: datetime) -> list[SigningKey]:
        """Return the keys that whoever checks tokens must know now, oldest first."""
        self._look()
        return _unretired(self._keys, now)

    def _look(self) -> None:
        try:
            status = self._path.stat()
            version = (status.st_mtime_ns, status.st_ino)
            if version != self._version:
                self._keys = _parse(self._path.read_text(encoding="ascii"), self._path)
                self._version = version
        except (OSError, ValueError):
            # A file that was lost or broken while we run must not end every sign-in; at the start it must.
            if not self._keys:
                raise


def rotate(path: Path, *, now: datetime, activation_delay: timedelta = ACTIVATION_DELAY) -> list[dict[str, Any]]:
    """Add a key that will sign after the delay, drop those that are retired, and return the public keys.

    The file is replaced whole, and keeps its permissions.

    Raises:
        OSError: The file cannot be read or written.
        ValueError: It holds no private RSA key.
    """
    keys = _unretired(_parse(path.read_text(encoding="ascii"), path), now)
    fresh = RSAKey.generate_key(_BITS, private=True)
    keys.append(SigningKey(fresh, now + activation_delay))
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text("\n".join(_written(key) for key in keys), encoding="ascii")
    unfinished.replace(path)
    return [key.public() for key in keys]


def _unretired(keys: list[SigningKey], now: datetime) -> list[SigningKey]:
    replaced_at = [key.active_from for key in keys[1:]]
    retired = sum(1 for moment in replaced_at if moment + _OVERLAP <= now)
    return keys[retired:]


def _parse(text: str, path: Path) -> list[SigningKey]:
    keys = []
    for block in _BLOCK.finditer(text):
        since = block["since"]
        try:
            key = _private_key(block["pem"])
        except (JoseError, ValueError) as error:
            raise ValueError(f"{path} holds no private RSA key.") from error
        keys.append(SigningKey(key, datetime.fromisoformat(since) if since else _ALWAYS))
    if not keys:
        raise ValueError(f"{path} holds no private RSA key.")
    return sorted(keys, key=lambda key: key.active_from)


@lru_cache(maxsize=4)
def _private_key(pem: str) -> RSAKey:
    """Return the key; remembered, because checking its primes takes 40 ms, and files change by a key at most."""
    return RSAKey.import_key(pem.encode("ascii"))


def _written(key: SigningKey) -> str:
    pem = key.key.as_pem(private=True).decode("ascii")
    return pem if key.active_from == _ALWAYS else f"Active from {key.active_from.isoformat()}\n{pem}"
