"""How a word sounds, whatever script it is written in: `chitthi`, `chithi` and `चिट्ठी` sound alike.

People type Hindi in Latin letters, and everybody in their own way: long vowels double or single, aspirates with or
without `h`, `w` for `v`. A *sound* folds that away but keeps the vowels that both scripts write; a *skeleton* has
consonants only, because Devanagari does not say which of its inherent `a` are spoken.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from subgraphs.catalog.service.words import words_of

_CONSONANTS = {
    **dict(zip("कखगघङ", ("k", "k", "g", "g", "n"), strict=True)),
    **dict(zip("चछजझञ", ("c", "c", "j", "j", "n"), strict=True)),
    **dict(zip("टठडढण", ("t", "t", "d", "d", "n"), strict=True)),
    **dict(zip("तथदधन", ("t", "t", "d", "d", "n"), strict=True)),
    **dict(zip("पफबभम", ("p", "f", "b", "b", "m"), strict=True)),
    **dict(zip("यरलवशषसह", ("y", "r", "l", "v", "s", "s", "s", "h"), strict=True)),
    **dict(zip("ळऱऴ", ("l", "r", "l"), strict=True)),
}
_VOWELS = {
    **dict(zip("अआइईउऊऋ", ("a", "a", "i", "i", "u", "u", "ri"), strict=True)),
    **dict(zip("एऐओऔऑऍ", ("i", "i", "u", "u", "u", "i"), strict=True)),
}
_VOWEL_SIGNS = {
    **dict(zip("ािीुूृ", ("a", "i", "i", "u", "u", "ri"), strict=True)),
    **dict(zip("ेैोौॉॅ", ("i", "i", "u", "u", "u", "i"), strict=True)),
}
_NASALS = dict.fromkeys("ंँ", "n")
_SILENT = dict.fromkeys("्ः", "")
# A nukta changes nothing: people type `z` or `j`, `f` or `ph` for the same word.
_DEVANAGARI = {**_CONSONANTS, **_VOWELS, **_VOWEL_SIGNS, **_NASALS, **_SILENT, "़": ""}

_CLUSTERS = (("ज्ञ", "ग"), ("क्ष", "क्स"))

# In this order: aspirates before single letters, `ow` before `w`, `eh` (pehla, shehar) before `e`.
_LATIN_FOLDS = tuple(
    (re.compile(pattern), folded)
    for pattern, folded in (
        ("chh?", "c"),
        ("sh", "s"),
        ("ph", "f"),
        ("([kgjtdb])h", r"\1"),
        ("x", "ks"),
        ("q", "k"),
        ("ck", "k"),
        ("ow(?![aeiou])", "u"),
        ("w", "v"),
        ("z", "j"),
        ("e(?=h)", "a"),
        ("aa+", "a"),
        ("ee+|ie|ei|ai|ay(?![aeiou])|ey(?![aeiou])|e", "i"),
        ("oo+|ou|au|o", "u"),
        ("ii+", "i"),
        ("uu+", "u"),
    )
)
_LABIAL_NASAL = re.compile("[ंँ](?=[पफबभम])")
_DIPHTHONGS = re.compile("a+(?=[iu])")
_DOUBLED = re.compile(r"(.)\1+")
_FINAL_A = re.compile(r"(?<=.)a+")
_INNER_VOWELS = re.compile(r"(?<=.)[aiuy]+")


@lru_cache(maxsize=16_384)
def sound_of(word: str) -> str:
    """Return how a word in normal form sounds; inner `a` is left out, since only Latin letters write all of them."""
    if word.isascii():
        roman = word
        for pattern, folded in _LATIN_FOLDS:
            roman = pattern.sub(folded, roman)
    else:
        roman = _DIPHTHONGS.sub("", _romanised(word))
    sound = _DOUBLED.sub(r"\1", _FINAL_A.sub("", roman))
    return sound[:1] + sound[1:].replace("y", "")


@lru_cache(maxsize=16_384)
def skeleton_of(word: str) -> str:
    """Return the consonants of a word's sound, and its first letter."""
    return _INNER_VOWELS.sub("", sound_of(word))


def _romanised(word: str) -> str:
    """Return Devanagari in the folded letters; what is not Devanagari stays."""
    for cluster, simple in _CLUSTERS:
        word = word.replace(cluster, simple)
    word = _LABIAL_NASAL.sub("म", word)
    return "".join(_DEVANAGARI.get(letter, letter) for letter in word)


def document_sounds(names: Iterable[str]) -> tuple[list[str], str]:
    """Return the marks of names as they sound, `^sound` and `=skeleton`, and the skeletons as a tsvector literal."""
    marks: dict[str, None] = {}
    skeletons: dict[str, None] = {}
    for name in dict.fromkeys(names):
        words = words_of(name)
        consonants = [skeleton_of(word) for word in words]
        marks |= dict.fromkeys((f"^{' '.join(map(sound_of, words))}", f"={' '.join(consonants)}"))
        skeletons |= dict.fromkeys(filter(None, consonants))
    return list(marks), " ".join(f"'{skeleton}':1A" for skeleton in skeletons)


def sound_mark(name: str) -> str:
    """Return what stands in a document for a name as it sounds."""
    return f"^{' '.join(map(sound_of, words_of(name)))}"


def skeleton_mark(name: str) -> str:
    """Return what stands in a document for the consonants of a name."""
    return f"={' '.join(map(skeleton_of, words_of(name)))}"
