"""Descriptions of enums from rooms that know no GraphQL."""

from enum import Enum

import pytest
import strawberry

from subgraphs.shared.graphql.enums import describe_enum


class Colour(Enum):
    """An enum that a type names before anybody describes it."""

    RED = "RED"
    BLUE = "BLUE"


@strawberry.type
class Early:
    """Made before the description."""

    colour: Colour | None


describe_enum(Colour, "A colour.", RED="Like a rose.", BLUE="Like the sea.")


@strawberry.type
class Query:
    """Names the enum again, after the description."""

    early: Early | None
    colour: Colour | None


def test_a_description_reaches_the_types_made_before_and_after_it() -> None:
    sdl = strawberry.Schema(query=Query).as_str()

    assert sdl.count("enum Colour") == 1
    assert all(f'"""{text}"""' in sdl for text in ("A colour.", "Like a rose.", "Like the sea."))


@pytest.mark.parametrize("given", [{"RED": "Red."}, {"RED": "Red.", "BLUE": "Blue.", "GREEN": "Green."}])
def test_every_value_has_a_text_and_no_text_is_left_over(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs a description of exactly"):
        describe_enum(Colour, "A colour.", **given)
