"""Descriptions for enums that live in rooms which must not know GraphQL (models, values)."""

from enum import Enum
from typing import Any, cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition


def describe_enum(enum: type[Enum], description: str, **value_descriptions: str) -> None:
    """Make the enum a GraphQL one, every value with its text.

    Raises:
        ValueError: A value has no description, or a description names no value.
    """
    if set(value_descriptions) != set(enum.__members__):
        raise ValueError(f"{enum.__name__} needs a description of exactly {sorted(enum.__members__)}.")
    # A type that names the enum may have been made before: it must keep the one definition that there is.
    if "__strawberry_definition__" not in vars(enum):
        strawberry.enum(enum)
    definition = cast("StrawberryEnumDefinition", cast("Any", enum).__strawberry_definition__)
    definition.description = description
    for value in definition.values:
        value.description = value_descriptions[value.name]
