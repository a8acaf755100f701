"""What search documents are marked with, so that one index answers rare combinations of filters at once.

A document's tags say everything of its title that a filter or the viewer's rights may ask for and that does not pass
with time. They only narrow: whoever reads by them checks the title itself as well, because a licence may be over. A
person has the tag `person` and no other, a collection the tag `collection`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array

from subgraphs.catalog.models import CollectionTitle, Credit, SearchDocument, Title, table
from subgraphs.catalog.repository.criteria import VIEWER, Shape, TitleCriteria, parameter, values_of
from subgraphs.catalog.repository.visibility import Audience, Condition
from subgraphs.shared.values import MaturityRating

PERSON = "person"
COLLECTION = "collection"
_OF_NO_TITLE = (PERSON, COLLECTION)
GENRE = "genre:"
_IN = "in:"
EVERYWHERE = f"{_IN}*"
RENTABLE = "rentable"

_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_ADULT = MaturityRating.A.age_floor
_FLOORS = tuple(rating.age_floor for rating in MaturityRating)

_documents, _titles, _credits, _members = (table(model).c for model in (SearchDocument, Title, Credit, CollectionTitle))

_LOOKED_AT = (
    *(_titles.id, _titles.kind, _titles.release_year, _titles.age_floor, _titles.maturity_rating),
    *(_titles.audio_languages, _titles.subtitle_languages, _titles.required_tier, _titles.rentable),
    *(_titles.published_at, _titles.available_from, _titles.available_until, _titles.countries, _titles.has_licences),
    *(_titles.trending_boost, _titles.sort_name, _titles.release_order),
)


def kind_tag(kind: str) -> str:
    """Return the tag of a kind."""
    return f"kind:{kind}"


def genre_tag(slug: str) -> str:
    """Return the tag of a genre."""
    return f"{GENRE}{slug}"


def audio_tag(language: str) -> str:
    """Return the tag of a language that can be heard."""
    return f"audio:{language}"


def subtitle_tag(language: str) -> str:
    """Return the tag of a language that can be read."""
    return f"subtitle:{language}"


def tier_tag(tier: str) -> str:
    """Return the tag of a tier."""
    return f"tier:{tier}"


def age_tag(age_floor: int) -> str:
    """Return the tag of an age floor in years."""
    return f"age:{age_floor}"


def country_tag(country: str) -> str:
    """Return the tag of a country that a title is shown in."""
    return f"{_IN}{country}"


def year_tags(year: int) -> list[str]:
    """Return the tags of a year: its own, and that of its decade, the first and last of which hold all beyond them."""
    return [f"year:{year}", _decade(year)]


def title_by(title_id: sa.ColumnElement[UUID]) -> sa.FromClause:
    """Return the title of that id, with what decides whether it is wanted and where it stands in an order, to be joined
    to where the id comes from. LIMIT has titles read one by one, by their
    key: the planner would read the whole table where it expects more ids than there are."""
    return sa.select(*_LOOKED_AT).where(_titles.id == title_id).limit(1).lateral("title")


@dataclass(frozen=True, slots=True)
class Asked:
    """Criteria for an audience: the shape of statements, and the values of their parameters."""

    shape: Shape
    values: dict[str, Any]


def asked(criteria: TitleCriteria, audience: Audience, *, with_others: bool = False) -> Asked:
    """Return what statements need. With others every person and collection meets the tags, too, where titles are not
    narrowed."""
    fields = values_of(criteria)
    others = _OF_NO_TITLE if with_others and criteria.is_empty else ()
    groups = [[*group, *others] for group in _groups_for(criteria, audience)]
    viewer = {"now": audience.now, "country": audience.country, "age_limit": audience.age_limit}
    tags = {f"tags_{number}": group for number, group in enumerate(groups)}
    return Asked(Shape(frozenset(fields), len(groups), criteria.is_empty), {**viewer, **fields, **tags})


def candidates_for(shape: Shape, *, in_country: bool = False) -> sa.FromClause:
    """Return the ids, in a column `title_id`, among which are those of all titles that meet the criteria and may be
    seen: of a person's or a collection's titles where they are asked for, else of the documents with the tags.

    Where titles are shown is not asked of the documents, because nearly every title is shown nearly everywhere, and for
    an index to intersect with nearly all costs more than to look at some in vain; `in_country` asks it all the same.
    """
    if "person_id" in shape.fields:
        credited = sa.select(_credits.title_id).where(_credits.person_id == parameter("person_id"))
        return credited.distinct().subquery("candidates")
    if "collection_id" in shape.fields:
        put_in = sa.select(_members.title_id).where(_members.collection_id == parameter("collection_id"))
        return put_in.distinct().subquery("candidates")
    shown = [_documents.tags.op("&&")(_places())] if in_country else []
    documents = sa.select(_documents.owner_id.label("title_id")).where(*tagged(shape), *shown)
    return documents.subquery("candidates")


def tagged(shape: Shape) -> list[Condition]:
    """Return the conditions on a document that every title meets which meets the criteria and may be seen; where it is
    shown is not among them."""
    names = (f"tags_{number}" for number in range(shape.tag_sets))
    return [_documents.tags.op("&&")(sa.bindparam(name, type_=ARRAY(sa.Text))) for name in names]


def is_shown_in_country() -> Condition:
    """Return that a document is of no title, or of one that is shown in the viewer's country, as far as documents
    tell. It is read off the document, by no index."""
    of_others = (sa.literal(each, sa.Text) for each in _OF_NO_TITLE)
    return sa.func.coalesce(_documents.tags.op("&&")(_places(*of_others)), sa.false())


def _places(*more: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
    in_country = sa.literal(_IN, sa.Text) + sa.type_coerce(VIEWER.country, sa.Text)
    return sa.cast(array([sa.literal(EVERYWHERE, sa.Text), in_country, *more]), ARRAY(sa.Text))


def _groups_for(criteria: TitleCriteria, audience: Audience) -> list[list[str]]:
    """Return sets of tags, of each of which a title has one that meets the criteria and may be seen at that age."""
    every = [criteria, *([] if criteria.rule is None else [criteria.rule])]
    limit = min(audience.age_limit, *(each.maturity_max.age_floor for each in every if each.maturity_max), _ADULT)
    groups = [group for each in every for group in _groups_of(each)]
    if limit < _ADULT:
        groups.append([age_tag(floor) for floor in _FLOORS if floor <= limit])
    return groups


def _groups_of(criteria: TitleCriteria) -> list[list[str]]:
    """Return sets of tags, of each of which a title that meets the criteria has one."""
    groups = [
        [kind_tag(kind.value) for kind in criteria.kinds],
        [genre_tag(slug) for slug in criteria.genre_slugs],
        [] if criteria.audio_language is None else [audio_tag(criteria.audio_language)],
        [] if criteria.subtitle_language is None else [subtitle_tag(criteria.subtitle_language)],
        [] if criteria.tier is None else [tier_tag(criteria.tier.value)],
        [RENTABLE] if criteria.rentable else [],
        [] if criteria.year_from is None and criteria.year_to is None else list(_years(criteria)),
    ]
    return [group for group in groups if group]


def _years(criteria: TitleCriteria) -> Iterable[str]:
    """Yield tags that cover the years: whole decades, and single years at the edges."""
    first = _FIRST_YEAR if criteria.year_from is None else min(max(criteria.year_from, _FIRST_YEAR), _LAST_YEAR)
    last = _LAST_YEAR if criteria.year_to is None else min(max(criteria.year_to, _FIRST_YEAR), _LAST_YEAR)
    for decade in range(first // 10 * 10, last + 1, 10):
        is_outermost = decade in (_FIRST_YEAR, _LAST_YEAR // 10 * 10)
        if is_outermost or (first <= decade and decade + 9 <= last):
            yield _decade(decade)
        else:
            yield from (f"year:{year}" for year in range(max(first, decade), min(last, decade + 9) + 1))


def _decade(year: int) -> str:
    return f"decade:{min(max(year, _FIRST_YEAR), _LAST_YEAR) // 10}"
