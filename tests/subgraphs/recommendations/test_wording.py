"""Why a title is shown, in words: complete in each language, whatever the reason rests on."""

import pytest

from subgraphs.recommendations.models.rows import ReasonNote
from subgraphs.recommendations.models.words import ReasonKind
from subgraphs.recommendations.service.wording import reason_text

_PLAIN = {ReasonKind.TRENDING, ReasonKind.NEW_FOR_YOU}


@pytest.mark.parametrize("locale", ["en", "hi"])
@pytest.mark.parametrize("kind", ReasonKind)
def test_a_reason_names_what_it_rests_on_and_leaves_no_gap(kind: ReasonKind, locale: str) -> None:
    note = ReasonNote(kind=kind, subject={locale: "Drama"}, because_names={locale: "Amber"}, because_id="movie-1")

    text = reason_text(note, (locale, "en"))

    assert "{" not in text
    assert ("Drama" in text or "Amber" in text) == (kind not in _PLAIN)


@pytest.mark.parametrize("kind", ReasonKind)
def test_a_locale_without_words_gets_english_ones(kind: ReasonKind) -> None:
    note = ReasonNote(kind=kind, subject={"en": "Drama"}, because_names={"en": "Amber"}, because_id="movie-1")

    assert reason_text(note, ("ta",)) == reason_text(note, ("en",))
