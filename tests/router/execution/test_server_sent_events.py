"""The text format of server-sent events: however the bytes are cut, the same events come out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.execution.server_sent_events import COMPLETE_EVENT, KEEP_ALIVE, Event, EventParser, next_event
from router.execution.transport import ResponseTooLargeError

STREAM = (
    b'\xef\xbb\xbf:hello\n\nevent: next\ndata: {"a": 1}\n\nevent:next\r\ndata:{\r\ndata:}\r\n\r\n'
    b"id: 7\rretry: 5\rdata\r\rdata: no name\n\nevent: complete\ndata:\n\nevent: cut off"
)
EVENTS = [
    Event("next", b'{"a": 1}'),
    Event("next", b"{\n}"),
    Event("message", b""),
    Event("message", b"no name"),
    Event("complete", b""),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    parser = EventParser(max_bytes=1000)
    places = [0, *sorted(cuts), len(STREAM)]

    events = [event for start, end in pairwise(places) for event in parser.feed(STREAM[start:end])]

    assert events == EVENTS


def test_what_is_written_can_be_read() -> None:
    parser = EventParser(max_bytes=1000)

    assert parser.feed(KEEP_ALIVE + next_event(b"{}") + KEEP_ALIVE + COMPLETE_EVENT) == [
        Event("next", b"{}"),
        Event("complete", b""),
    ]


@pytest.mark.parametrize("piece", [b"x" * 100, b"data: x\n", b"data:\n", b"data: " + b"x" * 50])
def test_an_event_without_end_is_given_up(piece: bytes) -> None:
    parser = EventParser(max_bytes=1000)

    def feed_on() -> None:
        for _ in range(1100):
            parser.feed(piece)

    with pytest.raises(ResponseTooLargeError):
        feed_on()


def test_many_events_in_one_piece_are_not_one_large_event() -> None:
    assert len(EventParser(max_bytes=100).feed(next_event(b"x" * 50) * 1000)) == 1000
