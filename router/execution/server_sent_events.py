"""The text format of server-sent events, as GraphQL over SSE uses it in its mode of distinct connections.

Each response is an event `next` with the response as JSON; `complete` follows the last one. Lines that begin with a
colon are comments: they keep a quiet connection alive.
"""

from dataclasses import dataclass

from router.execution.transport import ResponseTooLargeError

MEDIA_TYPE = "text/event-stream"

NEXT = "next"
COMPLETE = "complete"

# With an empty data line: browsers drop an event that has none.
COMPLETE_EVENT = b"event: complete\ndata:\n\n"
KEEP_ALIVE = b":\n\n"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def next_event(response: bytes) -> bytes:
    """Return the event that carries a response, given as JSON without line ends."""
    return b"event: next\ndata: " + response + b"\n\n"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `name` is `message` where the server gave none."""

    name: str
    data: bytes


class EventParser:
    """Takes bytes as they arrive and gives events.

    Args:
        max_bytes: Size of one event.
    """

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest: list[bytes] = []  # of a line that has not ended
        self._is_first_line = True
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that are complete now.

        Raises:
            ResponseTooLargeError: One is larger than allowed.
        """
        self._rest.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk and not self._rest[0].endswith(b"\r"):
            self._grow(len(chunk))
            return []
        text = b"".join(self._rest)
        # A carriage return at the end may be the first half of a line end.
        held_back = b"\r" if text.endswith(b"\r") else b""
        whole = text[: len(text) - len(held_back)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = whole.split(b"\n")
        self._rest = [rest + held_back]
        self._size = 0
        events = [event for line in lines if (event := self._take(line)) is not None]
        self._grow(sum(map(len, self._data)) + len(self._data) + len(rest))
        return events

    def _grow(self, size: int) -> None:
        """Count bytes of the event that is arriving."""
        self._size += size
        if self._size > self._max_bytes:
            raise ResponseTooLargeError(f"an event of more than {self._max_bytes} bytes")

    def _take(self, line: bytes) -> Event | None:
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line:
            return self._complete()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"data":
            self._data.append(value)
        return None

    def _complete(self) -> Event | None:
        """Return the event that an empty line ends; without a line of data there is none, unless it has a name."""
        event = None
        if self._data or self._name:
            event = Event(self._name or "message", b"\n".join(self._data))
        self._name, self._data = "", []
        return event
