"""The public keys that sign access tokens, from a file or an address, read again when a token names an unknown key."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from router.execution.http_client import HttpClient, parse_http_url, request_head
from router.execution.transport import TransportError

# A key that was withdrawn is trusted at most this much longer.
MAXIMUM_AGE_SECONDS = 600.0
FETCH_TIMEOUT_SECONDS = 3.0

ReadJwks = Callable[[], Awaitable[bytes]]

_log = structlog.get_logger(__name__)


class KeysUnavailableError(Exception):
    """No key set could be read yet, so no token can be judged."""


class PublicKeys:
    """RSA keys by key id.

    Args:
        read: Returns the JWKS document.
        refresh_seconds: Shortest time between two reads.
        clock: Monotonic seconds.
    """

    def __init__(self, read: ReadJwks, *, refresh_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._keys: KeySet | None = None
        self._keys_from = 0.0
        self._tried_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def key(self, key_id: str | None) -> RSAKey | None:
        """Return the key, or None if the set has none of that id. Without an id, the only key of the set.

        Raises:
            KeysUnavailableError: There is no key set.
        """
        if self._is_old():
            await self._refresh()
        found = self._find(key_id)
        if found is None:
            await self._refresh()
            found = self._find(key_id)
        if self._keys is None:
            raise KeysUnavailableError
        return found

    def _is_old(self) -> bool:
        return self._keys is not None and self._clock() - self._keys_from > MAXIMUM_AGE_SECONDS

    def _find(self, key_id: str | None) -> RSAKey | None:
        if self._keys is None:
            return None
        candidates = [key for key in self._keys.keys if isinstance(key, RSAKey)]
        if key_id is None:
            return candidates[0] if len(candidates) == 1 else None
        return next((key for key in candidates if key.kid == key_id), None)

    async def _refresh(self) -> None:
        """Read the set again unless that was tried a moment ago; all who wait share one read."""
        if self._reading is None:
            now = self._clock()
            if self._tried_at is not None and now - self._tried_at < self._refresh_seconds:
                return
            self._tried_at = now
            self._reading = asyncio.get_running_loop().create_task(self._load())
        await asyncio.shield(self._reading)

    async def _load(self) -> None:
        try:
            self._keys = KeySet.import_key_set(orjson.loads(await self._read()))
            self._keys_from = self._clock()
        except (OSError, TransportError, JoseError, ValueError, KeyError, TypeError) as error:
            # The keys at hand stay in use: an unreachable issuer must not sign everybody out.
            _log.warning("jwks_unavailable", error=repr(error))
        finally:
            self._reading = None


def jwks_reader(source: str, client: HttpClient) -> ReadJwks:
    """Return what reads the JWKS at a file path or http(s) address.

    Raises:
        ValueError: An address with a scheme other than http(s).
    """
    if "://" not in source:
        path = Path(source)

        async def read_file() -> bytes:
            return await asyncio.to_thread(path.read_bytes)

        return read_file
    url = parse_http_url(source)
    head = request_head("GET", url, {"accept": "application/json"}) + b"\r\n"

    async def read_url() -> bytes:
        response = await client.request(head, b"", url=url, timeout_seconds=FETCH_TIMEOUT_SECONDS)
        if response.status != 200:
            msg = f"status {response.status}"
            raise ValueError(msg)
        return response.body

    return read_url
