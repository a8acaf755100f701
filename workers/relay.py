"""From the outboxes to the consumers. Each event is delivered at least once, to every consumer that it has.

The rows of a batch stay locked while it is delivered, and are marked in the same transaction: a relay that dies leaves
them to the next, and two relays never deliver the same rows at once.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from subgraphs.shared.events import Event
from subgraphs.shared.outbox import PendingEvent, mark_relayed, pending_events
from subgraphs.shared.postgres import Database
from workers.routing import ROUTES, Route
from workers.services import Services

BATCH_SIZE = 500

_log = structlog.get_logger()


async def relay_pending(services: Services, *, most_batches: int = 20, routes: Mapping[str, Route] = ROUTES) -> int:
    """Deliver what lies in the outboxes, at most so many batches of each, and return how many events that was.

    An outbox that fails is logged and does not keep the others waiting.
    """
    counts = await asyncio.gather(
        *(relay_outbox(services, name, most_batches=most_batches, routes=routes) for name in services.outboxes)
    )
    return sum(counts)


async def relay_outbox(
    services: Services, name: str, *, most_batches: int = 20, routes: Mapping[str, Route] = ROUTES
) -> int:
    """Deliver what lies in one outbox and return how many events that was. One that fails is logged."""
    database = services.outboxes[name]
    total = 0
    for _batch in range(most_batches):
        try:
            relayed = await relay_batch(database, services, routes=routes)
        except Exception:  # noqa: BLE001  # whatever fails must not stop the other outboxes
            _log.exception("outbox not relayed", outbox=name)
            break
        total += relayed
        if relayed < BATCH_SIZE:
            break
    return total


async def relay_batch(database: Database, services: Services, *, routes: Mapping[str, Route] = ROUTES) -> int:
    """Deliver the oldest events of one outbox and return how many are done with.

    Events of a topic that a consumer could not take stay where they are and come again; the other topics go on. So
    does an event that cannot be read, alone.
    """
    async with database.writing() as session:
        pending = await pending_events(session, limit=BATCH_SIZE)
        by_topic: dict[str, list[PendingEvent]] = {}
        for event in pending:
            by_topic.setdefault(event.topic, []).append(event)
        done: list[int] = []
        for topic, events in by_topic.items():
            done.extend(await _deliver(topic, events, services, routes))
        if done:
            await mark_relayed(session, done, at=services.clock())
    return len(done)


async def _deliver(
    topic: str, pending: Sequence[PendingEvent], services: Services, routes: Mapping[str, Route]
) -> list[int]:
    """Return the positions of the events that every consumer took. A topic without consumers is taken by nobody."""
    route = routes.get(topic)
    if route is None:
        _log.info("event without consumers", topic=topic, count=len(pending))
        return [each.position for each in pending]
    understood = _understood(topic, pending, route)
    if not understood:
        return []
    events = list(understood.values())
    results = await asyncio.gather(
        *(consume(services, events) for consume in route.consumers.values()), return_exceptions=True
    )
    failed = False
    for consumer, result in zip(route.consumers, results, strict=True):
        if isinstance(result, BaseException):
            failed = True
            _log.error("event not consumed", topic=topic, consumer=consumer, exc_info=result)
    return [] if failed else list(understood)


def _understood(topic: str, pending: Sequence[PendingEvent], route: Route) -> dict[int, Event]:
    """Return the events by position, in order, without those that cannot be read: they are logged and wait."""
    found: dict[int, Event] = {}
    for each in pending:
        try:
            found[each.position] = route.event.model_validate(each.payload)
        except ValueError:
            _log.exception("event not understood", topic=topic, position=each.position)
    return found
