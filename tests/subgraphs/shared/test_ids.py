"""Global ids."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.ids import GlobalId, decode_id, decode_ids_leniently, encode_id

MOVIE = encode_id("Movie", UUID(int=1))


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@given(st.sampled_from(["Movie", "PlaybackSession"]), st.uuids())
def test_an_id_comes_back_as_it_was(type_name: str, uuid: UUID) -> None:
    assert decode_id(encode_id(type_name, uuid), "Movie", "PlaybackSession") == GlobalId(type_name, uuid)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "€",
        "Movie:1",
        MOVIE + "=",
        MOVIE[:-1],
        encoded("Movie"),
        encoded("Movie:"),
        encoded("Movie:1"),
        encoded("Film:00000000-0000-0000-0000-00000000000é"),
        encoded("Movie:{00000000-0000-0000-0000-000000000001}"),
        encoded("Movie:00000000-0000-0000-0000-00000000000A"),
        encoded("Movie:00000000000000000000000000000001"),
    ],
)
def test_only_the_one_spelling_of_an_id_is_taken(text: str) -> None:
    with pytest.raises(InvalidIdError):
        decode_id(text)


def test_an_id_of_another_type_is_refused_by_name() -> None:
    with pytest.raises(InvalidIdError, match="is not an id of a Show or Person"):
        decode_id(MOVIE, "Show", "Person")


def test_lenient_decoding_keeps_order_and_length() -> None:
    movie = GlobalId("Movie", UUID(int=1))

    assert decode_ids_leniently(["x", MOVIE, "", MOVIE], "Movie") == [None, movie, None, movie]
    assert decode_ids_leniently([MOVIE], "Show") == [None]


def test_lenient_decoding_takes_what_is_no_id_of_any_length() -> None:
    too_long = encoded(f"{'M' * 200}:{UUID(int=1)}")

    assert decode_ids_leniently(["x" * 1_000_000, too_long, MOVIE]) == [
        None,
        GlobalId("M" * 200, UUID(int=1)),
        GlobalId("Movie", UUID(int=1)),
    ]
