"""The index of search in an OpenSearch or Elasticsearch: its fields, documents and queries, all without the cluster.

It knows words and nothing else. Words come in the normal form of service/words.py, on both sides, so its analyzer only
takes them as they are. What a title may be shown to, and what narrows a search, stays in the database: no licence is
copied here, and an old index shows nothing to anybody who must not see it.

A score is counted in millionths, as whole numbers: Lucene adds scores as floats, and adds these exactly, in whatever
order. Nothing in it depends on what other documents there are, so pages stay stable while titles are added.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from subgraphs.catalog.repository.search import ALMOST_NAME, NAME_BEGINS, WHOLE_NAME, WORDS, SearchTerms
from subgraphs.catalog.repository.search_documents import StoredDocument

UNITS = 1_000_000
"""What a score of 1 is in the index."""
MOST_CANDIDATES = 10_000
"""The most that one query may return."""

_WORD = re.compile(r"'([^']+)'(?::([0-9A-D,]+))?")
_FIELD_OF_WEIGHT = {"A": "name_words", "B": "people_words", "C": "genre_words"}
_TENTHS = {"name_words": 10, "people_words": 3, "genre_words": 1}
"""What a word is worth by where it stands, in tenths of its share."""
_WHOLE, _ALMOST, _BEGINS, _WORDS = (
    round(share * UNITS) for share in (WHOLE_NAME + NAME_BEGINS, ALMOST_NAME + NAME_BEGINS, NAME_BEGINS, WORDS)
)
_NEAR_WORDS = 50

_WORDS_AS_THEY_ARE: dict[str, Any] = {
    "type": "text",
    "analyzer": "whitespace",
    "index_options": "docs",
    "norms": False,
}
_BEGUN_WORDS = {"index_prefixes": {"min_chars": 1, "max_chars": 10}}

INDEX: dict[str, Any] = {
    "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "1s"}},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            # Sorts hits of one score; the built-in id cannot be sorted by.
            "id": {"type": "keyword", "index": False},
            "names": {"type": "keyword", "doc_values": False, "ignore_above": 2_000},
            **{name: {**_WORDS_AS_THEY_ARE, **_BEGUN_WORDS, "copy_to": "words"} for name in _TENTHS},
            # All words together, only to look for those near a misspelt one.
            "words": _WORDS_AS_THEY_ARE,
            "sounds": {"type": "keyword", "doc_values": False},
        },
    },
}
"""Settings and fields. One shard holds millions of such documents, and a second one would only cost each search."""


def fields_of(document: StoredDocument) -> dict[str, Any]:
    """Return a document as the index takes it."""
    fields: dict[str, Any] = {
        "id": str(document.owner_id),
        "names": document.names.strip("|").split("|"),
        "sounds": [word for word, _ in _WORD.findall(document.sounds)],
    }
    for word, places in _WORD.findall(document.words):
        for weight in sorted(set(places) & _FIELD_OF_WEIGHT.keys()):
            fields.setdefault(_FIELD_OF_WEIGHT[weight], []).append(word)
    return fields


def query_of(terms: SearchTerms, *, size: int, after: tuple[int, UUID] | None) -> dict[str, Any]:
    """Return the search for the terms: the ids of at most `size` documents behind the score in units and id."""
    names = [
        _worth(_WHOLE, {"terms": {"names": list(terms.whole)}}),
        _worth(_ALMOST, {"terms": {"names": list(terms.almost)}}),
        _worth(_BEGINS, {"prefix": {"names": {"value": terms.begins}}}),
    ]
    share = _WORDS // len(terms.alternatives)
    last = len(terms.alternatives) - 1 if terms.prefix else None
    words = [
        _sounding(each, share) if terms.by_sound else _standing(each, share, may_go_on=at == last)
        for at, each in enumerate(terms.alternatives)
    ]
    query: dict[str, Any] = {"must": words, "should": [{"dis_max": {"queries": names}}]}
    if terms.ends_with_letter:
        # Half of all documents have some word with that letter: it goes on only where a name begins with the query.
        whole_words = [_standing(each, share, may_go_on=False) for each in terms.alternatives]
        may_match = [{"bool": {"must": whole_words}}, {"prefix": {"names": {"value": terms.begins}}}]
        query["filter"] = [{"bool": {"should": may_match}}]
    body: dict[str, Any] = {
        "query": {"bool": query},
        "sort": [{"_score": "desc"}, {"id": "desc"}],
        "size": size,
        "_source": False,
        "track_total_hits": False,
    }
    if after is not None:
        body["search_after"] = [after[0], str(after[1])]
    return body


def words_near_of(words: Collection[str], *, shortest: int) -> dict[str, Any]:
    """Return the suggestions of known words one edit away from each of the words that have so many letters."""
    near = {
        "field": "words",
        "suggest_mode": "always",
        "max_edits": 1,
        "prefix_length": 0,
        "min_word_length": shortest,
        "string_distance": "damerau_levenshtein",
        "size": _NEAR_WORDS,
        "shard_size": _NEAR_WORDS,
        "max_inspections": 20,
        # Frequent words are misspelt, too: as good as no limit (1 would mean one document).
        "max_term_freq": 0.9999,
    }
    return {"near": {"text": " ".join(words), "term": near}}


def _standing(alternatives: Sequence[str], share: int, *, may_go_on: bool) -> dict[str, Any]:
    def found(field: str) -> dict[str, Any]:
        if not may_go_on:
            return {"terms": {field: list(alternatives)}}
        begun = [{"prefix": {field: {"value": word}}} for word in alternatives]
        return begun[0] if len(begun) == 1 else {"bool": {"should": begun}}

    return {"dis_max": {"queries": [_worth(share * tenths // 10, found(field)) for field, tenths in _TENTHS.items()]}}


def _sounding(alternatives: Sequence[str], share: int) -> dict[str, Any]:
    return _worth(share, {"terms": {"sounds": list(alternatives)}})


def _worth(units: int, found: dict[str, Any]) -> dict[str, Any]:
    """Return a query that gives whatever is found the score."""
    return {"constant_score": {"filter": found, "boost": units}}
