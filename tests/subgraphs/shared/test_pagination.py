"""Cursors, page sizes and pages."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.errors import InvalidCursorError, PageSizeError
from subgraphs.shared.graphql.pagination import (
    check_page_size,
    cursor_integer,
    cursor_moment,
    decode_cursor,
    encode_cursor,
    make_page,
)


@given(st.text(), st.integers(-(2**53), 2**53))
def test_a_cursor_comes_back_as_it_was(name: str, rank: int) -> None:
    cursor = encode_cursor("titles:NAME", name, rank)

    assert decode_cursor(cursor, "titles:NAME", str, int) == (name, rank)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "€",
        encode_cursor("titles:DATE", "a", 1),
        encode_cursor("titles:NAME", "a"),
        encode_cursor("titles:NAME", "a", 1, 2),
        encode_cursor("titles:NAME", "a", "b"),
        encode_cursor("titles:NAME", "a", None),
        "e30",
        "bnVsbA",
        "W10",
        "[" * 2000,
    ],
)
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor(cursor, "titles:NAME", str, int)


def test_no_cursor_is_no_key() -> None:
    assert decode_cursor(None, "titles:NAME", str) is None


@pytest.mark.parametrize(("first", "is_allowed"), [(-1, False), (0, True), (100, True), (101, False)])
def test_a_page_has_0_to_100_items(first: int, *, is_allowed: bool) -> None:
    if is_allowed:
        assert check_page_size(first) == first
    else:
        with pytest.raises(PageSizeError):
            check_page_size(first)


def test_a_row_too_many_means_that_more_follow() -> None:
    page = make_page(["a", "b", "c"], 2, str.upper, after=None)

    assert (page.rows, page.cursors) == (["a", "b"], ["A", "B"])
    assert (page.page_info.has_next_page, page.page_info.has_previous_page) == (True, False)
    assert (page.page_info.start_cursor, page.page_info.end_cursor) == ("A", "B")


def test_an_empty_page_has_no_cursors() -> None:
    rows: list[str] = []

    page = make_page(rows, 2, str.upper, after="cursor")

    assert (page.page_info.has_next_page, page.page_info.has_previous_page) == (False, True)
    assert (page.page_info.start_cursor, page.page_info.end_cursor) == (None, None)


@pytest.mark.parametrize("part", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", "", None, 5, []])
def test_a_moment_that_no_row_can_have_is_no_cursor(part: Any) -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor(encode_cursor("titles:NEW", part), "titles:NEW", cursor_moment)


@pytest.mark.parametrize("part", [2**31, -(2**31) - 1, 10**30, 1e300, "1", None, []])
def test_a_number_that_no_row_can_have_is_no_cursor(part: Any) -> None:
    raw = base64.urlsafe_b64encode(json.dumps(["titles:TOP", part]).encode()).decode()

    with pytest.raises(InvalidCursorError):
        decode_cursor(raw, "titles:TOP", cursor_integer)


def test_moments_and_numbers_of_rows_come_back() -> None:
    moment = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    cursor = encode_cursor("titles:TOP", moment.isoformat(), 2**31 - 1)

    assert decode_cursor(cursor, "titles:TOP", cursor_moment, cursor_integer) == (moment, 2**31 - 1)
