"""HTTP calls to a partner."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import httpx2

from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways.catalogues import MOST_BYTES

CALL_TIMEOUT_SECONDS = 10.0
"""Longest wait for a connection, and for each piece of an answer."""
TRIES = 3
LONGEST_PAUSE_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.5
_HARMLESS_AGAIN = frozenset({"GET", "HEAD"})
_PASSING_FAULTS = frozenset({429, 500, 502, 503, 504})

Sleep = Callable[[float], Awaitable[None]]


class PartnerCalls:
    """Calls to one partner; an asynchronous context manager. All answers together hold at most `most_bytes`.

    Redirects are not followed: where a partner's data come from is for the configuration to say.

    Args:
        token: Goes along as a bearer token unless empty.
        most_bytes: What is read at most.
        timeout_seconds: Longest wait for a connection, and for each piece of an answer.
        accept: What the partner is asked for, as a media type.
        sleep: Waits between tries.
    """

    def __init__(
        self,
        token: str = "",
        *,
        most_bytes: int = MOST_BYTES,
        timeout_seconds: float = CALL_TIMEOUT_SECONDS,
        accept: str = "application/json",
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bytes_left = most_bytes
        self._sleep = sleep
        # Not compressed: what is counted is what is kept, and no small answer can become a large one.
        headers = {"accept": accept, "accept-encoding": "identity"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self._http = httpx2.AsyncClient(headers=headers, timeout=timeout_seconds, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def read(self, url: str, *, method: str = "GET", body: bytes | None = None) -> bytes:
        """Return the body of a successful answer. A call that changes nothing is tried up to three times.

        Raises:
            CatalogueUnavailableError: There was none, not whole, or more of it than may be read.
        """
        tries = TRIES if method in _HARMLESS_AGAIN else 1
        for turn in range(1, tries + 1):
            pause = min(_FIRST_PAUSE_SECONDS * 2 ** (turn - 1), LONGEST_PAUSE_SECONDS)
            try:
                answer = await self._answer(url, method, body)
            except httpx2.TransportError as error:
                # Its text may hold the address, and that a secret.
                problem = f"The catalogue did not answer whole: {type(error).__name__}."
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise CatalogueUnavailableError(f"The call failed: {type(error).__name__}.") from error
            else:
                if isinstance(answer, bytes):
                    return answer
                problem = f"The catalogue answered {answer.status_code}."
                if answer.status_code not in _PASSING_FAULTS:
                    break
                pause = _asked_pause(answer, pause)
            if turn < tries:
                await self._sleep(pause)
        raise CatalogueUnavailableError(problem)

    async def _answer(self, url: str, method: str, body: bytes | None) -> bytes | httpx2.Response:
        """Return the body of a success, else the answer, whose body is not read."""
        async with self._http.stream(method, url, content=body) as response:
            if response.status_code != httpx2.codes.OK:
                return response
            pieces: list[bytes] = []
            size = 0
            async for piece in response.aiter_raw():
                size += len(piece)
                if size > self._bytes_left:
                    raise CatalogueUnavailableError("The catalogue is larger than may be read.")
                pieces.append(piece)
        self._bytes_left -= size
        return b"".join(pieces)


def _asked_pause(answer: httpx2.Response, otherwise: float) -> float:
    """Return how long the partner asks us to wait, within limits; a date instead of seconds is not read."""
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), LONGEST_PAUSE_SECONDS) if asked.isascii() and asked.isdigit() else otherwise
