"""A schema whose resolvers misbehave on purpose, in a way that depends on a seed only: two runs misbehave alike.

How a field behaves is drawn from (seed, object, field, arguments), never from the order of calls.
"""

import asyncio
import enum
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, NewType, Union

import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.extensions import DisableValidation, FieldExtension, ParserCache, SchemaExtension
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from compiled_execution import BatchedEntities, CompiledExecution, Loader, batch_field, deferred, keeps_answers, lasting

Shout = NewType("Shout", str)


def _shout(value: Any) -> Any:
    if value == "mute":
        return None
    if not isinstance(value, str):
        raise TypeError(f"no shout: {value!r}")
    return value.upper()


@strawberry.enum
class Color(enum.Enum):
    RED = "r"
    GREEN = "g"
    BLUE = "b"


@strawberry.input
class Box:
    size: int = 1
    colors: list[Color] = strawberry.field(default_factory=list)
    inner: "Box | None" = None


class Dice:
    """A small generator: seeding Python's own took most of the time of a sweep."""

    def __init__(self, seed: int) -> None:
        self._state = seed * 0x9E3779B97F4A7C15 & _MASK
        self.random()

    def random(self) -> float:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return float(self._state >> 11) / 2**53

    def choice(self, options: Sequence[Any]) -> Any:
        return options[int(self.random() * len(options))]

    def randrange(self, start: int, stop: int) -> int:
        return start + int(self.random() * (stop - start))


_MASK = 2**64 - 1


@dataclass
class World:
    """The context of one run."""

    seed: int
    nastiness: float
    loader: DataLoader[int, int] = field(init=False)
    batches: list[list[int]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    """What mutations did, in order."""
    deepest: int = 3

    def __post_init__(self) -> None:
        self.loader = DataLoader(self._load)
        self.own_loader = Loader(self._load)

    async def _load(self, keys: list[int]) -> list[int | Exception]:
        self.batches.append(sorted(keys))
        await asyncio.sleep(0)
        return [ValueError(f"no {key}") if key % 11 == 0 and self.nastiness else key * 2 for key in keys]

    def dice(self, *what: object) -> "Dice":
        return Dice(zlib.crc32(repr((self.seed, *what)).encode()))

    def nasty(self, key: int, name: str, good: Any) -> Any:
        """Return the good value, or one that no schema allows."""
        dice = self.dice(key, name)
        if dice.random() >= self.nastiness:
            return good
        return dice.choice(
            [None, None, _ReturnedError(f"returned by {name}"), 2**40, object, "mute", float("nan"), [], {"a": 1}]
        )

    def misbehave(self, key: int, name: str, *arguments: object) -> None:
        dice = self.dice("raise", key, name, arguments)
        if dice.random() < self.nastiness / 2:
            raise dice.choice([ValueError(f"raised by {name}"), GraphQLError(f"refused by {name}"), KeyError("k")])


class _ReturnedError(Exception):
    """Returned, not raised."""

    def __repr__(self) -> str:
        return "returned"


def make(world: World, key: int, depth: int = 0) -> Any:
    """Return an object of a type that depends on the key."""
    kind = world.dice("kind", key).choice([Cat, Cat, Dog, Rock])
    return make_one(world, kind, key, depth)


def make_one(world: World, kind: Any, key: int, depth: int = 0) -> Any:
    n = world.nasty
    common = {
        "key": key,
        "depth": depth,
        "id": n(key, "id", strawberry.ID(str(key))),
        "label": n(key, "label", f"label {key}"),
    }
    if kind is Rock:
        return Rock(**common, mass=n(key, "mass", key / 4), tags=n(key, "tags", [f"t{key}", n(key, "tag", "u")]))
    own = {
        "color": n(key, "color", list(Color)[key % 3]),
        "age": n(key, "age", key),
        "born": n(key, "born", datetime(2020, 1, 1 + key % 28, tzinfo=UTC)),
        "grid": n(key, "grid", [[1, n(key, "cell", 2)], n(key, "row", [3])]),
        "cry": n(key, "cry", Shout("woof")),
        "alive": n(key, "alive", key % 2 == 0),
    }
    return kind(**common, **own)


def child_keys(world: World, key: int, name: str) -> list[int]:
    dice = world.dice("children", key, name)
    return [dice.randrange(1, 200) for _ in range(dice.randrange(0, 4))]


class Allowed(BasePermission):
    message = "not allowed"

    def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:
        return bool(info.context.dice("permission", source.key).random() >= info.context.nastiness)


class AllowedLater(BasePermission):
    message = "not allowed later"

    async def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:
        await asyncio.sleep(0)
        return bool(info.context.dice("permission", source.key).random() >= info.context.nastiness)


class Twice(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs) * 2


@keeps_answers(by=lambda world: world.seed % 2)
@strawberry.interface
class Plaque:
    """Never changes, and is the same object for every world: what it keeps of one must hold in all others."""

    key: strawberry.Private[int]
    text: str | None
    weight: int
    letters: list[str] | None
    color: Color

    @strawberry.field
    @lasting
    def carved(self, info: strawberry.Info, text: str = "c", times: int | None = 1, box: Box | None = None) -> str:
        if self.key % 5 == 4:
            raise ValueError(f"nothing carved on {self.key}")
        return f"{text * (times or 0)} {self.key} {info.context.seed % 2} {box}"

    @strawberry.field
    @lasting
    def parts(self, first: int = 2, color: Color | None = None) -> "list[Plaque | None]":
        return [plaque(self.key + step) for step in range(1, first + 1)] if color in (None, self.color) else []

    @strawberry.field
    @lasting
    def twin(self, shift: float = 2.0) -> "Plaque | None":
        return None if self.key % 3 else plaque(self.key + int(shift))

    @strawberry.field
    def moss(self, info: strawberry.Info) -> int:
        info.context.misbehave(self.key, "moss")
        return info.context.nasty(self.key, "moss", info.context.seed)  # type: ignore[no-any-return]

    @strawberry.field
    async def polished(self, info: strawberry.Info) -> int | None:
        await asyncio.sleep(0)
        return info.context.nasty(self.key, "polished", info.context.seed)  # type: ignore[no-any-return]

    @batch_field
    @staticmethod
    def dust(parents: list["Plaque"], info: strawberry.Info) -> list[int | None]:
        return [info.context.nasty(parent.key, "dust", parent.key + info.context.seed) for parent in parents]


@strawberry.type
class Brass(Plaque):
    alloy: str


@strawberry.type
class Stone(Plaque):
    @strawberry.field
    def below(self, info: strawberry.Info) -> "Thing | None":
        return make(info.context, self.key + 1, 3)  # type: ignore[no-any-return]


_plaques: dict[int, Any] = {}


def plaque(key: int) -> Any:
    """Return one of a few plaques; some hold what no schema allows."""
    key %= 12
    if key not in _plaques:
        common: dict[str, Any] = {
            "key": key,
            "text": f"plaque {key}" if key % 4 else None,
            "weight": key if key != 7 else "heavy",
            "letters": ["a", "b"] if key != 10 else [None, "c"],
            "color": list(Color)[key % 3] if key != 11 else "no color",
        }
        _plaques[key] = Brass(**common, alloy=f"alloy {key}") if key % 2 else Stone(**common)
    return _plaques[key]


@strawberry.interface
class Thing:
    key: strawberry.Private[int]
    depth: strawberry.Private[int]
    id: strawberry.ID
    label: str | None

    @strawberry.field
    def echo(
        self, info: strawberry.Info, text: str = "e", times: int | None = 1, colors: list[Color] | None = None
    ) -> str:
        info.context.misbehave(self.key, "echo", text)
        if colors is not None:
            colors.append(Color.RED)
        return f"{text * (times or 0)} {len(colors or ())} {info.path.as_list()} {info.field_name} {info.python_name}"

    @strawberry.field
    async def friend(
        self, info: strawberry.Info
    ) -> "Annotated[Animal, strawberry.lazy('tests.compiled_execution.nasty')] | None":
        await asyncio.sleep(0)
        world: World = info.context
        world.misbehave(self.key, "friend")
        return None if self.depth > world.deepest else make(world, self.key + 1, self.depth + 1)

    @strawberry.field
    def things(self, info: strawberry.Info, first: int = 2) -> "list[Thing]":
        world: World = info.context
        world.misbehave(self.key, "things")
        if self.depth > world.deepest:
            return []
        keys = child_keys(world, self.key, "things")[:first]
        return [world.nasty(self.key, f"things {k}", make(world, k, self.depth + 1)) for k in keys]

    @strawberry.field
    def plaque(self) -> Plaque:
        return plaque(self.key)  # type: ignore[no-any-return]

    @strawberry.field
    def plaques(self, count: int = 2) -> list[Plaque | None]:
        return [plaque(self.key + step % 2) for step in range(min(count, 4))]

    @strawberry.field
    def loaded(self, info: strawberry.Info) -> int | None:
        return deferred(info.context.own_loader.load(self.key))  # type: ignore[no-any-return]

    @strawberry.field
    async def awaited(self, info: strawberry.Info) -> int:
        first, second = await info.context.own_loader.load_many([self.key, self.key + 2])
        return first + second  # type: ignore[no-any-return]

    @batch_field
    @staticmethod
    async def rank(parents: list["Thing"], info: strawberry.Info, plus: int = 0) -> list[int]:
        world: World = info.context
        world.misbehave(0, "rank", plus)  # the same for all, however many they are
        await asyncio.sleep(0)
        return [world.nasty(parent.key, "rank", parent.key + plus) for parent in parents]

    @batch_field
    @staticmethod
    def score(parents: list["Thing"], info: strawberry.Info) -> list[float | None]:
        return [info.context.nasty(parent.key, "score", parent.key / 2) for parent in parents]

    @batch_field
    @staticmethod
    async def buddies(parents: list["Thing"], info: strawberry.Info) -> "list[list[Thing | None]]":
        return [_buddies(info.context, parent) for parent in parents]

    @batch_field(permission_classes=[Allowed])
    @staticmethod
    async def guarded(parents: list["Thing"]) -> list[str | None]:
        return [f"guarded {parent.key}" for parent in parents]

    @strawberry.field
    async def late(self, info: strawberry.Info) -> int | None:
        info.context.misbehave(self.key, "late")
        return info.context.nasty(self.key, "late", _Later() if self.key % 3 == 0 else 3)  # type: ignore[no-any-return]


class _Later:
    """Awaitable; a coroutine function that returns it is not awaited again."""

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return 4

    def __repr__(self) -> str:
        return "later"


def _buddies(world: World, thing: Thing) -> Any:
    if thing.depth > world.deepest:
        return []
    keys = child_keys(world, thing.key, "buddies")
    return world.nasty(thing.key, "buddies", [world.nasty(k, "buddy", make(world, k, thing.depth + 1)) for k in keys])


def _entities(world: World, kind: Any, references: Sequence[Any]) -> list[Any]:
    world.misbehave(0, "entities", kind.__name__)
    keys = [int(each["id"]) if str(each.get("id", "")).isdigit() else 0 for each in references]
    return [world.nasty(k, "entity", make_one(world, kind, k) if k else None) for k in keys]


@strawberry.type
class Refusal:
    reason: str


class RefusalHandler(strawberry.ExceptionHandler[ValueError, Refusal]):
    def handle(self, exception: ValueError, *, field: Any, info: Any) -> Refusal | None:
        return None if "pet" in str(exception) else Refusal(reason=str(exception))


@strawberry.interface
class Animal:
    age: int
    color: Color


class _Fields:
    """What cats and dogs share beside their interfaces."""


@strawberry.federation.type(keys=["id"])
class Cat(Thing, Animal):
    @classmethod
    async def resolve_references(cls, references: Sequence[Any], info: strawberry.Info) -> list[Any]:
        await asyncio.sleep(0)
        return _entities(info.context, Cat, references)

    born: datetime
    grid: list[list[int | None] | None]
    cry: Shout | None
    alive: bool

    @strawberry.field
    async def double(self, info: strawberry.Info) -> int:
        return await info.context.loader.load(self.key)  # type: ignore[no-any-return]

    @strawberry.field
    def treble(self, info: strawberry.Info) -> int | None:
        return info.context.loader.load(self.key + 1)  # type: ignore[no-any-return]  # a future, as many write it

    @strawberry.field
    def stream(self, info: strawberry.Info) -> list[int]:
        world: World = info.context

        def items() -> Iterator[int]:
            yield 1
            world.misbehave(self.key, "stream")
            yield world.nasty(self.key, "streamed", 2)

        return items()  # type: ignore[return-value]  # a generator, as many write it

    @strawberry.field
    def kin(self, info: strawberry.Info) -> "list[Cat | None]":
        world: World = info.context

        async def later(key: int) -> Any:
            await asyncio.sleep(0)
            world.misbehave(key, "kin")
            return world.nasty(key, "kin", make_one(world, Cat, key, self.depth + 1))

        if self.depth > world.deepest:
            return []
        keys = child_keys(world, self.key, "kin")
        mixed: list[Any] = [later(k) if k % 2 else make_one(world, Cat, k, self.depth + 1) for k in keys]
        return mixed

    @strawberry.field(permission_classes=[Allowed])
    def secret(self) -> str:
        return f"secret {self.key}"

    @strawberry.field(permission_classes=[AllowedLater])
    def secret_later(self) -> str | None:
        return f"secret {self.key}"

    @strawberry.field(extensions=[Twice()])
    def twice(self, text: str = "t") -> str:
        return text

    @strawberry.field
    def boxed(self, box: Box, other: Box | None = None) -> str:
        box.size += 1
        return f"{box} {other}"


@strawberry.federation.type(keys=["id"])
class Dog(Thing, Animal):
    @classmethod
    async def resolve_references(cls, references: Sequence[Any], info: strawberry.Info) -> list[Any]:
        await asyncio.sleep(0)
        return _entities(info.context, Dog, references)

    born: datetime | None
    grid: list[list[int]]
    cry: Shout
    alive: bool | None

    @strawberry.field
    async def pack(self, info: strawberry.Info) -> "list[CatOrRock]":
        world: World = info.context
        await asyncio.sleep(0)
        world.misbehave(self.key, "pack")
        if self.depth > world.deepest:
            return []
        return [make(world, k, self.depth + 1) for k in child_keys(world, self.key, "pack")]

    @strawberry.field
    def owner(self, info: strawberry.Info, parent: strawberry.Parent[Any]) -> "Ghost | None":
        world: World = info.context
        world.misbehave(self.key, "owner")
        # a mapping, accepted by is_type_of
        return world.dice("owner", self.key).choice([{"boo": parent.key}, {"boo": "no"}, {"who": 1}, None])  # type: ignore[no-any-return]

    @strawberry.field
    async def walk(self, info: strawberry.Info) -> list[str | None]:
        world: World = info.context

        async def steps() -> AsyncIterator[Any]:
            yield "one"
            await asyncio.sleep(0)
            world.misbehave(self.key, "walk")
            yield world.nasty(self.key, "step", "two")

        return steps()  # type: ignore[return-value]  # an asynchronous generator


@strawberry.type
class Rock(Thing):
    mass: float
    tags: list[str]

    @strawberry.field
    def other(self, info: strawberry.Info) -> "CatOrRock | None":
        world: World = info.context
        world.misbehave(self.key, "other")
        if self.depth > world.deepest:
            return None
        dice = world.dice("other", self.key)
        if dice.random() < world.nastiness:
            return strawberry.cast(Rock, _Loose(self.key))  # type: ignore[return-value]  # a row of another class
        return make(world, dice.randrange(1, 200), self.depth + 1)  # type: ignore[no-any-return]


class _Loose:
    """Not of the schema's classes."""

    def __init__(self, key: int) -> None:
        self.key, self.depth, self.id, self.label, self.mass, self.tags = key, 9, str(key), "loose", 1.0, ("a", "b")

    def __repr__(self) -> str:
        return "loose"


@strawberry.type
class Ghost:
    boo: int

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        return isinstance(value, dict) and "boo" in value


CatOrRock = Annotated[Union[Cat, Rock], strawberry.union("CatOrRock")]  # noqa: UP007  # Strawberry's way to name a union


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, info: strawberry.Info, key: int = 7) -> Thing | None:
        info.context.misbehave(key, "thing")
        return make(info.context, key)  # type: ignore[no-any-return]

    @strawberry.field
    async def cat(self, info: strawberry.Info, key: int = 5) -> Cat | None:
        await asyncio.sleep(0)
        return make_one(info.context, Cat, key)  # type: ignore[no-any-return]

    @strawberry.field
    def cats(self, info: strawberry.Info, keys: list[int]) -> list[Cat]:
        return [make_one(info.context, Cat, key) for key in keys]

    @strawberry.field
    def dog(self, info: strawberry.Info, key: int = 3) -> Dog | None:
        return make_one(info.context, Dog, key)  # type: ignore[no-any-return]

    @strawberry.field
    def any(self, info: strawberry.Info, key: int = 2) -> CatOrRock | None:
        return make(info.context, key)  # type: ignore[no-any-return]

    @strawberry.field
    def must(self, info: strawberry.Info, key: int = 4) -> Rock:
        info.context.misbehave(key, "must")
        return make_one(info.context, Rock, key)  # type: ignore[no-any-return]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def adopt(self, info: strawberry.Info, key: int = 1) -> Cat | None:
        await asyncio.sleep(0)
        info.context.changes.append(f"adopt {key}")
        return make_one(info.context, Cat, key)  # type: ignore[no-any-return]

    @strawberry.mutation
    async def groom(self, info: strawberry.Info, keys: list[int]) -> list[Cat]:
        info.context.changes.append(f"groom {keys}")
        await asyncio.sleep(0)
        info.context.misbehave(len(keys), "groom")
        info.context.changes.append(f"groomed {keys}")
        return [make_one(info.context, Cat, key) for key in keys]

    @strawberry.mutation
    def name(self, info: strawberry.Info, key: int = 1) -> Annotated[Cat | Refusal, strawberry.union("Named")]:
        info.context.changes.append(f"name {key}")
        info.context.misbehave(key, "name" if key % 2 else "pet")
        return make_one(info.context, Cat, key)  # type: ignore[no-any-return]

    @strawberry.mutation
    def throw(self, info: strawberry.Info, key: int = 1) -> Rock:
        info.context.changes.append(f"throw {key}")
        info.context.misbehave(key, "throw")
        return make_one(info.context, Rock, key)  # type: ignore[no-any-return]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def visits(self, info: strawberry.Info, count: int = 2) -> AsyncIterator[Cat | None]:
        for number in range(min(count, 3)):
            await asyncio.sleep(0)
            yield info.context.nasty(number, "visit", make_one(info.context, Cat, number))

    @strawberry.subscription
    async def finds(self, info: strawberry.Info) -> AsyncIterator[CatOrRock]:
        for number in range(2):
            yield make(info.context, number)


class QuietSchema(BatchedEntities, strawberry.federation.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        pass


class QuietCompiledSchema(CompiledExecution, QuietSchema):
    pass


class Listener(SchemaExtension):
    """Hears of the steps that are not each field's, and adds to the result."""

    def on_operation(self) -> Any:
        self._steps = ["operation"]
        yield

    async def on_execute(self) -> Any:
        self._steps.append("before")
        yield
        self._steps.append("after")

    def get_results(self) -> dict[str, Any]:
        return {"steps": self._steps}


def schema_of(class_: type[Any], *, listens: bool = False) -> Any:
    """Return the nasty schema, of the given class."""
    # The operations are valid; not to validate them again saves most of the time.
    extensions: list[Any] = [lambda: ParserCache(maxsize=64), DisableValidation]
    return class_(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Cat, Dog, Rock, Brass, Stone],
        extensions=[*extensions, Listener] if listens else extensions,
        config=StrawberryConfig(scalar_map={Shout: strawberry.scalar(name="Shout", serialize=_shout, parse_value=str)}),
        exception_handlers=[RefusalHandler()],
    )
