"""Guessing is limited: five wrong passwords for an address within 15 minutes lock it for 15 minutes, a PIN likewise.

Addresses without an account are counted and locked as well, so that a lock does not tell who has one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID, uuid4

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.users.errors import AccountLockedError
from subgraphs.users.models import User
from subgraphs.users.repository.attempts import AttemptStore, Miss
from subgraphs.users.service.crypto import PersonalData

_PAUSE_SECONDS = 0.02
_LONGEST_WAIT_SECONDS = 0.5


class Attempts:
    """Checks guesses no oftener than allowed.

    Args:
        store: Counts them.
        personal_data: Makes digests of addresses.
        clock: Tells the moments that are counted.
    """

    def __init__(self, store: AttemptStore, personal_data: PersonalData, *, clock: Clock) -> None:
        self._store = store
        self._personal_data = personal_data
        self._clock = clock

    def subject_of_address(self, email: str) -> str:
        """Return by what guesses of an address's password are counted; the address itself is not kept."""
        return f"address:{self._personal_data.index(email, purpose='attempts')}"

    def subject_of_account(self, user: User) -> str:
        """Return by what guesses of an account's password are counted: its address, if it has one."""
        return self.subject_of_address(user.email) if user.email else f"account:{user.id}"

    async def check(self, subject: str, guess: Callable[[], Awaitable[bool]]) -> Miss | None:
        """Return None for a right guess, which forgets the wrong ones before it; else what is left.

        Raises:
            AccountLockedError: Nothing is checked at the moment.
            ServiceUnavailableError: Too many others are being checked; or the check itself cannot be done.
        """
        attempt_id = uuid4().hex
        await self._take_place(subject, attempt_id)
        try:
            is_right = await guess()
        except BaseException:
            await self._store.leave(subject, attempt_id)
            raise
        if is_right:
            await self._store.forget(subject)
            return None
        return await self._store.fail(subject, attempt_id, now=self._clock())

    async def unlock(self, subject: str) -> None:
        """Forget what was guessed wrong, and the lock."""
        await self._store.forget(subject)

    async def locked_until(self, subject: str) -> datetime | None:
        """Return the end of the lock; None without one."""
        return await self._store.locked_until(subject, now=self._clock())

    async def _take_place(self, subject: str, attempt_id: str) -> None:
        waited_seconds = 0.0
        while True:
            place = await self._store.begin(subject, attempt_id, now=self._clock())
            if place.is_free:
                return
            if place.locked_until is not None:
                raise AccountLockedError(place.locked_until)
            if waited_seconds >= _LONGEST_WAIT_SECONDS:
                raise ServiceUnavailableError("Too many sign-ins to this account at this moment. Try again.")
            await asyncio.sleep(_PAUSE_SECONDS)
            waited_seconds += _PAUSE_SECONDS


def subject_of_pin(profile_id: UUID) -> str:
    """Return by what guesses of a profile's PIN are counted."""
    return f"pin:{profile_id}"
