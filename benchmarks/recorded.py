"""Replies of the stores, recorded once and handed out again, so that a benchmark sees what is left without them.

Every coroutine function of a subgraph's repository answers from memory what it answered the first time in the same
request; sessions are not opened. What is left is GraphQL, the resolvers and the services.
"""

import contextlib
import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Iterator
from types import ModuleType
from typing import Any

from subgraphs.shared.postgres import Database


class RecordedStores:
    """Answers by request, function and number of the call; asks the stores for what it has not heard yet."""

    def __init__(self, subgraphs: Iterable[str]) -> None:
        self._answers: dict[Hashable, Any] = {}
        self._counts: Counter[Any] = Counter()
        self._request: Hashable = None
        self._heard: set[Hashable] = set()
        self._functions = [found for name in subgraphs for found in _coroutine_functions(name)]

    def begin(self, request: Hashable) -> None:
        """Say which request is sent now. The first time, the stores are asked."""
        if self._request is not None:
            self._heard.add(self._request)
        self._request = request
        self._counts.clear()

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Answer from memory for the time of the block."""
        reading = Database.reading
        database: Any = Database
        database.reading = self._reading(reading)
        for owner, name, function in self._functions:
            setattr(owner, name, self._answering(function))
        try:
            yield
        finally:
            database.reading = reading
            for owner, name, function in self._functions:
                setattr(owner, name, function)

    def _answering(self, function: Callable[..., Any]) -> Callable[..., Any]:
        counts, answers = self._counts, self._answers

        async def answer(*arguments: Any, **options: Any) -> Any:
            if self._request is None:
                return await function(*arguments, **options)
            counts[function] += 1
            key = self._request, function, counts[function]
            if key not in answers:
                answers[key] = await function(*arguments, **options)
            return answers[key]

        return answer

    def _reading(self, original: Callable[[Database], Any]) -> Callable[[Database], Any]:
        @contextlib.asynccontextmanager
        async def recorded(_database: Database) -> AsyncIterator[Any]:
            yield None

        def reading(database: Database) -> Any:
            return recorded(database) if self._request in self._heard else original(database)

        return reading


def _coroutine_functions(subgraph: str) -> list[tuple[Any, str, Callable[..., Any]]]:
    """Return the coroutine functions of a repository with the module or class that has them."""
    package = importlib.import_module(f"subgraphs.{subgraph}.repository")
    modules: list[ModuleType] = [package]
    if hasattr(package, "__path__"):
        modules += [
            importlib.import_module(f"{package.__name__}.{each.name}")
            for each in pkgutil.iter_modules(package.__path__)
        ]
    owners: list[Any] = list(modules)
    for module in modules:
        owners += [
            each for _, each in inspect.getmembers(module, inspect.isclass) if each.__module__ == module.__name__
        ]
    return [
        (owner, name, function)
        for owner in owners
        for name, function in list(vars(owner).items())
        if inspect.iscoroutinefunction(function) and function.__module__.startswith(package.__name__)
    ]
