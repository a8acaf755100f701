"""What others call a title: `imdb:tt0054215`, a scheme and the name in it. Catalogues of others are matched by them,
so no two titles have the same."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

MOST_EXTERNAL_IDS = 20
LONGEST_VALUE = 200
TAKEN = "EXTERNAL_ID_TAKEN"
"""Code of an external id that another title has."""
_SCHEME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VALUE = re.compile(rf"[!-~]{{1,{LONGEST_VALUE}}}")


def reference_of(scheme: str, value: str) -> str:
    """Return the two as one text, the scheme in small letters and without space around them."""
    # A colon in the scheme would read as its end; a space is refused like any other wrong letter.
    return f"{scheme.strip().lower().replace(':', ' ')}:{value.strip()}"


def parts_of(reference: str) -> tuple[str, str]:
    """Return scheme and value of a reference."""
    scheme, _, value = reference.partition(":")
    return scheme, value


def is_reference(reference: str) -> bool:
    """Return whether scheme and value hold only what they may."""
    scheme, value = parts_of(reference)
    return bool(_SCHEME.fullmatch(scheme) and _VALUE.fullmatch(value))


def external_id_problems(references: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the references of one title, in words for its editor."""
    schemes = [parts_of(each)[0] for each in references]
    if len(references) > MOST_EXTERNAL_IDS:
        yield f"External ids are at most {MOST_EXTERNAL_IDS}."
    if len(set(schemes)) < len(schemes):
        yield "Each scheme may come once."
    if not all(map(is_reference, references)):
        yield (
            "A scheme has letters, digits, `-` and `_` and begins with a letter, at most 40; a value has at most "
            f"{LONGEST_VALUE} characters of ASCII without space."
        )


def taken_by_others(references: Collection[str], holders: Mapping[str, Collection[UUID]], *, own: UUID) -> list[str]:
    """Return those of the references that another title has, in order."""
    return sorted(reference for reference in references if not {own}.issuperset(holders.get(reference, ())))
