"""Films that editors sent, made streams: one at a time for each worker, in a process of low priority beside it.

A worker that dies takes its encoding with it; the job is taken up again when its lease is over, from the beginning, and
what the dead one left behind is deleted first. A stream appears when it is whole.
"""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import structlog

from media.storage import StorageError
from subgraphs.playback.service.encoding import CHECKSUM_MISMATCH, EncodingDesk, Failure, TakenJob
from subgraphs.shared.errors import ServiceUnavailableError
from workers.services import Services

REPORT_EVERY_SECONDS = 2.0
FOLDER = "encoding"
"""Where in the object store's folder streams are made, each in a folder of its film and attempt."""

_LONGEST_LINE_BYTES = 16 * 1024 * 1024
_ENDING_SECONDS = 15.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made of which files, and where. Captions are fields of media.results.CaptionFile; `language` is
    what the film is spoken in, None where nobody told."""

    source: Path
    folder: Path
    captions: tuple[Mapping[str, Any], ...]
    language: str | None = None


class EncodingFailedError(Exception):
    """The film cannot be made a stream, or not now."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(code, message)


class EncoderLostError(Exception):
    """The process that encodes ended without a word."""


OnProgress = Callable[[float], None]
Encoder = Callable[[Order, OnProgress], Awaitable[Mapping[str, Any]]]
"""Makes a stream and returns its facts (media.results.Ingested as JSON); raises EncodingFailedError or
EncoderLostError."""


async def encodings_wait(services: Services) -> bool:
    """Whether there is a film to encode."""
    return await services.playback.encodings.waits()


async def encode_next(services: Services, *, encoder: Encoder | None = None) -> bool:
    """Encode the film that waits longest and return whether there was one. Cancelled, it leaves it to the next one."""
    desk = services.playback.encodings
    job = await desk.take()
    if job is None:
        return False
    await _Encoding(desk, job, services.objects_dir / FOLDER, encoder or encode_beside).run()
    return True


async def encode_beside(order: Order, on_progress: OnProgress) -> Mapping[str, Any]:
    """Encode in a process of its own, which ends with this call, however that ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.encoding_process"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE_BYTES,
    )
    assert process.stdin is not None  # as asked for
    assert process.stdout is not None
    try:
        written = {**asdict(order), "source": str(order.source), "folder": str(order.folder)}
        process.stdin.write(orjson.dumps(written, default=str) + b"\n")
        await process.stdin.drain()
        async for line in process.stdout:
            word = orjson.loads(line)
            if "progress" in word:
                on_progress(word["progress"])
            elif "failed" in word:
                failed = word["failed"]
                _log.warning("encoding_failed", code=failed["code"], detail=failed["detail"])
                raise EncodingFailedError(failed["code"], failed["message"])
            else:
                made: Mapping[str, Any] = word["made"]
                return made
    except (BrokenPipeError, ConnectionResetError) as error:
        raise EncoderLostError from error
    finally:
        await _end(process)
    raise EncoderLostError


async def _end(process: asyncio.subprocess.Process) -> None:
    """Have the process end: it does when its input does; one that does not is killed."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_ENDING_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class _Encoding:
    """One job in this worker's hands."""

    def __init__(self, desk: EncodingDesk, job: TakenJob, folder: Path, encoder: Encoder) -> None:
        self._desk = desk
        self._job = job
        self._parent = folder
        self._folder = folder / f"{job.asset_id}-{job.attempt}"
        self._encoder = encoder
        self._progress = 0.0

    async def run(self) -> None:
        """Do the job, saying how it goes for as long as it is ours."""
        work = asyncio.create_task(self._work())
        try:
            while not work.done():
                await asyncio.wait({work}, timeout=REPORT_EVERY_SECONDS)
                if not work.done() and not await self._is_ours():
                    work.cancel()
                    break
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._desk.put_back(self._job)
            raise
        finally:
            await asyncio.gather(work, return_exceptions=True)
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _is_ours(self) -> bool:
        try:
            return await self._desk.report(self._job, self._progress)
        except ServiceUnavailableError:
            return True  # we shall see; whoever takes it meanwhile fences us off

    async def _work(self) -> None:
        try:
            order = await self._order()
            facts = await self._encoder(order, self._note)
            if not await self._desk.finish(self._job, self._folder, facts):
                _log.warning("encoding_taken_over", asset_id=str(self._job.asset_id))
        except EncodingFailedError as error:
            await self._desk.fail(self._job, error.failure)
        except (EncoderLostError, ServiceUnavailableError):
            # The lease ends, and the job is taken up again: by this worker, too.
            _log.exception("encoder_lost", asset_id=str(self._job.asset_id))
        except Exception:  # noqa: BLE001 - one film must not hold up the others; it is logged
            _log.exception("encoding_broke_off", asset_id=str(self._job.asset_id))
            message = "It failed for a reason of ours; the worker's log has it."
            await self._desk.fail(self._job, Failure("INTERNAL", message))

    async def _order(self) -> Order:
        """Return what is to be done, once the files are there and what others left behind is not."""
        await asyncio.to_thread(self._clear)
        source, digest = await self._original(self._job.upload_id)
        if self._job.sha256 is not None and digest != self._job.sha256:
            raise EncodingFailedError(CHECKSUM_MISMATCH, "What arrived does not have the SHA-256 that was announced.")
        captions = [
            {
                "path": (await self._original(each.upload_id))[0],
                "language": each.language,
                "is_forced": each.is_forced,
                "is_closed_caption": each.is_closed_caption,
            }
            for each in self._job.captions
        ]
        return Order(source, self._folder, tuple(captions), self._job.language)

    async def _original(self, upload_id: UUID) -> tuple[Path, str]:
        try:
            original = await asyncio.to_thread(self._desk.store.original, str(upload_id))
        except StorageError as error:
            raise EncodingFailedError("SOURCE_MISSING", "What was sent is not there any more.") from error
        return original.path, original.sha256

    def _clear(self) -> None:
        for left in self._parent.glob(f"*{self._job.asset_id}-*"):
            shutil.rmtree(left, ignore_errors=True)
        self._parent.mkdir(parents=True, exist_ok=True)

    def _note(self, share: float) -> None:
        self._progress = share
