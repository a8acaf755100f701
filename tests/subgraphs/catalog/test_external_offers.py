"""What is taken of a row of somebody else's catalogue, and what makes it a wrong one."""

from typing import Any

import pytest

from subgraphs.catalog.gateways.catalogues import Row
from subgraphs.catalog.models import ExternalSource
from subgraphs.catalog.service.external_offers import read_offers, source_of
from subgraphs.shared.values import MaturityRating, Money

ROW = {
    "id": "n-1",
    "name": " River of Gold ",
    "language": "hi-Latn",
    "cost": {"amountMinor": 14900, "currency": "INR"},
    "deepLink": "https://partner.example/titles/n-1?from=us#play",
    "maturityRating": "UA_13",
    "externalIds": {"IMDb": "tt0054215", "eidr": "10.5240/6E1B"},
}


@pytest.mark.requirement("CS-03")
def test_a_row_says_name_language_source_cost_and_where_to_watch() -> None:
    [offer] = read_offers([ROW], catalogue="netflix").offers

    assert (offer.key, offer.name, offer.language) == ("n-1", "River of Gold", "hi-Latn")
    assert (offer.source, offer.source_name) == (ExternalSource.NETFLIX, "netflix")
    assert offer.cost == Money(14900, "INR")
    assert offer.deep_link == "https://partner.example/titles/n-1?from=us#play"
    assert offer.maturity_rating is MaturityRating.UA_13
    assert offer.external_ids == ("imdb:tt0054215", "eidr:10.5240/6E1B")


def test_only_id_and_name_are_needed() -> None:
    [offer] = read_offers([{"id": 7, "name": "नदी", "cost": None, "language": None}], catalogue="kino").offers

    assert (offer.key, offer.name, offer.language, offer.cost, offer.deep_link) == ("7", "नदी", None, None, None)
    assert (offer.maturity_rating, offer.external_ids) == (None, ())


@pytest.mark.requirement("CS-03")
@pytest.mark.parametrize(
    ("given", "source", "name"),
    [
        (1, ExternalSource.NETFLIX, "kino"),
        ("1", ExternalSource.NETFLIX, "kino"),
        (2, ExternalSource.PRIME, "kino"),
        (3, ExternalSource.OTHER, "kino"),
        (4, ExternalSource.OTHER, "4"),
        ("netflix", ExternalSource.NETFLIX, "netflix"),
        ("Netflix ", ExternalSource.NETFLIX, "Netflix"),
        ("PRIME", ExternalSource.PRIME, "PRIME"),
        ("Amazon Prime Video", ExternalSource.PRIME, "Amazon Prime Video"),
        ("Mubi", ExternalSource.OTHER, "Mubi"),
        ("", ExternalSource.OTHER, "kino"),
        (None, ExternalSource.OTHER, "kino"),
        (True, ExternalSource.OTHER, "kino"),
        (1.0, ExternalSource.OTHER, "kino"),
        (["netflix"], ExternalSource.OTHER, "kino"),
    ],
)
def test_a_source_is_known_by_name_or_legacy_code_and_else_another(
    given: object, source: ExternalSource, name: str
) -> None:
    assert source_of(given, catalogue="kino") == (source, name)


@pytest.mark.parametrize(("catalogue", "source"), [("netflix", "NETFLIX"), ("prime", "PRIME"), ("kino", "OTHER")])
def test_a_row_that_names_no_source_is_of_the_catalogue_that_has_it(catalogue: str, source: str) -> None:
    assert source_of(None, catalogue=catalogue) == (ExternalSource(source), catalogue)


@pytest.mark.parametrize(
    ("said", "rating"),
    [("U", MaturityRating.U), ("U/A", MaturityRating.UA_13), ("PG-13", None), (None, None), (18, None)],
)
def test_a_rating_that_nobody_knows_is_none(said: object, rating: MaturityRating | None) -> None:
    [offer] = read_offers([{**ROW, "maturityRating": said}], catalogue="netflix").offers

    assert offer.maturity_rating is rating


@pytest.mark.requirement("CS-03")
@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": "  "},
        {"name": 7},
        {"name": "x" * 301},
        {"name": "a\x00b"},
        {"source": "x" * 101},
        {"language": "English"},
        {"language": 7},
        {"cost": 149},
        {"cost": {"amountMinor": 149.0, "currency": "INR"}},
        {"cost": {"amountMinor": True, "currency": "INR"}},
        {"cost": {"amountMinor": -1, "currency": "INR"}},
        {"cost": {"amountMinor": 2**31, "currency": "INR"}},
        {"cost": {"amountMinor": 149, "currency": "Rs"}},
        {"cost": {"amountMinor": 149}},
        {"deepLink": "javascript:alert(1)"},
        {"deepLink": "file:///etc/passwd"},
        {"deepLink": "//partner.example/titles"},
        {"deepLink": "https://"},
        {"deepLink": "https://partner.example/a b"},
        {"deepLink": "https://partner.example/\n"},
        {"deepLink": "https://bank.example@partner.example/"},
        {"deepLink": "https://[::1/"},
        {"deepLink": "https://partner.example:99999/"},
        {"deepLink": "https://partner.example/" + "x" * 2000},
        {"deepLink": 7},
        {"externalIds": ["imdb"]},
        {"externalIds": {"imdb": 54215}},
        {"externalIds": {"imdb": ""}},
        {"externalIds": {"imdb": "tt1", "IMDB": "tt2"}},
    ],
    ids=repr,
)
def test_a_wrong_row_is_left_out_and_named(change: dict[str, Any]) -> None:
    reading = read_offers([{**ROW, "id": "good"}, {**ROW, **change}], catalogue="netflix")

    assert [offer.key for offer in reading.offers] == ["good"]
    assert (list(reading.bad_keys), reading.nameless, reading.bad_rows) == (["n-1"], 0, 1)
    assert reading.first_problem is not None
    assert reading.first_problem.startswith(f"Row 2: `{next(iter(change))}")


@pytest.mark.parametrize("own", [None, "", " ", True, 1.5, ["n-1"], "x" * 201], ids=repr)
def test_a_row_without_an_id_is_wrong_and_cannot_be_named(own: object) -> None:
    row: Row = {**ROW, "id": own}

    reading = read_offers([row], catalogue="netflix")

    assert (reading.offers, reading.bad_keys, reading.nameless) == ((), frozenset(), 1)


def test_of_two_rows_with_one_id_the_first_that_is_right_counts() -> None:
    rows: list[Row] = [{**ROW, "name": None}, {**ROW, "name": "First"}, {**ROW, "name": "Second"}]

    reading = read_offers(rows, catalogue="netflix")

    assert [offer.name for offer in reading.offers] == ["First"]
    assert (reading.bad_keys, reading.nameless) == (frozenset(), 0)
