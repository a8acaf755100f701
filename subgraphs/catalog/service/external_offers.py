"""From a row of somebody else's catalogue to what is stored of it; whose it is, and by which words it is found."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from subgraphs.catalog.errors import EmptyQueryError
from subgraphs.catalog.models import ExternalSource
from subgraphs.catalog.service.external_ids import external_id_problems, reference_of
from subgraphs.catalog.service.importing import RowError, checked_text
from subgraphs.catalog.service.words import words_of
from subgraphs.shared.values import MaturityRating, Money, language_tag

Value = TypeVar("Value")

_NAMESPACE = UUID("0f5d1f0e-7c0f-5b34-9f56-5f9a7d0c2b77")
_MOST_WORDS = 12
_LONGEST_KEY = 200
_LONGEST_SOURCE = 100
_LONGEST_ADDRESS = 2_000
_LARGEST_AMOUNT = 2**31 - 1
_ADDRESS = re.compile(r"https?://[!-~]+")
_CURRENCY = re.compile(r"[A-Z]{3}")

_SOURCES = {
    "1": ExternalSource.NETFLIX,
    "netflix": ExternalSource.NETFLIX,
    "2": ExternalSource.PRIME,
    "prime": ExternalSource.PRIME,
    "prime video": ExternalSource.PRIME,
    "amazon prime": ExternalSource.PRIME,
    "amazon prime video": ExternalSource.PRIME,
}
"""By name in small letters, and by the codes of the older service, where 3 is any other."""
_CODES = frozenset({"1", "2", "3"})

_RATINGS = {rating.value: rating for rating in MaturityRating} | {"U/A": MaturityRating.UA_13}
"""By their words, and the one that India gave until 2021."""


@dataclass(frozen=True, slots=True)
class ExternalOffer:
    """A title as somebody else offers it. `key` is its name there; `external_ids` are references."""

    key: str
    source: ExternalSource
    source_name: str
    name: str
    language: str | None
    cost: Money | None
    deep_link: str | None
    maturity_rating: MaturityRating | None
    external_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a catalogue's rows say.

    `bad_keys` are the names of rows that are wrong: what was stored of them stays. Where `nameless` rows are wrong
    beside them, any stored title may be meant. `first_problem` is None when nothing is wrong.
    """

    offers: tuple[ExternalOffer, ...]
    bad_keys: frozenset[str]
    nameless: int
    first_problem: str | None

    @property
    def bad_rows(self) -> int:
        """How many rows are wrong, as far as they can be told apart."""
        return len(self.bad_keys) + self.nameless


def offer_id(catalogue: str, key: str) -> UUID:
    """Return the id of the title that a catalogue knows under the key."""
    return uuid5(_NAMESPACE, f"{catalogue}:{key}")


def read_offers(rows: Iterable[Mapping[str, object]], *, catalogue: str) -> Reading:
    """Return what the rows of a catalogue say; of two with one key, the first counts and the second is wrong."""
    offers: dict[str, ExternalOffer] = {}
    bad: set[str] = set()
    nameless, first_problem = 0, None
    for number, row in enumerate(rows, start=1):
        key = None
        try:
            key = _key(row)
            offer = _offer(row, key, catalogue)
            if key in offers:
                raise RowError("`id` comes twice.")
            offers[key] = offer
        except RowError as error:
            first_problem = first_problem or f"Row {number}: {error}"
            if key is None:
                nameless += 1
            elif key not in offers:
                bad.add(key)
    return Reading(tuple(offers.values()), frozenset(bad - offers.keys()), nameless, first_problem)


def words_to_find(query: str) -> list[str]:
    """Return the words that a name must have, the last of which may go on; those after the twelfth do not count.

    Raises:
        EmptyQueryError: The query holds no letter and no digit.
    """
    words = words_of(query)[:_MOST_WORDS]
    if not words:
        raise EmptyQueryError
    return words


def source_of(given: object, *, catalogue: str) -> tuple[ExternalSource, str]:
    """Return whose catalogue it is, and what it is called: as the row says, by name or code, else as configured."""
    said = str(given).strip() if isinstance(given, int | str) and not isinstance(given, bool) else ""
    source = _SOURCES.get(said.lower() or catalogue, ExternalSource.OTHER)
    return source, catalogue if not said or said in _CODES else checked_text(said, "source", longest=_LONGEST_SOURCE)


def _key(row: Mapping[str, object]) -> str:
    given = row.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    return _text(given, "id", longest=_LONGEST_KEY)


def _offer(row: Mapping[str, object], key: str, catalogue: str) -> ExternalOffer:
    source, source_name = source_of(row.get("source"), catalogue=catalogue)
    return ExternalOffer(
        key=key,
        source=source,
        source_name=source_name,
        name=_text(row.get("name"), "name"),
        language=_optional(row, "language", _language),
        cost=_optional(row, "cost", _cost),
        deep_link=_optional(row, "deepLink", _address),
        # A rating that nobody knows is none, and counts as the strictest.
        maturity_rating=_RATINGS.get(str(row.get("maturityRating"))),
        external_ids=_optional(row, "externalIds", _references) or (),
    )


def _optional(row: Mapping[str, object], field: str, read: Callable[[Any], Value]) -> Value | None:
    value = row.get(field)
    return None if value is None else read(value)


def _text(given: object, field: str, **limits: int) -> str:
    if not isinstance(given, str) or not given.strip():
        raise RowError(f"`{field}` must be a text that is not empty.")
    return checked_text(given, field, **limits)


def _language(given: object) -> str:
    known = language_tag(given) if isinstance(given, str) else None
    if known is None:
        raise RowError("`language` must be a BCP 47 language tag.")
    return known


def _cost(given: object) -> Money:
    amount, currency = (given.get("amountMinor"), given.get("currency")) if isinstance(given, dict) else (None, None)
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= _LARGEST_AMOUNT:
        raise RowError(f"`cost.amountMinor` must be a whole number from 0 to {_LARGEST_AMOUNT}.")
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise RowError("`cost.currency` must be an ISO 4217 code.")
    return Money(amount, currency)


def _address(given: object) -> str:
    """Return the address as it is: one that a client can open without being led elsewhere than it reads."""
    if isinstance(given, str) and len(given) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(given):
        try:
            address = urlsplit(given)
            # Reading the port checks it, too.
            if address.hostname and address.username is None and address.port != 0:
                return given
        except ValueError:
            pass
    raise RowError("`deepLink` must be an http or https address.")


def _references(given: object) -> tuple[str, ...]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise RowError("`externalIds` must be an object of texts.")
    references = tuple(reference_of(scheme, value) for scheme, value in given.items())
    for problem in external_id_problems(references):
        raise RowError(f"`externalIds`: {problem}")
    return references
