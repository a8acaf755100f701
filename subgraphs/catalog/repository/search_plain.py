"""Searches that nothing narrows, of viewers without an age limit, as statements with named parameters.

Nearly all searches are such. To build a statement takes longer than most of them take to run, so each is built once for
a kind of query.
"""

from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.shared.values import MaturityRating

_ADULT = MaturityRating.A.age_floor
_LITERALS = (
    *("tsquery", "whole_words", "ranked", "in_names", "in_names_whole"),
    *("named", "named_whole", "whole_key", "almost_key", "begins_key"),
)
"""What statements take of SearchTerms."""

NAMED_AUDIENCE: Any = SimpleNamespace(
    now=sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    country=sa.bindparam("country", type_=sa.Text),
    age_limit=_ADULT,
)
"""The audience of a plain search as parameters."""


def is_plain(criteria: TitleCriteria, audience: Audience) -> bool:
    """Return whether a search is of this kind."""
    return criteria.is_empty and audience.age_limit >= _ADULT


def shape_of(terms: Any) -> tuple[bool, bool, bool]:
    """Return what of the terms (SearchTerms) the text of a statement depends on: the arguments of `named_terms`."""
    return terms.prefix, terms.ends_with_letter, terms.by_sound


def named_terms(prefix: bool, ends_with_letter: bool, by_sound: bool) -> Any:  # noqa: FBT001  # as shape_of gives them
    """Return terms whose literals are parameters."""
    literals = {name: sa.bindparam(name, type_=sa.Text) for name in _LITERALS}
    return SimpleNamespace(prefix=prefix, ends_with_letter=ends_with_letter, by_sound=by_sound, **literals)


def values_of(terms: Any, audience: Audience) -> dict[str, Any]:
    """Return the values of the parameters."""
    return {"now": audience.now, "country": audience.country, **{name: getattr(terms, name) for name in _LITERALS}}
