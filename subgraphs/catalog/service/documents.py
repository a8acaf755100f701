"""Search documents: what a title or a person is found by, as rows. What a query finds is in searching."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.sounds import document_sounds
from subgraphs.catalog.service.words import document_names, document_words, spellings

Rows = list[dict[str, Any]]


def title_document(record: TitleRecord) -> dict[str, Any]:
    """Return the row of a title's document: its names, its people, its genres."""
    names = [record.original_name, *(text.name for text in record.texts.values())]
    genres = [name for genre in record.genres for name in genre.names.values()]
    people = dict.fromkeys(credit.name for credit in record.credits)
    return _document(record.id, names, is_person=False, words=document_words(dict.fromkeys(names), people, genres))


def person_document(own_id: UUID, name: str) -> dict[str, Any]:
    """Return the row of a person's document."""
    return _document(own_id, [name], is_person=True, words=document_words([name], (), ()))


def _document(owner: UUID, names: Sequence[str], *, is_person: bool, words: str) -> dict[str, Any]:
    marks, sounds = document_sounds(names)
    return {
        "owner_id": owner,
        "is_person": is_person,
        "names": document_names(names, marks),
        "words": words,
        "sounds": sounds,
    }


def word_rows(documents: Collection[dict[str, Any]]) -> Rows:
    """Return the rows of all words of the documents, with the spellings by which a typo finds them."""
    found = {part.split("':", 1)[0][1:] for document in documents for part in document["words"].split(" ") if part}
    return [{"word": word, "spellings": spellings(word)} for word in sorted(found)]
