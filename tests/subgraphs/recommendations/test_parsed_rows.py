"""Personal rows that stay parsed: while their document is the same, and no more of them than there is room for."""

from datetime import UTC, datetime

from subgraphs.recommendations.models.rows import PersonalRows, RowEntry, dump_rows
from subgraphs.recommendations.service.boards import ParsedRows


def document(*titles: str) -> str:
    entries = [RowEntry(title, 1.0) for title in titles]
    rows = PersonalRows(datetime(2026, 3, 1, tzinfo=UTC), 18, "1", recommended=entries, because=(), avoided=())
    rows.made["trays"] = ["kept in the process alone"]
    return dump_rows(rows)


def titles_of(rows: PersonalRows) -> list[str]:
    return [entry.title_id for entry in rows.recommended]


def test_rows_are_the_same_object_until_their_document_changes() -> None:
    parsed = ParsedRows()

    first, again = parsed.rows("p", document("a")), parsed.rows("p", document("a"))
    other, changed = parsed.rows("q", document("a")), parsed.rows("p", document("b"))

    assert again is first
    assert other is not first
    assert (titles_of(first), titles_of(changed)) == (["a"], ["b"])
    assert first.made == changed.made == {}


def test_the_least_recently_used_rows_go_where_there_is_no_room() -> None:
    size = len(document("a"))
    parsed = ParsedRows(most_characters=2 * size)
    kept = {name: parsed.rows(name, document("a")) for name in ("p", "q")}

    parsed.rows("p", document("a"))
    parsed.rows("r", document("a"))

    assert parsed.rows("p", document("a")) is kept["p"]
    assert parsed.rows("q", document("a")) is not kept["q"]


def test_rows_that_change_take_no_more_room_than_one_document() -> None:
    size = len(document("a"))
    parsed = ParsedRows(most_characters=2 * size)
    kept = parsed.rows("p", document("a"))

    for title in "bcdefg":
        parsed.rows("q", document(title))

    assert parsed.rows("p", document("a")) is kept
