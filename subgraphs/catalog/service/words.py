"""Words of search: the normal form of text, the words of a document, the spellings near a word.

All of it happens here and not in PostgreSQL's text parser, so that query and document are treated alike and
Devanagari stays whole: the parser breaks it at vowel signs.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from subgraphs.catalog.repository.search import name_word_key, whole_name_key

_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("['’ʼ`]")
_NOT_ASCII_WORD = re.compile("[^a-z0-9]+")
_COMPOUND = re.compile(r"\w+(?:[-.·]\w+)+")
_ARTICLE = re.compile("(the|an?) (?=.)")
_LONGEST_WORD = 40
_MOST_POSITIONS = 256

MARKS = "~^="
"""What a name in a document begins with that is not spelt so: it lacks its article, or is how it sounds."""

SHORTEST_MISSPELT = 4
"""Words below this length are not searched for in spite of a typo: too many others are one letter away."""


@lru_cache(maxsize=16_384)
def normal_form(text: str) -> str:
    """Return the text in lower case, without accents on Latin letters and without punctuation, one space between words.

    Vowel signs, nuktas and viramas of Indian scripts stay; apostrophes vanish without a gap: `Don't` → `dont`. The
    answers are remembered, because an import asks for the same names over and over.
    """
    if text.isascii():
        return " ".join(_NOT_ASCII_WORD.sub(" ", _APOSTROPHES.sub("", text.lower())).split())
    # Twice, because decomposing makes new capitals (№ → No) and folding makes new compounds.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = _APOSTROPHES.sub("", _LATIN_MARKS.sub("", decomposed))
    letters = (c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else " " for c in plain)
    return " ".join("".join(letters).split())


def words_of(text: str) -> list[str]:
    """Return the words of a text in normal form; a word beyond 40 characters is cut."""
    return [word[:_LONGEST_WORD] for word in normal_form(text).split(" ") if word]


def joined_words(text: str) -> list[str]:
    """Return the words that a hyphen or dot holds together, as one: `Spider-Man` → `spiderman`."""
    if "-" not in text and "." not in text and "·" not in text:
        return []
    return ["".join(words_of(compound))[:_LONGEST_WORD] for compound in _COMPOUND.findall(text)]


@lru_cache(maxsize=16_384)
def _all_words(text: str) -> tuple[str, ...]:
    """Return the words of a text, each alone and those that are held together as one: names come over and over."""
    return (*words_of(text), *joined_words(text))


def document_words(names: Iterable[str], people: Iterable[str], genres: Iterable[str]) -> str:
    """Return the words as a tsvector literal: names weigh A, people B, genres C."""
    weights: dict[str, set[str]] = {}
    position = 0
    for weight, texts in (("A", names), ("B", people), ("C", genres)):
        for text in texts:
            for word in _all_words(text):
                position = min(position + 1, _MOST_POSITIONS)
                weights.setdefault(word, set()).add(f"{position}{weight}")
    return " ".join(f"'{word}':{','.join(sorted(places))}" for word, places in weights.items())


def document_names(names: Iterable[str], marks: Iterable[str] = ()) -> str:
    """Return the names in normal form between bars, each once: `|the river|नदी|~river|`.

    A name without its article has a `~` before it; `marks` come last.
    """
    distinct = dict.fromkeys(filter(None, map(normal_form, names)))
    bare = dict.fromkeys(f"~{_ARTICLE.sub('', name)}" for name in distinct if _ARTICLE.match(name))
    return f"|{'|'.join((*distinct, *bare, *marks))}|"


def name_keys(names: str) -> str:
    """Return what finds whole names, and words of names alone, as a tsvector literal without places: of `|the river|`
    it is `'|the_river' '.the' '.river'`. The names are those of a document, marks included."""
    whole = [name for name in names.split("|") if name]
    words = (word[:_LONGEST_WORD] for name in whole if name[0] not in MARKS for word in name.split(" "))
    keys = [*map(whole_name_key, whole), *map(name_word_key, words)]
    return " ".join(f"'{key}'" for key in dict.fromkeys(keys))


def spellings(word: str) -> list[str]:
    """Return the word and all that lack one of its letters; the word alone when it is short.

    Two words that are one edit apart (a letter added, dropped, exchanged, or two neighbours swapped) share a spelling,
    which an index finds at once.
    """
    if len(word) < SHORTEST_MISSPELT:
        return [word]
    return list(dict.fromkeys([word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]))


def is_one_edit_apart(first: str, second: str) -> bool:
    """Return whether one letter added, dropped or exchanged, or two neighbours swapped, turns one into the other."""
    if abs(len(first) - len(second)) > 1 or first == second:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    rest_first, rest_second = first[start:], second[start:]
    if len(first) != len(second):
        longer, shorter = sorted((rest_first, rest_second), key=len, reverse=True)
        return longer[1:] == shorter
    swapped = rest_first[1::-1] + rest_first[2:]
    return rest_first[1:] == rest_second[1:] or swapped == rest_second
