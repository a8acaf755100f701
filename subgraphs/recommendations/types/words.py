"""The GraphQL texts of this domain's enums."""

from subgraphs.recommendations.models.words import (
    PageSlug,
    ReasonKind,
    RowSource,
    Segment,
    TrayKind,
    TrayLayout,
    TrendPeriod,
)
from subgraphs.shared.graphql.enums import describe_enum

describe_enum(
    PageSlug,
    "A page that is made of trays.",
    HOME="What everybody sees first.",
    MOVIES="Movies only.",
    SHOWS="Shows only.",
    KIDS="Nothing above U/A 7+, without advertising, whoever looks.",
)
describe_enum(
    TrayKind,
    "What a tray is about.",
    RECOMMENDED="Titles that suit the profile's taste.",
    BECAUSE_YOU_WATCHED="Titles like one that the profile watched.",
    TRENDING="Most watched in the last seven days, recent plays counting more.",
    TOP_10="The ten leaders of the week's chart.",
    NEW_RELEASES="Newest first.",
    GENRE="Titles of one genre, the most watched first.",
    LANGUAGE="Titles with audio in one language, the most watched first.",
    FREE_TO_WATCH="Titles that play without a subscription.",
    EDITORIAL="Titles that editors put together, or collections of such.",
)
describe_enum(
    RowSource,
    "What fills a tray.",
    RECOMMENDED="What suits the profile's taste.",
    BECAUSE_YOU_WATCHED="What is like titles that the profile watched: up to three trays.",
    TRENDING="The week's chart.",
    NEW_RELEASES="The newest releases.",
    FREE_TO_WATCH="What plays without a subscription, the most watched first.",
    GENRE="A genre, by its slug, the most watched first.",
    LANGUAGE="What can be heard in a language, the most watched first.",
    COLLECTION="The titles of an editors' collection, in its order.",
    COLLECTIONS="Editors' collections, in an order; each is shown to whoever may see one of its titles.",
)
describe_enum(
    TrayLayout,
    "How a client should draw a tray.",
    SPOTLIGHT="Large pictures, one at a time.",
    POSTER="Upright pictures, 2:3.",
    LANDSCAPE="Wide pictures, 16:9.",
    RANKED="Pictures with their rank.",
)
describe_enum(
    Segment,
    "What is known of a viewer's habits. Kids profiles are in no segment: nothing is kept of their habits.",
    GUEST="Nobody is signed in.",
    NEWCOMER="A profile of which nothing is known: it watched nothing yet, or wants no personal rows.",
    REGULAR="A profile that watched something.",
)
describe_enum(
    ReasonKind,
    "Why a title is shown.",
    BECAUSE_YOU_WATCHED="It is like a title that the profile watched.",
    SAME_GENRE="It shares a genre that the profile likes.",
    SAME_CAST="Somebody whom the profile likes plays in it.",
    SAME_DIRECTOR="It is by a director whom the profile likes.",
    LANGUAGE_MATCH="It can be heard in a language that the profile watches.",
    TRENDING="It is watched a lot at present.",
    NEW_FOR_YOU="It came out lately.",
    EDITORIAL="It belongs to the theme of its tray.",
)
describe_enum(
    TrendPeriod,
    "The time over which plays count.",
    H24="The last 24 hours, compared with the four weeks before: what is surging.",
    D7="The last seven days, recent plays counting more.",
    D30="The last thirty days, recent plays counting more.",
)
