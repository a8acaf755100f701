"""Scalars and enums that several subgraphs declare alike. DateTime and Date are Strawberry's own (ISO 8601)."""

import re
from collections.abc import Callable
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.values import DeviceType, MaturityRating, Quality, Tier, language_tag

URL = NewType("URL", str)
Locale = NewType("Locale", str)
CountryCode = NewType("CountryCode", str)

_COUNTRY = re.compile(r"[A-Z]{2}")


def _read_by(read: Callable[[str], str | None], what: str) -> "type[str]":
    """Return what parses values of a scalar; `read` gives None for what is no such thing."""

    def parse(value: object) -> str:
        known = read(value) if isinstance(value, str) else None
        if known is None:
            # Not ValueError: that would count as a fault of ours when the value stands in the document itself.
            raise GraphQLError(f"{value!r} is not {what}.")
        return known

    return parse  # type: ignore[return-value]  # Strawberry only calls it


def _country_code(text: str) -> str | None:
    return text if _COUNTRY.fullmatch(text) else None


SCALARS: dict[object, ScalarDefinition] = {
    URL: strawberry.scalar(name="URL", description="An absolute URL (RFC 3986)."),
    Locale: strawberry.scalar(
        name="Locale",
        description="A BCP 47 language tag: en, hi, hi-Latn. Case means nothing: `EN-in` is taken as `en-IN`.",
        parse_value=_read_by(language_tag, "a BCP 47 language tag"),
    ),
    CountryCode: strawberry.scalar(
        name="CountryCode",
        description="An ISO 3166-1 alpha-2 country code: IN.",
        parse_value=_read_by(_country_code, "an ISO 3166-1 alpha-2 country code"),
    ),
}

describe_enum(
    MaturityRating,
    "Indian maturity rating (IT Rules 2021), compared by the youngest age that it admits.",
    U="For everyone.",
    UA_7="From 7 years; younger with a parent.",
    UA_13="From 13 years; younger with a parent.",
    UA_16="From 16 years; younger with a parent.",
    A="Adults only, from 18 years.",
)
describe_enum(
    Tier,
    "What a title asks for and what a viewer has.",
    FREE="Plays for everyone, with ads.",
    PREMIUM="Needs a subscription.",
)
describe_enum(
    DeviceType,
    "What somebody watches on.",
    WEB="A browser.",
    MOBILE="A telephone.",
    TABLET="A tablet.",
    TV="A television with apps of its own.",
    SET_TOP_BOX="A box or stick at a television.",
    CAST="A receiver that another device sends to.",
    CONSOLE="A games console.",
)
describe_enum(
    Quality,
    "How many lines the picture has.",
    P144="144 lines.",
    P360="360 lines.",
    P480="480 lines.",
    P720="720 lines: the best of what is free.",
    P1080="1080 lines: the best of a subscription.",
)


def schema_config() -> StrawberryConfig:
    """Return the configuration that every subgraph's schema uses."""
    return StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True)
