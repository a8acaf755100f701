"""Opaque keyset cursors, PageInfo and page sizes for Relay connections.

A cursor holds the name of its list and order (the scope) and the sort key of its row, so that pages stay stable while
rows are added, and a cursor from another list is refused.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import orjson
import strawberry

from subgraphs.shared.errors import InvalidCursorError, PageSizeError
from subgraphs.shared.graphql.kept import keeps_answers

LARGEST_PAGE = 100

Row = TypeVar("Row")

First = Annotated[int, strawberry.argument(description="How many items to return: 0 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor of the last item that the client has.")]


@keeps_answers()
@strawberry.federation.type(shareable=True, description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether items follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether `after` skipped items.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item; null for an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null for an empty page.")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of one page with their cursors, ready to become edges."""

    rows: Sequence[Row]
    cursors: Sequence[str]
    page_info: PageInfo


def check_page_size(first: int) -> int:
    """Return `first`.

    Raises:
        PageSizeError: Below 0 or above 100.
    """
    if not 0 <= first <= LARGEST_PAGE:
        raise PageSizeError(first, largest=LARGEST_PAGE)
    return first


def encode_cursor(scope: str, *key: str | float | None) -> str:
    """Return the cursor of a row: the list's scope and the row's sort key."""
    return base64.urlsafe_b64encode(orjson.dumps([scope, *key])).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, scope: str, *parsers: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """Return the sort key inside a cursor, each part through its parser; None without a cursor.

    A parser raises ValueError, TypeError or OverflowError for what cannot have come from the list.

    Raises:
        InvalidCursorError: Not a cursor, or of another list or order.
    """
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        given_scope, *key = parts
        if given_scope != scope or len(key) != len(parsers):
            raise InvalidCursorError
        return tuple(parse(part) for parse, part in zip(parsers, key, strict=True))
    except (binascii.Error, UnicodeError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidCursorError from error


def cursor_moment(part: str) -> datetime:
    """Parse a part of a cursor that is a moment: an aware ISO 8601 text that is a time in UTC too."""
    return datetime.fromisoformat(part).astimezone(UTC)


def cursor_integer(part: int) -> int:
    """Parse a part of a cursor that is an integer of at most 32 bits."""
    if not -(2**31) <= part < 2**31:
        raise ValueError
    return int(part)


def make_page(rows: Sequence[Row], first: int, cursor_of: Callable[[Row], str], *, after: str | None) -> Page[Row]:
    """Return the page of at most `first` rows from a query that asked for one row more."""
    shown = rows[:first]
    cursors = [cursor_of(row) for row in shown]
    info = PageInfo(
        has_next_page=len(rows) > first,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return Page(shown, cursors, info)
