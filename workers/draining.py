"""Everything until nothing is left, in process: what the seed and tests use instead of a running worker."""

from workers.relay import relay_pending
from workers.services import Services
from workers.streams import drain_streams


async def drain_all(services: Services) -> int:
    """Relay outboxes and streams until a whole round moves nothing, and return how many events and entries it was.

    What a consumer cannot take stays where it is; its fault is in the log.
    """
    total = 0
    while moved := await relay_pending(services) + await drain_streams(services):
        total += moved
    return total
