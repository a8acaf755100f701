"""The password policy, and hashing with bcrypt in a few threads of its own, so that sign-in never holds up a query."""

import asyncio
import os
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import bcrypt

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.users.config import PASSWORD_MAX_BYTES, PASSWORD_MIN_LENGTH
from subgraphs.users.errors import AccountRefusalError, PasswordTooLongError, PasswordWeakError

Result = TypeVar("Result")

_NICENESS = 5

_TOO_MANY = "Too many people sign in at this moment. Try again."
_DIGEST_OF_NOTHING = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"
"""Salt and digest, in bcrypt's form, that no password is known for."""


def password_faults(password: str, *, field: tuple[str, ...] = ("input", "password")) -> list[AccountRefusalError]:
    """Return everything that keeps the password from being accepted, one error for each; empty when it is fine.

    `field` is where the password stands in the request.
    """
    text = _normalised(password)
    checks = (
        (
            "minLength",
            len(text) >= PASSWORD_MIN_LENGTH,
            f"The password needs at least {PASSWORD_MIN_LENGTH} characters.",
        ),
        ("requireUpper", any(c.isupper() for c in text), "The password needs an upper-case letter."),
        ("requireLower", any(c.islower() for c in text), "The password needs a lower-case letter."),
        ("requireDigit", any(c.isdigit() for c in text), "The password needs a digit."),
        ("requireSpecial", any(not c.isalnum() for c in text), "The password needs a special character."),
    )
    faults: list[AccountRefusalError] = [
        PasswordWeakError(name, text, field=field) for name, met, text in checks if not met
    ]
    if _is_too_long(text):
        faults.append(PasswordTooLongError(path=(*field, "maxBytes")))
    return faults


class PasswordHasher:
    """Hashes and checks passwords in at most `threads` threads, while at most `queue` others wait, none for long.

    Whoever would wait longer, for a thread or for its work, is refused then: the router gives a subgraph five seconds,
    and a subgraph that lets many calls run out of time is taken for dead, with everything else that it answers.
    """

    def __init__(
        self,
        *,
        cost: int,
        threads: int,
        queue: int,
        longest_wait_seconds: float,
        longest_run_seconds: float,
    ) -> None:
        self._cost = cost
        self._longest_wait_seconds = longest_wait_seconds
        self._longest_run_seconds = longest_run_seconds
        self._turns = asyncio.Semaphore(threads)
        self._threads = ThreadPoolExecutor(
            max_workers=threads, thread_name_prefix="bcrypt", initializer=_let_others_go_first
        )
        self._limit = threads + queue
        self._running = 0
        self._unknown_account = f"$2b${cost:02d}${_DIGEST_OF_NOTHING}"

    async def hash(self, password: str) -> str:
        """Return the bcrypt hash of an accepted password.

        Raises:
            PasswordTooLongError: More than 72 bytes; never cut in silence.
            ServiceUnavailableError: Too many passwords wait already, or this one waited too long.
        """
        text = _normalised(password)
        if _is_too_long(text):
            raise PasswordTooLongError
        return await self._run(lambda: bcrypt.hashpw(_bytes(text), bcrypt.gensalt(self._cost)).decode())

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password belongs to the hash.

        None is an unknown account: False, after the same work, so that time does not tell who has an account.

        Raises:
            ServiceUnavailableError: Too many passwords wait already, or this one waited too long.
        """
        text = _normalised(password)
        fits = not _is_too_long(text)
        candidate = _bytes(text) if fits else b""
        matches = await self._run(lambda: bcrypt.checkpw(candidate, (password_hash or self._unknown_account).encode()))
        return matches and fits and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Return whether the hash costs less than a new one would, so that the password should be hashed anew."""
        return int(password_hash.split("$")[2]) < self._cost

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._running >= self._limit:
            raise ServiceUnavailableError(_TOO_MANY)
        self._running += 1
        try:
            await self._take_turn()
        except BaseException:
            self._running -= 1
            raise
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        running.add_done_callback(self._end_turn)
        try:
            async with asyncio.timeout(self._longest_run_seconds):
                # Shielded: a thread cannot be stopped, so its turn lasts until it is done, whoever still waits.
                return await asyncio.shield(running)
        except TimeoutError as error:
            raise ServiceUnavailableError(_TOO_MANY) from error

    def _end_turn(self, done: asyncio.Future[Result]) -> None:
        self._turns.release()
        self._running -= 1
        if not done.cancelled():
            done.exception()  # looked at, in case nobody waits any more

    async def _take_turn(self) -> None:
        try:
            async with asyncio.timeout(self._longest_wait_seconds):
                await self._turns.acquire()
        except TimeoutError as error:
            raise ServiceUnavailableError(_TOO_MANY) from error


def _let_others_go_first() -> None:
    """Give this thread what processor time the others leave: a query is short, a hash long and in no hurry.

    Linux alone gives threads priorities of their own.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a container may forbid it
            own = threading.get_native_id()
            # Never less nice than the process was started, which root could be.
            os.setpriority(os.PRIO_PROCESS, own, max(os.getpriority(os.PRIO_PROCESS, own), _NICENESS))


def _normalised(password: str) -> str:
    """Return one form for what different keyboards send for the same characters."""
    return unicodedata.normalize("NFKC", password)


def _is_too_long(normalised: str) -> bool:
    return len(_bytes(normalised)) > PASSWORD_MAX_BYTES


def _bytes(normalised: str) -> bytes:
    return normalised.encode("utf-8", "surrogatepass")
