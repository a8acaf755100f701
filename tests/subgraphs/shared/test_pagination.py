"""Cursors, page sizes and pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.errors import InvalidCursorError, PageSizeError
from subgraphs.shared.graphql.pagination import check_page_size, decode_cursor, encode_cursor, make_page


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
