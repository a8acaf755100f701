"""Pairing a television: it shows a short code, a signed-in viewer approves it elsewhere, it gets tokens (as RFC 8628).

User codes are eight consonants without lookalikes, 25.6 billion of them; they live ten minutes, and an account may name
ten wrong ones in fifteen minutes. Device codes are long secrets; only their digest is kept.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.users.config import PAIRING_INTERVAL_SECONDS, PAIRING_LIFETIME
from subgraphs.users.errors import (
    AuthorizationPendingError,
    PairingDeniedError,
    PairingExpiredError,
    RefusedError,
    UserCodeTriesUsedUpError,
    UserCodeUnknownError,
)
from subgraphs.users.repository.pairings import PairingStatus, PairingStore, Poll, WaitingDevice

# No vowels, so that no word arises; no letters that look or sound like another one on a bad screen.
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
USER_CODE_LENGTH = 8
_DEVICE_CODE_BYTES = 32
_LONGEST_DEVICE_CODE = 128
_LONGEST_USER_CODE = 32
_TRIES_TO_FIND_A_FREE_CODE = 5


@dataclass(frozen=True, slots=True)
class StartedPairing:
    """What the device keeps (the device code) and shows (the user code)."""

    device_code: str
    user_code: str
    interval_seconds: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApprovedDevice:
    """Whose account and profile the device gets."""

    user_id: UUID
    profile_id: UUID | None
    device: WaitingDevice
    approved_at: datetime


class Pairings:
    """Devices that wait, are approved or denied, and ask."""

    def __init__(self, store: PairingStore) -> None:
        self._store = store

    async def start(self, device: WaitingDevice) -> StartedPairing:
        """Return new codes for the device.

        Raises:
            ServiceUnavailableError: No free user code was found, which takes billions of waiting devices.
        """
        device_code = secrets.token_urlsafe(_DEVICE_CODE_BYTES)
        for _ in range(_TRIES_TO_FIND_A_FREE_CODE):
            user_code = "".join(secrets.choice(USER_CODE_LETTERS) for _ in range(USER_CODE_LENGTH))
            if await self._store.start(device_code, user_code, device):
                expires_at = device.started_at + PAIRING_LIFETIME
                return StartedPairing(device_code, _shown(user_code), PAIRING_INTERVAL_SECONDS, expires_at)
        raise ServiceUnavailableError("Too many devices wait at this moment. Try again.")

    async def waiting(self, user_code: str, *, user_id: UUID, now: datetime) -> WaitingDevice:
        """Return the device that shows the code, for the viewer to look at before approving it.

        Raises:
            RefusedError: None does, or the account named too many wrong codes.
        """
        await self._count(user_id)
        device = await self._store.waiting(_plain(user_code), now=now)
        if device is None:
            raise RefusedError(UserCodeUnknownError())
        await self._store.give_try_back(user_id)
        return device

    async def decide(
        self, user_code: str, *, approve: bool, user_id: UUID, profile_id: UUID | None, now: datetime
    ) -> None:
        """Let the device sign in to the viewer's account and profile, or not. Once decided, it stays so.

        Raises:
            RefusedError: No device waits with the code, or the account named too many wrong codes.
        """
        await self._count(user_id)
        status = PairingStatus.APPROVED if approve else PairingStatus.DENIED
        code = _plain(user_code)
        if not await self._store.decide(code, status, user_id=user_id, profile_id=profile_id, now=now):
            raise RefusedError(UserCodeUnknownError())
        await self._store.give_try_back(user_id)

    async def poll(self, device_code: str, *, now: datetime) -> ApprovedDevice:
        """Return whom the device was approved for, once.

        Raises:
            AuthorizationPendingError: Nobody has decided yet, or the device asks too often.
            PairingDeniedError: The viewer said no.
            PairingExpiredError: Expired, used, or never started.
        """
        if len(device_code) > _LONGEST_DEVICE_CODE:
            raise PairingExpiredError
        poll: Poll = await self._store.poll(device_code, now=now)
        if poll.status in {PairingStatus.PENDING, PairingStatus.SLOW_DOWN}:
            raise AuthorizationPendingError(
                interval_seconds=poll.interval_seconds, slow_down=poll.status is PairingStatus.SLOW_DOWN
            )
        if poll.status is PairingStatus.DENIED:
            raise PairingDeniedError
        if poll.user_id is None or poll.device is None or poll.decided_at is None:
            raise PairingExpiredError
        return ApprovedDevice(poll.user_id, poll.profile_id, poll.device, poll.decided_at)

    async def _count(self, user_id: UUID) -> None:
        if not await self._store.take_try(user_id):
            raise RefusedError(UserCodeTriesUsedUpError())


def _shown(user_code: str) -> str:
    middle = USER_CODE_LENGTH // 2
    return f"{user_code[:middle]}-{user_code[middle:]}"


def _plain(user_code: str) -> str:
    """Return the code as it is kept, however it was typed: in any case, with spaces or a dash."""
    return "".join(letter for letter in user_code[:_LONGEST_USER_CODE].upper() if letter.isalnum())
