"""Words of search: normal form, documents, typos."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.catalog.service.words import (
    document_names,
    document_words,
    is_one_edit_apart,
    normal_form,
    spellings,
    words_of,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spider-Man: Far from Home", "spider man far from home"),
        ("Amélie’s Café", "amelies cafe"),
        ("STRASSE straße", "strasse strasse"),
        ("सुनहरी नदी!", "सुनहरी नदी"),
        ("ख़ामोश", "ख़ामोश"),
        ("Øresund № 7", "øresund no 7"),
        (" …— ", ""),
    ],
)
def test_normal_form(text: str, expected: str) -> None:
    assert normal_form(text) == normal_form(expected) == normal_form(normal_form(text))
    assert normal_form(text).isascii() == expected.isascii()


@given(st.text())
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)


@given(st.text())
def test_a_document_never_breaks_the_literal(text: str) -> None:
    for word in words_of(text):
        assert not set(word) & set("'\\:*&|!() \x00")


def test_a_document_weighs_names_over_people_over_genres() -> None:
    words = document_words(["Golden River"], ["River Phoen"], ["Drama"])

    assert words == "'golden':1A 'river':2A,3B 'phoen':4B 'drama':5C"


def test_a_compound_is_also_found_written_as_one() -> None:
    assert "'spiderman':3A" in document_words(["Spider-Man"], [], []).split(" ")


def test_names_stand_between_bars_each_once() -> None:
    assert document_names(["Golden River", "golden river!", "सुनहरी नदी", "…"]) == "|golden river|सुनहरी नदी|"


letters = st.text(alphabet="abcdeनदी", min_size=4, max_size=9)


@given(letters, st.data())
def test_words_one_edit_apart_share_a_spelling(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("xyz"))
    edits = {
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }

    for edit in edits - {word}:
        assert is_one_edit_apart(word, edit)
        assert is_one_edit_apart(edit, word)
        if len(edit) >= 4:
            assert set(spellings(word)) & set(spellings(edit))


@pytest.mark.parametrize(
    ("first", "second"), [("river", "river"), ("river", "rivers2"), ("golden", "gloedn"), ("abcd", "badc"), ("", "ab")]
)
def test_more_or_less_than_one_edit_is_not_one_edit(first: str, second: str) -> None:
    assert not is_one_edit_apart(first, second)
    assert not is_one_edit_apart(second, first)


def test_short_words_have_no_other_spelling() -> None:
    assert spellings("ram") == ["ram"]
    assert spellings("rama") == ["rama", "ama", "rma", "raa", "ram"]
