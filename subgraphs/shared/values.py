"""Words that several subgraphs speak: ratings, tiers, qualities, devices, money, locales. No rule of one domain."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

_AGE_FLOORS = {"U": 0, "UA_7": 7, "UA_13": 13, "UA_16": 16, "A": 18}


class MaturityRating(Enum):
    """The five Indian ratings (IT Rules 2021). Compare by `age_floor`, never by text."""

    U = "U"
    UA_7 = "UA_7"
    UA_13 = "UA_13"
    UA_16 = "UA_16"
    A = "A"

    # Attributes of the members, because pages read them by the hundred.
    age_floor: int
    """The youngest age in years that the rating admits."""

    def __init__(self, name: str) -> None:
        self.age_floor = _AGE_FLOORS[name]


UNRATED_AGE_FLOOR = MaturityRating.A.age_floor
"""An unrated title is treated as A, so that it never reaches a limited profile (requirements, ruling 19)."""


def age_floor(rating: MaturityRating | None) -> int:
    """Return the youngest age in years that may see `rating`; None is unrated and counts as A."""
    return UNRATED_AGE_FLOOR if rating is None else rating.age_floor


class Tier(Enum):
    """What a viewer must have to play a title, and what a viewer has."""

    FREE = "FREE"
    PREMIUM = "PREMIUM"


class DeviceType(Enum):
    """What somebody watches on."""

    WEB = "WEB"
    MOBILE = "MOBILE"
    TABLET = "TABLET"
    TV = "TV"
    SET_TOP_BOX = "SET_TOP_BOX"
    CAST = "CAST"
    CONSOLE = "CONSOLE"


class Quality(Enum):
    """How many lines the picture has."""

    P144 = "P144"
    P360 = "P360"
    P480 = "P480"
    P720 = "P720"
    P1080 = "P1080"

    height: int
    """Lines of the picture."""

    def __init__(self, name: str) -> None:
        self.height = int(name[1:])


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer minor units (paise, cents) of an ISO 4217 currency."""

    amount_minor: int
    currency: str


DEFAULT_LOCALE = "en"
LONGEST_LOCALE = 35
_LANGUAGE_TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(?P<variants>(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE | re.ASCII,
)


def language_tag(text: str) -> str | None:
    """Return the BCP 47 language tag as it is usually written, and so kept: `EN-in` → `en-IN`; None for what is none.

    A tag is a language, and may be a script, a region and variants, at most 35 characters; case means nothing in it.
    Extensions (`-u-…`, `-x-…`) are none here: they say how to count and sort, not what language it is. RFC 5646, 2.1.
    """
    match = _LANGUAGE_TAG.fullmatch(text) if len(text) <= LONGEST_LOCALE else None
    if match is None:
        return None
    language, *rest = text.lower().split("-")
    variants = match["variants"].lower().split("-")
    if len(set(variants)) < len(variants):
        return None
    return "-".join([language, *map(_usual_case, rest)])


def _usual_case(subtag: str) -> str:
    if not subtag.isalpha():
        return subtag
    return {2: subtag.upper(), 4: subtag.capitalize()}.get(len(subtag), subtag)


# Every text of a page asks for the chain of its viewer.
@lru_cache(maxsize=1024)
def locale_chain(*wanted: str | None) -> tuple[str, ...]:
    """Return the locales to try, best first, ending in English: `hi-Latn` → hi-Latn, hi, en.

    Empty and None entries are skipped; duplicates keep their first place.
    """
    chain: dict[str, None] = {}
    for locale in (*wanted, DEFAULT_LOCALE):
        if locale:
            chain.setdefault(locale)
            chain.setdefault(locale.split("-", 1)[0])
    return tuple(chain)
