"""What a search looks for, as parameters: its statements are built once for all searches of a shape.

To build a statement takes longer than most of them take to run.
"""

from types import SimpleNamespace
from typing import Any, NamedTuple

import sqlalchemy as sa

_LITERALS = ("all_words", "ranked", "named", "named_whole", "whole_key", "almost_key", "begins_key")
"""What statements take of SearchTerms, each one tsquery literal."""

_BY_WORD = ("matching", "whole_words", "in_names", "in_names_whole")
"""What statements take of SearchTerms, a tsquery literal for each word."""

NamedTerms = Any
"""SearchTerms whose literals are parameters."""


class TermsShape(NamedTuple):
    """What of SearchTerms the text of a statement depends on."""

    prefix: bool
    ends_with_letter: bool
    by_sound: bool
    words: int


def shape_of(terms: Any) -> TermsShape:
    """Return the shape of the terms (SearchTerms)."""
    return TermsShape(terms.prefix, terms.ends_with_letter, terms.by_sound, len(terms.alternatives))


def named_terms(shape: TermsShape) -> NamedTerms:
    """Return terms of that shape whose literals are parameters."""
    literals = {name: _text(name) for name in _LITERALS}
    by_word = {name: tuple(_text(f"{name}_{place}") for place in range(shape.words)) for name in _BY_WORD}
    kind = {"prefix": shape.prefix, "ends_with_letter": shape.ends_with_letter, "by_sound": shape.by_sound}
    return SimpleNamespace(**kind, **literals, **by_word)


def values_of(terms: Any) -> dict[str, str]:
    """Return the values of the parameters."""
    literals = {name: getattr(terms, name) for name in _LITERALS}
    by_word = {f"{name}_{place}": literal for name in _BY_WORD for place, literal in enumerate(getattr(terms, name))}
    return {**literals, **by_word}


def _text(name: str) -> sa.BindParameter[str]:
    return sa.bindparam(name, type_=sa.Text)
