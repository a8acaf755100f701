"""Values in Valkey that are taken once: the state of a sign-in at a provider, and whatever else a browser brings back.

Who takes a value first has it; everybody after finds nothing, whoever is faster. Keys hold digests of the secrets.
"""

import hashlib
import json
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

from subgraphs.shared.redis import Cache


class OneTimeStore:
    """Values of one kind.

    Args:
        cache: Where they are kept.
        kind: Part of their keys.
        lifetime: After which they are gone.
    """

    def __init__(self, cache: Cache, kind: str, *, lifetime: timedelta) -> None:
        self._cache = cache
        self._kind = kind
        self.lifetime = lifetime

    async def keep(self, secret: str, value: dict[str, Any], *, now: datetime) -> None:
        """Keep the value for who brings the secret."""
        text = json.dumps({**value, "expires": (now + self.lifetime).timestamp()})
        await self._cache.run(lambda client: client.set(self._key(secret), text, ex=self.lifetime))

    async def look(self, secret: str, *, now: datetime) -> dict[str, Any] | None:
        """Return the value and leave it there; None when it was taken or has expired."""
        return _alive(await self._cache.run(lambda client: _text(client.get(self._key(secret)))), now)

    async def take(self, secret: str, *, now: datetime) -> dict[str, Any] | None:
        """Return the value, which nobody can take again; None when it was taken or has expired."""
        return _alive(await self._cache.run(lambda client: _text(client.getdel(self._key(secret)))), now)

    def _key(self, secret: str) -> str:
        return self._cache.key(self._kind, digest(secret))


def _text(answer: Awaitable[Any]) -> Awaitable[str | None]:
    """Say of an answer what the client's types do not know: it is decoded."""
    return answer


def digest(secret: str) -> str:
    """Return the SHA-256 of a random secret, in hex: what is kept instead of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _alive(text: str | None, now: datetime) -> dict[str, Any] | None:
    if text is None:
        return None
    value: dict[str, Any] = json.loads(text)
    return value if value["expires"] > now.timestamp() else None
