"""The platform's rate limits: the numbers of the requirements, for fields that exist."""

import json

import pytest
from graphql import build_schema

from router.config import RateLimit
from stack.home import PROJECT
from stack.rate_limits import RATE_LIMITS, rate_limits


@pytest.mark.requirement("IN-RL-1")
@pytest.mark.parametrize(
    ("name", "limit", "seconds"),
    [
        ("login", 5, 15 * 60),
        ("register", 3, 60 * 60),
        ("catalog", 100, 60),
        ("stream", 50, 60),
        ("cms", 200, 60),
    ],
)
def test_the_numbers_are_those_of_the_requirements(name: str, limit: int, seconds: int) -> None:
    assert (RATE_LIMITS[name]["limit"], RATE_LIMITS[name]["seconds"]) == (limit, seconds)


def test_a_demo_is_wider_where_one_person_tries_every_account() -> None:
    demo, real = rate_limits(has_demo=True), rate_limits(has_demo=False)

    assert real == RATE_LIMITS
    assert {name for name in real if demo[name] != real[name]} == {"login", "register", "letters"}
    assert demo["login"]["limit"] == 100


def test_the_router_takes_them_as_they_would_stand_in_its_environment() -> None:
    for limit in json.loads(json.dumps(RATE_LIMITS)).values():
        assert RateLimit(**limit).limit == limit["limit"]


def test_every_field_that_is_named_exists_and_some_are_tagged() -> None:
    schema = build_schema((PROJECT / "schema" / "api.graphql").read_text(encoding="utf-8"))
    supergraph = (PROJECT / "schema" / "supergraph.graphql").read_text(encoding="utf-8")
    patterns = {pattern for limit in RATE_LIMITS.values() for pattern in limit["fields"]}

    named = {pattern for pattern in patterns if not pattern.startswith("@") and not pattern.endswith(".*")}
    coordinates = {
        f"{root.name}.{name}"
        for root in (schema.query_type, schema.mutation_type, schema.subscription_type)
        if root is not None
        for name in root.fields
    }
    assert named - coordinates == set()
    assert patterns - named == {"@admin", "Query.*", "Mutation.*", "Subscription.*"}
    assert '@tag(name: "admin")' in supergraph
