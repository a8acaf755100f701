"""Enums with their texts, and arguments that several fields take."""

from collections.abc import Iterable
from typing import Annotated, Protocol, TypeAlias, TypeVar

import strawberry

from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.errors import DraftRefusedError, FieldRefusal
from subgraphs.catalog.models import ContentDescriptor, CreditRole, ImageRole, MarkerKind, PlayableKind, TitleKind
from subgraphs.catalog.repository.titles import TitleSort
from subgraphs.catalog.service.artwork import ImageRatio
from subgraphs.catalog.service.facts import AvailabilityStatus, LiveState, TitleBadge, Watching
from subgraphs.catalog.service.timecode import FrameRate
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.scalars import Locale

Info: TypeAlias = strawberry.Info[CatalogContext, None]

AskedLocale = Annotated[
    Locale | None,
    strawberry.argument(
        description="Language wanted; else the profile's, then the browser's, then English, then the original."
    ),
]
AskedWidth = Annotated[
    int | None,
    strawberry.argument(
        description="Width in pixels at which the picture will be shown; the next larger drawn width is given."
    ),
]


class InLanguage(Protocol):
    """An input that is in one language."""

    locale: Locale


Said = TypeVar("Said", bound=InLanguage)


def by_language(translations: Iterable[Said]) -> dict[str, Said]:
    """Return the inputs by language.

    Raises:
        DraftRefusedError: Two of them are in one language.
    """
    found: dict[str, Said] = {}
    for each in translations:
        if found.setdefault(each.locale, each) is not each:
            message = f"'{each.locale}' is there twice."
            raise DraftRefusedError([FieldRefusal("LANGUAGE_TWICE", message, ("translations", each.locale))])
    return found


describe_enum(
    TitleKind,
    "What a viewer browses.",
    MOVIE="One film.",
    SHOW="A series of episodes in seasons.",
    SPORTS_EVENT="A match or race, live or as a replay.",
)
describe_enum(
    PlayableKind,
    "What a viewer presses play on.",
    FEATURE="The film itself.",
    EPISODE="An episode of a show.",
    LIVE_EVENT="A sports event as it happens.",
    REPLAY="A sports event afterwards.",
)
describe_enum(
    ImageRole,
    "Where a picture is shown.",
    POSTER="Upright, on a card.",
    THUMBNAIL="Lying, on a card or in a list.",
    SPOTLIGHT="Wide, on top of a page.",
    STILL="Of an episode.",
    AVATAR="Of a person.",
)
describe_enum(
    ImageRatio,
    "The shape of a picture, width to height.",
    R16_9="16:9.",
    R4_3="4:3.",
    R2_3="2:3, upright.",
    R1_1="Square.",
    R12_5="12:5.",
)
describe_enum(
    CreditRole,
    "What a person did for a title.",
    DIRECTOR="Directed it.",
    ACTOR="Acted in it.",
    HOST="Led through it.",
    ATHLETE="Competed in it.",
    WRITER="Wrote it.",
    PRODUCER="Produced it.",
    COMPOSER="Wrote its music.",
    CINEMATOGRAPHER="Led the camera.",
    EDITOR="Cut it.",
    OTHER="Did something else.",
)
describe_enum(
    MarkerKind,
    "What begins at a marker.",
    INTRO="The opening, which a viewer may skip.",
    RECAP="What happened before, which a viewer may skip.",
    CREDITS="The closing credits; what comes next may be offered.",
    PREVIEW="What is to come, which a viewer may skip.",
    CHAPTER="A chapter.",
    AD_CUE="A good moment for an ad break.",
    CONTENT_WARNING="A warning of what is shown.",
    TOBACCO_SPOT="The health spot that scenes with tobacco ask for.",
)
describe_enum(
    ContentDescriptor,
    "Why a title is rated as it is.",
    VIOLENCE="Violence.",
    LANGUAGE="Strong language.",
    SEX="Sex.",
    NUDITY="Nudity.",
    SUBSTANCE_ABUSE="Abuse of drugs.",
    TOBACCO="Tobacco.",
    ALCOHOL="Alcohol.",
    HORROR="Horror.",
    THREAT="Threat.",
    THEMES="Themes that need maturity.",
)
describe_enum(
    FrameRate,
    "Frames per second of a picture.",
    F23_976="24,000 in 1,001 seconds: film for television.",
    F24="Film.",
    F25="Television in India and Europe.",
    F29_97="30,000 in 1,001 seconds, counted with dropped labels: television in America.",
    F30="30.",
    F50="50.",
    F59_94="60,000 in 1,001 seconds, counted with dropped labels.",
    F60="60.",
)
describe_enum(
    TitleSort,
    "Order of a list of titles.",
    TRENDING="Most watched of late first, then the most recently added.",
    RECENTLY_ADDED="Most recently published first.",
    NAME_ASC="By the English or original name, A to Z.",
    RELEASE_DATE_DESC="Newest release first.",
)
describe_enum(
    AvailabilityStatus,
    "Whether a title can be watched already; what is over is not shown at all.",
    AVAILABLE="Inside its window.",
    COMING_SOON="Its window has not begun.",
)
describe_enum(
    Watching,
    "Whether somebody could watch a title.",
    PLAYS="It would play.",
    NEEDS_SUBSCRIPTION="It would play with a subscription.",
    COMING_SOON="Its window has not begun.",
    NOT_SHOWN="They do not see it at all.",
)
describe_enum(
    TitleBadge,
    "A mark on a title's card.",
    NEW="Published within the last 30 days.",
    LEAVING_SOON="Its window ends within 14 days.",
    COMING_SOON="Its window has not begun.",
    LIVE="Happening now.",
    PREMIUM="Needs a subscription.",
)
describe_enum(
    LiveState,
    "Where a sports event stands.",
    UPCOMING="Has not begun.",
    LIVE="Happening now.",
    ENDED="Over, without a replay.",
    REPLAY="Over, and its replay can be watched.",
)
