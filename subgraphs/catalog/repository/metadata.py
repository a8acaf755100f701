"""What does not depend on the viewer, kept between requests: in the process, then in Valkey for a day.

Every entry is kept under a stamp, which names the version of what it was read from, and is found by that stamp alone.
Who reads learns the stamp from PostgreSQL, by the statement that decides what the viewer may see. So nothing stale is
ever found, however late or lost a message would be, and a publication counts from its commit; what it replaced is
never asked for again and runs out.

What nobody keeps is read once, for all who wait for it. Valkey away means that more is read from PostgreSQL.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from hashlib import blake2s
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio.client import Pipeline

from subgraphs.catalog.config import METADATA_BYTES, METADATA_LIFETIME, METADATA_REST
from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.redis import Cache

Card = TypeVar("Card")

_OBJECT_BYTES_PER_CHARACTER = 16
"""About what an entry's objects, and at most the answers kept with them, take for each character of its JSON."""

_log = structlog.get_logger()


class Kind(Generic[Card]):
    """One kind of card. The key in Valkey holds its form, so that other releases' entries are not taken for ours."""

    def __init__(self, name: str, card: type[Card]) -> None:
        self.name = name
        self.adapter: TypeAdapter[Card] = TypeAdapter(card)
        form = repr([(each.name, each.type) for each in fields(card)])  # type: ignore[arg-type]  # cards are dataclasses
        self.form = blake2s(form.encode(), digest_size=4).hexdigest()


@dataclass(slots=True)
class Entry(Generic[Card]):
    """A card that is kept. `views` is what viewers see of it who are decided on alike, made when first wanted."""

    stamp: str
    card: Card
    size: int
    views: dict[Hashable, Card] = field(default_factory=dict)


Load = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, tuple[str, Card]]]]
"""Reads stamps and cards by id; what is not there is left out."""


class MetadataCache:
    """The cards of one process, one instance for all requests.

    Args:
        cache: Valkey.
        clock: Tells how long a lost Valkey is left alone.
        most_bytes: What the entries in the process may take, as estimated by the length of their JSON.
    """

    def __init__(self, cache: Cache, *, clock: Clock, most_bytes: int = METADATA_BYTES) -> None:
        self._cache = cache
        self._clock = clock
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, UUID], Entry[Any]] = OrderedDict()
        self._bytes = 0
        self._flights: dict[tuple[str, UUID, str], asyncio.Task[Mapping[UUID, Entry[Any]]]] = {}
        self._rests_until = 0.0
        self._reads: Counter[str] = Counter({"process": 0, "valkey": 0, "database": 0})

    async def entries(self, kind: Kind[Card], stamps: Mapping[UUID, str], load: Load[Card]) -> dict[UUID, Entry[Card]]:
        """Return the entries with these stamps. One is missing if its card changed after the stamp was read.

        Raises:
            ServiceUnavailableError: The database does not answer, and something has to be read.
        """
        found: dict[UUID, Entry[Card]] = {}
        missing: dict[UUID, str] = {}
        kept, name = self._kept, kind.name
        for id_, stamp in stamps.items():
            entry = kept.get((name, id_))
            if entry is not None and entry.stamp == stamp:
                kept.move_to_end((name, id_))
                found[id_] = entry
            else:
                missing[id_] = stamp
        self._reads["process"] += len(found)
        if missing:
            for landed in await asyncio.gather(*map(asyncio.shield, self._flights_to(kind, missing, load))):
                found.update((id_, entry) for id_, entry in landed.items() if missing.get(id_) == entry.stamp)
        return found

    def exposition(self, **labels: str) -> str:
        """Return the counters and the size in Prometheus' text format. The hit ratio is what was not read in the
        database, of all."""
        given = "".join(f'{name}="{value}",' for name, value in labels.items())
        lines = [
            "# HELP reelgraph_metadata_reads_total Cards that were read, by where they were found.",
            "# TYPE reelgraph_metadata_reads_total counter",
            *(
                f'reelgraph_metadata_reads_total{{{given}found_in="{place}"}} {count}'
                for place, count in self._reads.items()
            ),
            "# HELP reelgraph_metadata_bytes Estimated size of the cards in this process.",
            "# TYPE reelgraph_metadata_bytes gauge",
            f"reelgraph_metadata_bytes{{{given[:-1]}}} {self._bytes}",
        ]
        return "\n".join(lines) + "\n"

    def _flights_to(
        self, kind: Kind[Card], missing: Mapping[UUID, str], load: Load[Card]
    ) -> set[asyncio.Task[Mapping[UUID, Entry[Card]]]]:
        """Return what brings the missing entries; what is on its way already is waited for, not asked for again."""
        keys = {id_: (kind.name, id_, stamp) for id_, stamp in missing.items()}
        own = {id_: stamp for id_, stamp in missing.items() if keys[id_] not in self._flights}
        if own:
            flight = asyncio.create_task(self._fill(kind, own, load))
            own_keys = [keys[id_] for id_ in own]
            self._flights.update(dict.fromkeys(own_keys, flight))
            flight.add_done_callback(lambda done: self._landed(done, own_keys))
        return {self._flights[key] for key in keys.values()}

    def _landed(self, flight: asyncio.Task[Any], keys: Sequence[tuple[str, UUID, str]]) -> None:
        for key in keys:
            del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # whoever waited has it; if nobody did any more, that is no error

    async def _fill(self, kind: Kind[Card], stamps: Mapping[UUID, str], load: Load[Card]) -> Mapping[UUID, Entry[Card]]:
        found = await self._read_valkey(kind, stamps)
        self._reads["valkey"] += len(found)
        unknown = [id_ for id_ in stamps if id_ not in found]
        if unknown:
            loaded = await load(unknown)
            self._reads["database"] += len(unknown)
            texts = {id_: kind.adapter.dump_json(card).decode() for id_, (_, card) in loaded.items()}
            found |= {id_: _entry(stamp, card, texts[id_]) for id_, (stamp, card) in loaded.items()}
            await self._write_valkey({self._key(kind, id_, found[id_].stamp): text for id_, text in texts.items()})
        for id_, entry in found.items():
            self._keep((kind.name, id_), entry)
        return found

    async def _read_valkey(self, kind: Kind[Card], stamps: Mapping[UUID, str]) -> dict[UUID, Entry[Card]]:
        def fill(pipe: Pipeline) -> None:
            # Single reads in a pipeline: MGET would need all keys in one hash slot.
            for id_, stamp in stamps.items():
                pipe.get(self._key(kind, id_, stamp))

        texts = await self._ask(fill) or ()
        found: dict[UUID, Entry[Card]] = {}
        for (id_, stamp), text in zip(stamps.items(), texts, strict=False):
            if text is not None:
                try:
                    found[id_] = _entry(stamp, kind.adapter.validate_json(text), text)
                except ValidationError:
                    _log.warning("unreadable metadata", kind=kind.name, id=str(id_))
        return found

    async def _write_valkey(self, texts: Mapping[str, str]) -> None:
        def fill(pipe: Pipeline) -> None:
            for key, text in texts.items():
                pipe.set(key, text, ex=METADATA_LIFETIME)

        if texts:
            await self._ask(fill)

    async def _ask(self, fill: Callable[[Pipeline], None]) -> list[Any] | None:
        """Return Valkey's answers; None while it is away. It is then left alone for a moment."""
        now = self._clock().timestamp()
        if now < self._rests_until:
            return None
        try:
            return await self._cache.pipeline(fill)
        except ServiceUnavailableError as error:
            self._rests_until = now + METADATA_REST.total_seconds()
            _log.warning("metadata is read without the cache", error=error.message)
            return None

    def _key(self, kind: Kind[Card], id_: UUID, stamp: str) -> str:
        return self._cache.key("metadata", kind.name, kind.form, id_.hex, stamp)

    def _keep(self, key: tuple[str, UUID], entry: Entry[Any]) -> None:
        replaced = self._kept.pop(key, None)
        self._bytes += entry.size - (replaced.size if replaced else 0)
        self._kept[key] = entry
        while self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.size


def _entry(stamp: str, card: Card, text: str) -> Entry[Card]:
    return Entry(stamp, card, len(text) * _OBJECT_BYTES_PER_CHARACTER)
