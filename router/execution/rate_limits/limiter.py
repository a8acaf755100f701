"""Whose window an operation is charged to, and what happens when the shared windows are out of reach."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from router.execution.rate_limits.classes import Charge, RateClass
from router.execution.rate_limits.windows import LocalWindows, Take, Windows, WindowsUnavailableError
from router.execution.refusals import RefusedError

RATE_LIMITED = "RATE_LIMITED"

_NOBODY = "nobody"
_HOUSEHOLD_BITS = 64
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the subject of a checked token, if there is one, and the client's address, if it is known."""

    subject: str | None = None
    address: str | None = None


class RateLimitedError(RefusedError):
    """The caller asked too often. Nothing was executed, and nothing of it is counted.

    Attributes:
        retry_after_seconds: When the same request may pass, in whole seconds, at least 1.
    """

    def __init__(self, rate_class: RateClass, *, wait_seconds: float) -> None:
        seconds = max(1, math.ceil(wait_seconds))
        message = (
            f"Too many requests: {rate_class.limit} of the class '{rate_class.name}' are allowed "
            f"within {rate_class.seconds:g} seconds. Try again in {seconds} s."
        )
        extensions = {"limit": rate_class.name, "retryAfterSeconds": seconds}
        super().__init__(RATE_LIMITED, message, extensions=extensions)
        self.retry_after_seconds = seconds


class RateLimiter:
    """Charges operations to windows.

    Args:
        windows: Shared by all routers; None counts in this process only.
        key: Secret under which callers are digested, so that no store holds an address.
        local: Where this process counts when the shared windows cannot be asked: each router then allows the whole
            limit by itself, which is more than was meant and less than no limit.
    """

    def __init__(self, windows: Windows | None, *, key: bytes = b"", local: LocalWindows | None = None) -> None:
        self._windows = windows
        self._local = local or LocalWindows()
        self._key = hashlib.sha256(key).digest()

    async def admit(self, charges: Sequence[Charge], caller: Caller) -> None:
        """Charge an operation to its caller.

        Raises:
            RateLimitedError: One of the windows is full; names the class that needs the longest wait.
        """
        takes = [self._take(charge, caller) for charge in charges]
        waits = await self._waits(takes)
        if any(waits):
            longest = max(range(len(waits)), key=waits.__getitem__)
            raise RateLimitedError(charges[longest].rate_class, wait_seconds=waits[longest])

    async def aclose(self) -> None:
        """Close connections."""
        if self._windows is not None:
            await self._windows.aclose()

    async def _waits(self, takes: Sequence[Take]) -> list[float]:
        if self._windows is not None:
            try:
                return await self._windows.take(takes)
            except WindowsUnavailableError:
                pass
        return await self._local.take(takes)

    def _take(self, charge: Charge, caller: Caller) -> Take:
        found = charge.rate_class
        subject = None if found.per_client else caller.subject
        who = f"s:{subject}" if subject is not None else f"a:{_household(caller.address)}"
        digest = hashlib.blake2b(who.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES, key=self._key)
        return Take(f"{found.name}:{digest.hexdigest()}", charge.amount, found.limit, found.seconds)


def _household(address: str | None) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 that one household has in IPv6."""
    if address is None:
        return _NOBODY
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _HOUSEHOLD_BITS), strict=False))
    return address
