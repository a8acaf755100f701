"""The platform's rate limits: the numbers of the requirements, for fields that exist."""

import json

import pytest

from router.config import RateLimit
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
