"""Serves a changed supergraph file without a restart.

The new supergraph is read, checked and warmed with the most used operations in a thread, then takes the place of the
old one as a whole. Requests under way end on the old one, which nothing holds afterwards. A file that cannot be
served changes nothing; why is logged and said by `/ready`.
"""

import asyncio
import hashlib
from pathlib import Path
from typing import Any, Protocol

import structlog

from router.errors import InvalidSupergraphError, OperatorError
from router.execution.engine import Engine
from router.http.engines import EngineFactory
from router.supergraph import Supergraph

_log = structlog.get_logger(__name__)

# What tells cheaply that a file may have changed: time of the last change in nanoseconds, and size.
_Stamp = tuple[int, int] | None


class Serving(Protocol):
    """Whoever serves an engine that can be replaced."""

    engine: Engine

    def retire(self, engine: Engine) -> None:
        """Take leave of an engine that was replaced."""
        ...


class SupergraphFile:
    """Looks after one supergraph file.

    Args:
        path: The file.
        text: What is served of it now.
        engines: Makes the engine for a new text.
        poll_seconds: Time between two looks.
        warm_operations: How many of the most used operations are prepared beforehand.
    """

    def __init__(
        self, path: Path, *, text: str, engines: EngineFactory, poll_seconds: float, warm_operations: int
    ) -> None:
        self._path = path
        self._engines = engines
        self._poll_seconds = poll_seconds
        self._warm_operations = warm_operations
        self._stamp: _Stamp = None
        self._served = _digest(text.encode())
        self._rejected: tuple[str, str] | None = None  # digest and reason

    def report(self) -> dict[str, Any]:
        """Return what is served, and if the file holds something else, why that is not."""
        report: dict[str, Any] = {"sha256": self._served}
        if self._rejected is not None:
            digest, reason = self._rejected
            report["rejected"] = {"sha256": digest or None, "reason": reason}
        return report

    async def watch(self, serving: Serving) -> None:
        """Look at the file again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                await self.look(serving)
            except Exception:  # noqa: BLE001 - a bug of ours must not end the watching; the old one still serves
                _log.exception("supergraph_reload_failed")

    async def look(self, serving: Serving) -> bool:
        """Serve the file's content if it has changed and is good; return whether it now serves something new."""
        try:
            stat = await asyncio.to_thread(self._path.stat)
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp == self._stamp:
                return False
            content = await asyncio.to_thread(self._path.read_bytes)
        except OSError as error:
            self._stamp = None
            self._reject("", f"The file cannot be read: {error.strerror}.")
            return False
        self._stamp = stamp
        digest = _digest(content)
        if digest == self._served:
            self._rejected = None
            return False
        if self._rejected is not None and self._rejected[0] == digest:
            return False
        old = serving.engine
        try:
            engine = await asyncio.to_thread(self._engine, content, old)
        except OperatorError as error:
            self._reject(digest, f"{error.code}: {error.message}")
            return False
        serving.engine = engine
        serving.retire(old)
        self._engines.metrics.supergraph_changes["served"] += 1
        self._served, self._rejected = digest, None
        _log.info("supergraph_changed", sha256=digest)
        return True

    def _engine(self, content: bytes, old: Engine) -> Engine:
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise InvalidSupergraphError("The file is not UTF-8.") from error
        engine = self._engines.engine(Supergraph.from_sdl(text))
        warmed = engine.warm_like(old, count=self._warm_operations)
        _log.info("supergraph_warmed", operations=warmed)
        return engine

    def _reject(self, digest: str, reason: str) -> None:
        if self._rejected != (digest, reason):
            _log.error("supergraph_rejected", path=str(self._path), reason=reason)
            self._engines.metrics.supergraph_changes["rejected"] += 1
        self._rejected = (digest, reason)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
