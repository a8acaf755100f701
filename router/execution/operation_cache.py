"""Keeps prepared operations: least recently used go first, bounded in number and estimated size.

Plans come first: what was kept but needs its code again costs a little more for one request, what has to be planned
again costs much. Generated code has what they leave of the size, at least a fixed share. When that is full, an
operation is compiled in the place of another only if it is asked for more, so that a long tail of operations, each
seldom asked for, does not compile each other away.

A miss is worked on once, in a thread, however many requests wait for it. Failures are not kept: a stream of invalid
documents must not push out the operations that clients really use.
"""

import asyncio
import gc
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from router.execution.operation import PreparedOperation, VariantKey
from router.execution.override_labels import NO_LABELS

Key = tuple[str, str | None, int, frozenset[str]]

# Measured: what text and plan of an operation take, and then its generated code, for each variant.
_BYTES_PER_ENTRY = 2_500
_BYTES_PER_CHARACTER = 11
_CODE_BYTES_PER_VARIANT = 18_000
_CODE_BYTES_PER_CHARACTER = 13

# Of the whole size.
_LEAST_CODE_SHARE = 0.15

# The types of replies, which belong to generated code, hold themselves in circles, and a server looks for those hardly
# ever by itself: that is done when what went is this share of what may be kept.
_GARBAGE_SHARE = 0.25

# One thread prepares: more would only take turns at the interpreter lock, at the cost of the requests being served.
_THREADS = 1

_log = structlog.get_logger(__name__)


class OperationCache:
    """Maps (document text, operation name, mask of unmet demands, labels of overrides) to a prepared operation.

    Args:
        prepare: Makes one; raises ClientError for what cannot be prepared.
        max_entries: Operations kept.
        max_bytes: Their estimated size together.
    """

    def __init__(
        self,
        prepare: Callable[[str, str | None, int, frozenset[str]], PreparedOperation],
        *,
        max_entries: int,
        max_bytes: int,
    ) -> None:
        self._prepare = prepare
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Key, PreparedOperation] = OrderedDict()
        self._plan_bytes = 0
        self._code: OrderedDict[Key, _Code] = OrderedDict()
        self._code_bytes = 0
        self._gone_bytes = 0
        self._in_flight: dict[Key, asyncio.Task[PreparedOperation]] = {}
        self._threads: ThreadPoolExecutor | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def known(
        self, text: str, operation_name: str | None, unmet: int = 0, labels: frozenset[str] = NO_LABELS
    ) -> PreparedOperation | None:
        """Return the operation if it is kept, and count the use."""
        key = (text, operation_name, unmet, labels)
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
            entry.uses += 1
            if key in self._code:
                self._code.move_to_end(key)
            if entry.to_compile:  # it comes again: most likely it will go on to
                self._consider(key, entry)
        return entry

    async def get(
        self, text: str, operation_name: str | None, unmet: int = 0, labels: frozenset[str] = NO_LABELS
    ) -> PreparedOperation:
        """Return the operation, prepared now if it is not kept. Cancelling one waiter leaves the others waiting."""
        entry = self.known(text, operation_name, unmet, labels)
        if entry is not None:
            return entry
        key = (text, operation_name, unmet, labels)
        task = self._in_flight.get(key)
        if task is None:
            task = self._in_flight[key] = asyncio.get_running_loop().create_task(self._prepare_in_thread(key))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, if nobody waits
        return await asyncio.shield(task)

    def warm(self, text: str, operation_name: str | None, labels: frozenset[str] = NO_LABELS) -> PreparedOperation:
        """Prepare the operation here and now, before serving begins, and keep it."""
        key = (text, operation_name, 0, labels)
        operation = self._prepare(*key)
        operation.warm()
        self._keep(key, operation)
        self._note_code(key, _code_size(key))
        return operation

    def hottest(self, count: int) -> list[tuple[str, str | None, frozenset[str], int]]:
        """Return text, operation name, labels and number of uses of the most used operations."""
        entries = sorted(self._entries.items(), key=lambda entry: entry[1].uses, reverse=True)
        hot: dict[tuple[str, str | None, frozenset[str]], int] = {}
        for (text, name, _, labels), operation in entries:
            if len(hot) == count:
                break
            hot.setdefault((text, name, labels), operation.uses)
        return [(*key, uses) for key, uses in hot.items()]

    def close(self) -> None:
        """Let the preparing thread end."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    async def _prepare_in_thread(self, key: Key) -> PreparedOperation:
        try:
            operation = await asyncio.get_running_loop().run_in_executor(self._thread(), self._prepare, *key)
        finally:
            del self._in_flight[key]
        self._keep(key, operation)
        return operation

    def _thread(self) -> ThreadPoolExecutor:
        # Made on first use, because threads do not survive the fork between warming and serving.
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="prepare-operation")
        return self._threads

    def _keep(self, key: Key, operation: PreparedOperation) -> None:
        if key in self._entries:
            self._forget(key)
        self._entries[key] = operation
        self._plan_bytes += _size(key)
        most = self._max_bytes * (1 - _LEAST_CODE_SHARE)
        while self._entries and (len(self._entries) > self._max_entries or self._plan_bytes > most):
            self._forget(next(iter(self._entries)))
        self._fit_code()

    def _forget(self, key: Key) -> None:
        del self._entries[key]
        self._plan_bytes -= _size(key)
        if key in self._code:
            self._gone(self._code.pop(key))

    def _consider(self, key: Key, entry: PreparedOperation) -> None:
        """Compile what is asked for of an operation, unless others that need the room are worth more."""
        size = len(entry.to_compile) * _code_size(key)
        most = self._most_code()
        if size > most:
            return
        while self._code_bytes + size > most:
            oldest, code = next(iter(self._code.items()))
            if oldest == key or self._entries[oldest].uses - code.challenges >= entry.uses:
                code.challenges += 1  # what is not asked for any more has to give way in the end
                return
            self._forget_code(oldest)
        self._note_code(key, size)
        self._thread().submit(_compile, entry, entry.take_to_compile())

    def _note_code(self, key: Key, size: int) -> None:
        if key not in self._entries:
            return
        known = self._code.setdefault(key, _Code())
        known.size += size
        self._code_bytes += size
        self._fit_code()

    def _fit_code(self) -> None:
        while self._code and self._code_bytes > self._most_code():
            self._forget_code(next(iter(self._code)))

    def _most_code(self) -> float:
        return max(self._max_bytes - self._plan_bytes, self._max_bytes * _LEAST_CODE_SHARE)

    def _forget_code(self, key: Key) -> None:
        self._entries[key].forget_code()
        self._gone(self._code.pop(key))

    def _gone(self, code: "_Code") -> None:
        self._code_bytes -= code.size
        self._gone_bytes += code.size
        if self._gone_bytes > self._max_bytes * _GARBAGE_SHARE:
            self._gone_bytes = 0
            self._thread().submit(gc.collect)


@dataclass(slots=True)
class _Code:
    """Generated code of an operation: its estimated size, and how often another wanted its place."""

    size: int = 0
    challenges: int = 0


def _compile(operation: PreparedOperation, variants: Iterable[VariantKey]) -> None:
    """Compile variants; where that fails, which is a bug of ours, the operation goes on as it is."""
    try:
        for key in variants:
            operation.compile(key)
    except Exception:  # noqa: BLE001 - nobody waits for it
        _log.exception("compilation_failed")


def _size(key: Key) -> int:
    return _BYTES_PER_ENTRY + _BYTES_PER_CHARACTER * len(key[0])


def _code_size(key: Key) -> int:
    return _CODE_BYTES_PER_VARIANT + _CODE_BYTES_PER_CHARACTER * len(key[0])
