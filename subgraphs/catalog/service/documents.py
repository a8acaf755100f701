"""Search documents: what a title, a person or a collection is found by, as rows. What a query finds is in searching."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from subgraphs.catalog.repository import tags
from subgraphs.catalog.service.records import LicenceRecord, TitleRecord
from subgraphs.catalog.service.sounds import document_sounds
from subgraphs.catalog.service.words import document_names, document_words, name_keys, spellings
from subgraphs.shared.values import age_floor

Rows = list[dict[str, Any]]


def title_document(record: TitleRecord) -> dict[str, Any]:
    """Return the row of a title's document: its names, its people, its genres."""
    names = [record.original_name, *(text.name for text in record.texts.values())]
    genres = [name for genre in record.genres for name in genre.names.values()]
    people = dict.fromkeys(credit.name for credit in record.credits)
    words = document_words(dict.fromkeys(names), people, genres)
    return _document(record.id, names, words=words, marked=title_tags(record))


def person_document(own_id: UUID, name: str) -> dict[str, Any]:
    """Return the row of a person's document."""
    return _document(own_id, [name], words=document_words([name], (), ()), marked=[tags.PERSON])


def collection_document(own_id: UUID, names: Iterable[str]) -> dict[str, Any]:
    """Return the row of a collection's document: its names in every language."""
    distinct = list(dict.fromkeys(names))
    return _document(own_id, distinct, words=document_words(distinct, (), ()), marked=[tags.COLLECTION])


def title_tags(record: TitleRecord) -> list[str]:
    """Return what filters find a title by; terms that any of its licences has are among it."""
    terms = record.licences or (record,)
    tiers = {each.tier if isinstance(each, LicenceRecord) else each.required_tier for each in terms}
    found = [
        tags.kind_tag(record.kind.value),
        *(tags.genre_tag(genre.slug) for genre in record.genres),
        *(tags.audio_tag(language) for language in record.audio_languages),
        *(tags.subtitle_tag(language) for language in record.subtitle_languages),
        *([] if record.release_year is None else tags.year_tags(record.release_year)),
        tags.age_tag(age_floor(record.maturity_rating)),
        *([tags.EVERYWHERE] if record.countries is None else map(tags.country_tag, record.countries)),
        *(tags.tier_tag(tier.value) for tier in tiers),
        *([tags.RENTABLE] if any(each.rentable for each in terms) else []),
    ]
    return sorted(set(found))


def _document(owner: UUID, names: Sequence[str], *, words: str, marked: list[str]) -> dict[str, Any]:
    marks, sounds = document_sounds(names)
    all_names = document_names(names, marks)
    return {
        "owner_id": owner,
        "is_person": marked == [tags.PERSON],
        "names": all_names,
        "words": f"{words} {name_keys(all_names)}".strip(),
        "sounds": sounds,
        "tags": marked,
    }


def word_rows(documents: Collection[dict[str, Any]]) -> Rows:
    """Return the rows of all words of the documents, with the spellings by which a typo finds them."""
    return spelt_rows(words_in(documents))


def words_in(documents: Collection[dict[str, Any]]) -> set[str]:
    """Return all words of the documents; keys of whole names are none."""
    parts = {part for document in documents for part in document["words"].split(" ") if "':" in part}
    return {part.split("':", 1)[0][1:] for part in parts}


def spelt_rows(words: Collection[str]) -> Rows:
    """Return the rows of the words, with the spellings by which a typo finds them."""
    return [{"word": word, "spellings": spellings(word)} for word in sorted(words)]
