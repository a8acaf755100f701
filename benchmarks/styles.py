"""One `_entities` call of 200 titles in the styles in which such code is written, on graphql-core and compiled.

The shapes are those of the home page: catalog (13 fields, each reference resolved alone through a loader), activity and
playback (two loaded fields for each title). Replies of stores are in memory. Every row is the same answer; the baseline
is Strawberry with its caches, its DataLoader and the same GC tuning, on uvloop like the platform.
"""

import dataclasses
import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import strawberry
import uvloop
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.federation import Schema

from compiled_execution import (
    BatchedEntities,
    CompiledExecution,
    CompiledOperations,
    Loader,
    Reference,
    batch_field,
    deferred,
)

_COUNT = 200
_REPRESENTATIONS = [{"__typename": "Title", "id": f"title-{number}"} for number in range(_COUNT)]
_ACTIVITY = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { id inWatchlist myRating } } }"
_CATALOG = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { __typename id name slug kind year
  rating duration poster(width: 400) { url width height } genres { id name } } } }"""
_PLAYBACK = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { id progress { seconds percent }
  access { canPlay reason } } } }"""


@dataclasses.dataclass
class Context:
    """A request with the loaders of either kind."""

    loader_class: Any

    def __post_init__(self) -> None:
        self.cards = self.loader_class(_cards)
        self.marks = self.loader_class(_marks)
        self.progress = self.loader_class(_progress)
        self.licences = self.loader_class(_licences)


async def _cards(keys: list[str]) -> list[Any]:
    return [_CARDS[key] for key in keys]


async def _marks(keys: list[str]) -> list[Any]:
    return [_MARKS[key] for key in keys]


async def _progress(keys: list[str]) -> list[Any]:
    return [_PROGRESS[key] for key in keys]


async def _licences(keys: list[str]) -> list[Any]:
    return [_ACCESS[key] for key in keys]


@strawberry.type
class Image:
    url: str
    width: int
    height: int


@strawberry.type
class Genre:
    id: strawberry.ID
    name: str


@strawberry.type
class Progress:
    seconds: int
    percent: float


@strawberry.type
class Access:
    can_play: bool
    reason: str


def _card_type(**methods: Any) -> Any:
    """Return the entity Title of catalog; it is built once for each style, as its methods differ."""

    @strawberry.field
    def poster(self: Any, width: int = 100) -> Image | None:
        return Image(url=f"/{self.id}/{width}", width=width, height=width * 3 // 2)

    fields = {
        "id": strawberry.ID,
        "name": str,
        "slug": str,
        "kind": str,
        "year": int | None,
        "rating": str | None,
        "duration": int | None,
        "genres": list[Genre],
    }
    return strawberry.federation.type(keys=["id"])(
        type("Title", (), {"__annotations__": fields, "poster": poster, **methods})
    )


def _title_type(**methods: Any) -> Any:
    """Return the entity Title of activity or playback: its key, and fields that are loaded."""

    @classmethod  # type: ignore[misc]  # becomes a method below
    def resolve_reference(cls: Any, id: strawberry.ID) -> Any:  # noqa: A002  # the key's name
        return cls(id=id)

    async def resolve_references(cls: Any, references: list[Reference], info: strawberry.Info) -> Any:  # noqa: ARG001
        return [cls(id=each["id"]) for each in references]

    body = {
        "__annotations__": {"id": strawberry.ID},
        "resolve_reference": resolve_reference,
        "resolve_references": classmethod(resolve_references),
    }
    return strawberry.federation.type(keys=["id"])(type("Title", (), body | methods))


class CatalogAlone:
    """Each reference alone, through a loader."""

    async def resolve_reference(cls: Any, info: strawberry.Info, id: strawberry.ID) -> Any:  # noqa: A002, N805
        return cls(**await info.context.cards.load(id))

    async def resolve_references(cls: Any, references: list[Reference], info: strawberry.Info) -> Any:  # noqa: N805
        return [cls(**card) for card in await info.context.cards.load_many([each["id"] for each in references])]


class ActivityAsync:
    """Asynchronous resolvers that await their loader."""

    @strawberry.field
    async def in_watchlist(self, info: strawberry.Info) -> bool:
        return bool((await info.context.marks.load(self.id))[0])  # type: ignore[attr-defined]

    @strawberry.field
    async def my_rating(self, info: strawberry.Info) -> int | None:
        return (await info.context.marks.load(self.id))[1]  # type: ignore[attr-defined, no-any-return]


class ActivityDeferred:
    """Resolvers that return the load of a loader for their field."""

    @strawberry.field
    def in_watchlist(self, info: strawberry.Info) -> bool:
        return deferred(info.context.listed.load(self.id))  # type: ignore[attr-defined, no-any-return]

    @strawberry.field
    def my_rating(self, info: strawberry.Info) -> int | None:
        return deferred(info.context.ratings.load(self.id))  # type: ignore[attr-defined, no-any-return]


class ActivityBatch:
    """Batch fields."""

    @batch_field
    @staticmethod
    async def in_watchlist(parents: list[Any], info: strawberry.Info) -> list[bool]:
        return [mark[0] for mark in await info.context.marks.load_many([parent.id for parent in parents])]

    @batch_field
    @staticmethod
    async def my_rating(parents: list[Any], info: strawberry.Info) -> list[int | None]:
        return [mark[1] for mark in await info.context.marks.load_many([parent.id for parent in parents])]


class PlaybackAsync:
    """Asynchronous resolvers that await their loader."""

    @strawberry.field
    async def progress(self, info: strawberry.Info) -> Progress | None:
        return await info.context.progress.load(self.id)  # type: ignore[attr-defined, no-any-return]

    @strawberry.field
    async def access(self, info: strawberry.Info) -> Access | None:
        return await info.context.licences.load(self.id)  # type: ignore[attr-defined, no-any-return]


class PlaybackDeferred:
    """Resolvers that return the load."""

    @strawberry.field
    def progress(self, info: strawberry.Info) -> Progress | None:
        return deferred(info.context.progress.load(self.id))  # type: ignore[attr-defined, no-any-return]

    @strawberry.field
    def access(self, info: strawberry.Info) -> Access | None:
        return deferred(info.context.licences.load(self.id))  # type: ignore[attr-defined, no-any-return]


class PlaybackBatch:
    """Batch fields."""

    @batch_field
    @staticmethod
    async def progress(parents: list[Any]) -> list[Progress | None]:
        return await _progress([parent.id for parent in parents])

    @batch_field
    @staticmethod
    async def access(parents: list[Any]) -> list[Access | None]:
        return await _licences([parent.id for parent in parents])


_GENRES = [Genre(id=strawberry.ID(f"g{number}"), name=f"Genre {number}") for number in range(12)]
_CARDS = {
    each["id"]: {
        "id": each["id"],
        "name": f"Film {number}",
        "slug": f"film-{number}",
        "kind": "MOVIE",
        "year": 1950 + number % 70,
        "rating": "U",
        "duration": 5400 + number,
        "genres": [_GENRES[number % 12], _GENRES[number % 7]],
    }
    for number, each in enumerate(_REPRESENTATIONS)
}
_MARKS = {each["id"]: (number % 3 == 0, number % 2) for number, each in enumerate(_REPRESENTATIONS)}
_PROGRESS = {
    each["id"]: Progress(seconds=number, percent=number / 2) if number % 4 else None
    for number, each in enumerate(_REPRESENTATIONS)
}
_ACCESS = {each["id"]: Access(can_play=number % 5 > 0, reason="PLAN") for number, each in enumerate(_REPRESENTATIONS)}


@strawberry.type
class Query:
    """Federation wants one."""

    ready: bool = True


class _Stock(Schema):
    pass


class _Compiled(CompiledExecution, Schema):
    pass


class _Batched(CompiledExecution, BatchedEntities, Schema):
    pass


def _schema(class_: Any, title: Any) -> Any:
    caches = [lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)]
    schema = class_(query=Query, types=[title], extensions=caches, federation_version="2.9")
    if class_ is not _Stock:
        schema.compiled_operations = CompiledOperations(schema, in_thread=False)
    return schema


class DeferredContext(Context):
    """With a loader for each field."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.listed: Loader[str, bool] = Loader(_listed)
        self.ratings: Loader[str, int] = Loader(_ratings)


async def _listed(keys: list[str]) -> list[Any]:
    return [_MARKS[key][0] for key in keys]


async def _ratings(keys: list[str]) -> list[Any]:
    return [_MARKS[key][1] for key in keys]


def _methods(*classes: type) -> dict[str, Any]:
    return {
        name: classmethod(value) if name.startswith("resolve_reference") else value
        for class_ in classes
        for name, value in vars(class_).items()
        if not name.startswith("__")
    }


Style = tuple[str, Any, Callable[[], Any], str]


def _styles() -> dict[str, list[Style]]:
    """Return, by call, the styles: name, schema, context, query. The first is the baseline."""
    catalog = _methods(CatalogAlone)
    calls: dict[str, list[Style]] = {}
    stock: Callable[[], Any] = lambda: Context(DataLoader)  # noqa: E731  # one line each
    own: Callable[[], Any] = lambda: Context(Loader)  # noqa: E731
    later: Callable[[], Any] = lambda: DeferredContext(Loader)  # noqa: E731
    calls["catalog"] = [
        ("graphql-core", _schema(_Stock, _card_type(**catalog)), stock, _CATALOG),
        ("compiled, unmodified", _schema(_Compiled, _card_type(**catalog)), stock, _CATALOG),
        ("compiled, Loader", _schema(_Compiled, _card_type(**catalog)), own, _CATALOG),
        ("compiled, batched entities", _schema(_Batched, _card_type(**catalog)), own, _CATALOG),
    ]
    for name, query, plain, loads, batch in (
        ("activity", _ACTIVITY, ActivityAsync, ActivityDeferred, ActivityBatch),
        ("playback", _PLAYBACK, PlaybackAsync, PlaybackDeferred, PlaybackBatch),
    ):
        calls[name] = [
            ("graphql-core", _schema(_Stock, _title_type(**_methods(plain))), stock, query),
            ("compiled, unmodified", _schema(_Compiled, _title_type(**_methods(plain))), stock, query),
            ("compiled, Loader", _schema(_Batched, _title_type(**_methods(plain))), own, query),
            ("compiled, loads returned", _schema(_Batched, _title_type(**_methods(loads))), later, query),
            ("compiled, batch fields", _schema(_Batched, _title_type(**_methods(batch))), own, query),
        ]
    return calls


async def _send(style: Style) -> Any:
    _, schema, context, query = style
    # Strawberry's own entity resolver takes `__typename` out of what it is given.
    given = [dict(each) for each in _REPRESENTATIONS]
    return await schema.execute(query, {"r": given}, context_value=context())


async def print_table(*, rounds: int, requests: int) -> None:
    """Measure and print every style, interleaved."""
    print(f"\n{'200 titles in memory, CPU-ms per request':<44}{'CPU-ms':>10}{'ratio':>8}")
    for call, styles in _styles().items():
        answers = [[await _send(style) for _ in range(3)][-1] for style in styles]
        assert all(answer.data == answers[0].data and not answer.errors for answer in answers), "the answers differ"
        spent: list[list[float]] = [[] for _ in styles]
        for number in range(rounds):
            order = list(enumerate(styles))
            for index, style in order if number % 2 else reversed(order):
                gc.collect()
                start = time.process_time()
                for _ in range(requests):
                    await _send(style)
                spent[index].append(1000 * (time.process_time() - start) / requests)
        medians = [statistics.median(each) for each in spent]
        for style, median in zip(styles, medians, strict=True):
            print(f"{call + ': ' + style[0]:<44}{median:>10.2f}{medians[0] / median:>8.1f}")


if __name__ == "__main__":
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    uvloop.run(print_table(rounds=15, requests=10))
