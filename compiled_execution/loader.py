"""A request-scoped loader: batches, caches and keeps order like aiodataloader, without a task or future for each load.

What `load` returns can be awaited anywhere, any number of times. A resolver of a compiled operation that returns it
unawaited costs neither a task nor a future: the driver of the request is told once for a whole batch.
"""

from __future__ import annotations

import asyncio
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Hashable, Iterable, Mapping, Sequence

    LoadFunction = Callable[[list[Any]], Awaitable[Sequence[Any]]]

K = TypeVar("K")
V = TypeVar("V")

PENDING, VALUE, ERROR, CANCELLED = range(4)
"""The states of a load."""
ARRIVED = frozenset({VALUE, ERROR})
_NOT_HERE = frozenset({PENDING, CANCELLED})


class WrongNumberOfValuesError(ValueError):
    """The function of a loader or batch field returned more or fewer values than it was given."""

    def __init__(self, *, expected: int, received: int) -> None:
        super().__init__(f"A batch of {expected} came back as {received} values.")
        self.expected = expected
        self.received = received


class Load(Generic[V]):
    """One key's value, now or later. Each waiter has a future of its own, so that cancelling one disturbs no other."""

    __slots__ = ("batch", "claimed", "key", "result", "state")

    def __init__(self, key: Any, batch: Batch | None) -> None:
        self.key = key
        self.claimed = False
        """Whether anybody has waited for it yet; if so, it may be given up when nobody does any more."""
        self.state = PENDING
        self.result: Any = None
        self.batch = batch
        """What brings it; None for a value that was primed."""

    def __await__(self) -> Generator[Any, None, V]:
        self.revive()
        while self.state == PENDING and self.batch is not None:
            self.claimed = True
            batch = self.batch
            future = batch.begin_wait()
            try:
                yield from future
            except BaseException:
                batch.end_wait(future)
                raise
        return self.result if self.state == VALUE else self.outcome()

    @property
    def is_pending(self) -> bool:
        """Whether its batch has not come back yet."""
        return self.state == PENDING

    def revive(self) -> None:
        """Have another batch bring it, if the one that should have was given up before anybody waited for this load."""
        if self.state == CANCELLED and self.batch is not None:
            self.batch = self.batch.again(self)

    def outcome(self) -> V:
        """Return the value of a load that is not pending any more.

        Raises:
            Exception: What the loader returned or raised for the key.
            CancelledError: The batch was cancelled.
        """
        if self.state == VALUE:
            return cast("V", self.result)
        if self.state == ERROR:
            raise self.result
        raise asyncio.CancelledError

    def settle(self, result: Any) -> None:
        """Give it its value, or its error if that is an exception; only the first counts."""
        if self.state == PENDING:
            self.state = ERROR if isinstance(result, BaseException) else VALUE
            self.result = result


class Loads(Generic[V]):
    """Several loads; awaited, the list of their values in order, or the first error in that order."""

    __slots__ = ("_loads",)

    def __init__(self, loads: list[Load[V]]) -> None:
        self._loads = loads

    def __await__(self) -> Generator[Any, None, list[V]]:
        is_here = True
        for load in self._loads:
            load.claimed = True
            if load.state != VALUE:
                is_here = False
        if not is_here:
            for load in self._loads:
                # Cancelled: its batch was given up by all others while this was waiting for another batch.
                if load.state in _NOT_HERE:
                    yield from load.__await__()
        return [load.result if load.state == VALUE else load.outcome() for load in self._loads]


class Batch:
    """Keys that are loaded by one call. When it has come back it holds neither the loads nor the function: they hold
    the batch, and whole requests would have to wait for the garbage collector."""

    __slots__ = ("_given_up", "_load_all", "_on_dispatch", "_task", "_waiters", "_watchers", "dispatched", "loads")

    def __init__(self, load_all: LoadFunction, on_dispatch: Callable[[], None] | None = None) -> None:
        self.loads: list[Load[Any]] = []
        self.dispatched = False
        """Whether it takes no further keys."""
        self._load_all: LoadFunction | None = load_all
        """None when it has come back: its loads will not need it again."""
        self._on_dispatch = on_dispatch
        self._given_up = False
        self._task: asyncio.Task[None] | None = None
        self._watchers: set[Callable[[], None]] = set()
        self._waiters: list[asyncio.Future[None]] = []
        # In a second turn of the loop, so that tasks that are about to start now still join the batch.
        asyncio.get_running_loop().call_soon(self._start)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` once when the batch has come back."""
        self._watchers.add(watcher)

    def unwatch(self, watcher: Callable[[], None]) -> None:
        """Forget the watcher; a batch that nobody waits for any more is given up."""
        self._watchers.discard(watcher)
        self._give_up_unless_wanted()

    def _give_up_unless_wanted(self) -> None:
        if not self._watchers and not self._waiters and all(load.claimed for load in self.loads):
            self._give_up()

    def again(self, load: Load[Any]) -> Batch:
        """Return a new batch for a load of a batch that was given up."""
        batch = Batch(cast("LoadFunction", self._load_all))
        load.state = PENDING
        batch.loads.append(load)
        return batch

    def close(self) -> None:
        """Take no further keys."""
        if not self.dispatched:
            self.dispatched = True
            if self._on_dispatch is not None:
                self._on_dispatch()

    def begin_wait(self) -> asyncio.Future[None]:
        """Return a future that is done when the batch has come back; who stops waiting for it before says so."""
        future = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        return future

    def end_wait(self, future: asyncio.Future[None]) -> None:
        """Forget who waited; a batch that nobody waits for any more is given up."""
        if future in self._waiters:
            self._waiters.remove(future)
        self._give_up_unless_wanted()

    def _start(self) -> None:
        if not self.dispatched:  # else it was given up
            self._task = asyncio.get_running_loop().create_task(self._run())

    def _give_up(self) -> None:
        # At once, not when its task ends: who asks for one of the keys meanwhile needs another batch.
        self.close()
        self._given_up = True
        self._cancel(self.loads)
        if self._task is not None:
            self._task.cancel()

    def _cancel(self, loads: list[Load[Any]]) -> None:
        for load in loads:
            # A load of a batch that was given up may wait in another by now.
            if load.state == PENDING and load.batch is self:
                load.state = CANCELLED

    async def _run(self) -> None:
        self.close()
        wanted = [load for load in self.loads if load.state == PENDING]
        try:
            if wanted:
                values = await cast("LoadFunction", self._load_all)([load.key for load in wanted])
                if len(values) != len(wanted):
                    raise WrongNumberOfValuesError(expected=len(wanted), received=len(values))
                for load, value in zip(wanted, values, strict=True):
                    if load.state == PENDING:  # else it was primed meanwhile
                        load.state = ERROR if isinstance(value, BaseException) else VALUE
                        load.result = value
        except Exception as error:  # noqa: BLE001  # whatever the function raises is the error of each key
            for load in wanted:
                load.settle(error)
        except BaseException:
            self._given_up = True
            self._cancel(wanted)
            raise
        finally:
            self._task = None
            if not self._given_up:
                self.loads, self._load_all = [], None
            waiters, self._waiters = self._waiters, []
            for future in waiters:
                if not future.done():
                    future.set_result(None)
            watchers, self._watchers = self._watchers, set()
            for watcher in watchers:
                watcher()


class Loader(Generic[K, V]):
    """Loads values by key: all keys asked for together in one call, each key once.

    Args:
        load_fn: Returns a value for each key, in the order of the keys; an exception in its place is that key's error.
        max_batch_size: Most keys of one call; None for any number.
        cache: Whether a key that was asked for before gets what it got then. Errors are kept, too.
        cache_key_fn: What of a key tells it from others; needed for keys that cannot be hashed.
    """

    __slots__ = ("_batch", "_cache", "_cache_key_fn", "_load_fn", "_max_batch_size", "_owner")

    def __init__(
        self,
        load_fn: Callable[[list[K]], Awaitable[Sequence[V | BaseException]]],
        max_batch_size: int | None = None,
        *,
        cache: bool = True,
        cache_key_fn: Callable[[K], Hashable] | None = None,
    ) -> None:
        self._load_fn = load_fn
        self._max_batch_size = max_batch_size
        self._cache: dict[Any, Load[V]] | None = {} if cache else None
        self._cache_key_fn = cache_key_fn
        self._batch: Batch | None = None
        self._owner: ref[Any] | None = None
        """Whose method the function is, if that is not bound."""

    def load(self, key: K) -> Load[V]:
        """Return the key's value as something to await, or to return from a resolver as it is."""
        cache = self._cache
        if cache is None:
            return self._enqueue(key)
        name: Any = key if self._cache_key_fn is None else self._cache_key_fn(key)
        known = cache.get(name)
        if known is None or known.state == CANCELLED:
            known = cache[name] = self._enqueue(key)
        return known

    def load_many(self, keys: Iterable[K]) -> Loads[V]:
        """Return the values of the keys as something to await: a list in their order, or the first error."""
        cache = self._cache
        if cache is None or self._cache_key_fn is not None:
            return Loads([self.load(key) for key in keys])
        loads: list[Load[V]] = []
        batch: Batch | None = None
        for key in keys:
            known = cache.get(key)
            if known is None or known.state == CANCELLED:
                # As `_enqueue` does, without the call.
                if batch is None or self._max_batch_size:
                    batch = self._open_batch()
                known = cache[key] = Load(key, batch)
                batch.loads.append(known)
            loads.append(known)
        return Loads(loads)

    def clear(self, key: K) -> None:
        """Forget the key, so that it is loaded again; nothing happens when it is not known."""
        if self._cache is not None:
            self._cache.pop(self._name(key), None)

    def clear_many(self, keys: Iterable[K]) -> None:
        """Forget the keys."""
        for key in keys:
            self.clear(key)

    def clear_all(self) -> None:
        """Forget every key."""
        if self._cache is not None:
            self._cache.clear()

    def prime(self, key: K, value: V | BaseException, *, force: bool = False) -> None:
        """Give the key its value, or its error, without loading it; with `force` even if it has one already.

        Whoever waits for the key in a batch that was not sent yet gets this value.
        """
        if self._cache is None:
            return
        name = self._name(key)
        known = self._cache.get(name)
        if known is not None and known.state == PENDING and not cast("Batch", known.batch).dispatched:
            known.settle(value)
        elif known is None or known.state == CANCELLED or force:
            primed: Load[V] = Load(key, None)
            primed.settle(value)
            self._cache[name] = primed

    def prime_many(self, values: Mapping[K, V], *, force: bool = False) -> None:
        """Give several keys their values."""
        for key, value in values.items():
            self.prime(key, value, force=force)

    def _name(self, key: K) -> Any:
        return key if self._cache_key_fn is None else self._cache_key_fn(key)

    def _enqueue(self, key: K) -> Load[V]:
        batch = self._open_batch()
        load: Load[V] = Load(key, batch)
        batch.loads.append(load)
        return load

    def _open_batch(self) -> Batch:
        batch = self._batch
        if batch is None or batch.dispatched or (self._max_batch_size and len(batch.loads) >= self._max_batch_size):
            batch = self._batch = Batch(self._load_fn if self._owner is None else self._bound(self._owner()))
        return batch

    def _bound(self, owner: Any) -> LoadFunction:
        if owner is None:
            raise ReferenceError("What this loader belongs to is gone.")
        return MethodType(self._load_fn, owner)


class LoaderMethod(Generic[K, V]):
    """A method that loads values by key; read from an object, the object's own loader."""

    def __init__(self, function: Callable[[Any, list[K]], Awaitable[Sequence[V]]]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self._name = function.__name__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> LoaderMethod[K, V]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Loader[K, V]: ...
    def __get__(self, instance: object | None, owner: type) -> LoaderMethod[K, V] | Loader[K, V]:
        if instance is None:
            return self
        # There it is found before this is asked again.
        loader = vars(instance)[self._name] = loader_of(instance, self.function)
        return loader


def loader_of(owner: object, function: Callable[[Any, list[K]], Awaitable[Sequence[V]]]) -> Loader[K, V]:
    """Return a loader by a method of the owner, which it does not hold: the owner may hold it, without a cycle."""
    loader: Loader[K, V] = Loader(cast("Any", function))
    loader._owner = ref(owner)  # noqa: SLF001  # of this module
    return loader


def loader_method(function: Callable[[Any, list[K]], Awaitable[Sequence[V]]]) -> LoaderMethod[K, V]:
    """Return what makes a method `(self, keys) -> values` a loader of its object, made when it is first asked for.

        class Loaders:
            @loader_method
            async def user_by_id(self, ids: list[UUID]) -> list[User | None]: ...

    `loaders.user_by_id.load(id)`. The object dies with its last user, whatever its loaders have loaded.
    """
    return LoaderMethod(function)


def deferred(value: Awaitable[V]) -> V:
    """Return the awaitable, typed as what it brings: for resolvers that return a load instead of awaiting it."""
    return cast("V", value)
