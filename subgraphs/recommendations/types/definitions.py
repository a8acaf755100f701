"""TrayDefinition: a tray as its curators see it, and what they hand in."""

from datetime import datetime

import strawberry

from subgraphs.recommendations.models.tables import TrayDefinition as TrayRow
from subgraphs.recommendations.models.words import PageSlug, RowSource, Segment, TrayKind, TrayLayout
from subgraphs.recommendations.types import words as _words  # noqa: F401  # gives the enums their texts
from subgraphs.recommendations.types.titles import Collection
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import CountryCode, Locale
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import DeviceType, MaturityRating, Tier

ADMIN = ["admin"]
"""The tag of everything that only curators see."""

_RATINGS = {rating.age_floor: rating for rating in MaturityRating}


@strawberry.federation.type(tags=ADMIN, description="The heading of a tray in one language.")
class TrayHeading:
    locale: Locale = strawberry.field(description="Its language.")
    text: str = strawberry.field(description="The heading; `{title}` becomes the title that the profile watched.")


@strawberry.federation.type(
    tags=ADMIN,
    description="Accounts in some of the 10,000 buckets of an experiment. An account is always in the same one; who is "
    "not signed in, and a kids profile, is in none.",
)
class ExperimentShare:
    key: str = strawberry.field(description="Name of the experiment.")
    from_: int = strawberry.field(name="from", description="The first bucket, from 0.")
    until: int = strawberry.field(description="The bucket after the last, at most 10,000.")


@strawberry.federation.type(tags=ADMIN, description="Whom a tray is for; null narrows nothing.")
class TrayTargeting:
    countries: list[CountryCode] | None = strawberry.field(description="Viewers in one of these.")
    tiers: list[Tier] | None = strawberry.field(description="Viewers with one of these.")
    devices: list[DeviceType] | None = strawberry.field(description="Pages asked for one of these.")
    languages: list[Locale] | None = strawberry.field(description="Profiles in one of these, or a variant of it.")
    maturity_limits: list[MaturityRating] | None = strawberry.field(
        description="Profiles whose limit is one of these; A is a profile without a limit."
    )
    kids: bool | None = strawberry.field(description="Kids profiles alone, or everybody else.")
    segments: list[Segment] | None = strawberry.field(description="Viewers in one of these.")
    experiment: ExperimentShare | None = strawberry.field(description="Accounts in this part of an experiment.")


@strawberry.federation.type(tags=ADMIN, description="What a tray of a page is made of, for whom, and when.")
class TrayDefinition:
    id: strawberry.ID = strawberry.field(description="Global id of the tray that it makes.")
    version: int = strawberry.field(description="How often it was changed, from 1; give it back as `expectedVersion`.")
    page: PageSlug = strawberry.field(description="The page that it stands on.")
    position: int = strawberry.field(description="Trays stand by it, the pinned ones first.")
    pinned: bool = strawberry.field(description="Whether it stands before those that are not, personal ones too.")
    kind: TrayKind = strawberry.field(description="What the tray is about.")
    layout: TrayLayout = strawberry.field(description="How to draw it.")
    headings: list[TrayHeading] = strawberry.field(description="Its headings, by language.")
    source: RowSource = strawberry.field(description="What fills it.")
    argument: str | None = strawberry.field(description="The genre, language or collection that fills it.")
    collection: Collection | None = strawberry.field(description="The collection whose titles fill it.")
    collections: list[Collection | None] | None = strawberry.field(
        description="The collections that stand in it, in order, those that viewers do not get any more among them; "
        "null where titles do."
    )
    size: int = strawberry.field(description="The most items in it.")
    min_items: int = strawberry.field(description="With fewer items for a viewer it is left out.")
    targeting: TrayTargeting = strawberry.field(description="Whom it is for.")
    starts_at: datetime | None = strawberry.field(description="From when it is shown; null: since ever.")
    ends_at: datetime | None = strawberry.field(description="Until when, excluded; null: without end.")
    active: bool = strawberry.field(description="Whether it is in use at all.")

    @classmethod
    def of(cls, row: TrayRow) -> "TrayDefinition":
        """Return the definition with these facts."""
        is_collected = row.source is RowSource.COLLECTION and row.argument is not None
        return cls(
            id=strawberry.ID(encode_id("Tray", row.id)),
            version=row.version,
            page=row.page,
            position=row.position,
            pinned=row.pinned,
            kind=row.kind,
            layout=row.layout,
            headings=[TrayHeading(locale=Locale(locale), text=text) for locale, text in sorted(row.headings.items())],
            source=row.source,
            argument=row.argument,
            collection=Collection(id=strawberry.ID(str(row.argument))) if is_collected else None,
            collections=_collections(row),
            size=row.size,
            min_items=row.min_items,
            targeting=_targeting(row),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            active=row.is_active,
        )


def _collections(row: TrayRow) -> list[Collection | None] | None:
    return None if row.collection_ids is None else [Collection(id=strawberry.ID(each)) for each in row.collection_ids]


def _targeting(row: TrayRow) -> TrayTargeting:
    return TrayTargeting(
        countries=None if row.in_countries is None else [CountryCode(each) for each in row.in_countries],
        tiers=None if row.tiers is None else [Tier(each) for each in row.tiers],
        devices=None if row.devices is None else [DeviceType(each) for each in row.devices],
        languages=None if row.languages is None else [Locale(each) for each in row.languages],
        maturity_limits=None if row.age_limits is None else [_RATINGS[each] for each in row.age_limits],
        kids=row.kids,
        segments=None if row.segments is None else [Segment(each) for each in row.segments],
        experiment=_share(row),
    )


def _share(row: TrayRow) -> ExperimentShare | None:
    if row.experiment is None or row.bucket_from is None or row.bucket_until is None:
        return None
    return ExperimentShare(key=row.experiment, from_=row.bucket_from, until=row.bucket_until)


@strawberry.federation.input(tags=ADMIN, description="The heading of a tray in one language.")
class TrayHeadingInput:
    locale: Locale = strawberry.field(description="Its language.")
    text: str = strawberry.field(description="1 to 200 characters.")


@strawberry.federation.input(
    tags=ADMIN, description="Accounts in some of the 10,000 buckets of an experiment: 0 to 5,000 is every other one."
)
class ExperimentShareInput:
    key: str = strawberry.field(
        description="Name of the experiment: small letters and digits with dashes between. Trays with the same key "
        "share its buckets."
    )
    from_: int = strawberry.field(name="from", description="The first bucket, from 0.")
    until: int = strawberry.field(description="The bucket after the last, at most 10,000.")


@strawberry.federation.input(
    tags=ADMIN, description="Whom a tray is for: all of it anew; what is left out narrows nothing."
)
class TrayTargetingInput:
    countries: list[CountryCode] | None = strawberry.field(default=None, description="Viewers in one of these.")
    tiers: list[Tier] | None = strawberry.field(default=None, description="Viewers with one of these.")
    devices: list[DeviceType] | None = strawberry.field(default=None, description="Pages asked for one of these.")
    languages: list[Locale] | None = strawberry.field(
        default=None, description="Profiles in one of these, or a variant of it."
    )
    maturity_limits: list[MaturityRating] | None = strawberry.field(
        default=None, description="Profiles whose limit is one of these; A is a profile without a limit."
    )
    kids: bool | None = strawberry.field(default=None, description="Kids profiles alone, or everybody else.")
    segments: list[Segment] | None = strawberry.field(default=None, description="Viewers in one of these.")
    experiment: ExperimentShareInput | None = strawberry.field(
        default=None, description="Accounts in this part of an experiment."
    )


@strawberry.federation.input(tags=ADMIN, description="When a tray is shown: both ends anew; one left out is open.")
class TrayScheduleInput:
    starts_at: datetime | None = strawberry.field(default=None, description="From when it is shown.")
    ends_at: datetime | None = strawberry.field(default=None, description="Until when, excluded.")


@strawberry.federation.input(
    tags=ADMIN, description="What a tray is to be. In a change, what is left out stays as it is."
)
class TrayInput:
    id: strawberry.ID | None = strawberry.field(default=None, description="Global id of the tray; none makes one.")
    expected_version: int | None = strawberry.field(
        default=None, description="The version that you have seen; a change needs it."
    )
    page: PageSlug | None = strawberry.field(default=None, description="The page; a new tray needs it.")
    position: int | None = strawberry.field(
        default=None, description="Trays stand by it, 0 to 9,999; a new tray needs it."
    )
    pinned: bool | None = strawberry.field(default=None, description="Whether it stands before all that are not.")
    kind: TrayKind | None = strawberry.field(default=None, description="What it is about; else its source says so.")
    layout: TrayLayout | None = strawberry.field(default=None, description="How to draw it; a new tray needs it.")
    headings: list[TrayHeadingInput] | None = strawberry.field(
        default=None, description="Headings to set, by language; a new tray needs one. Other languages stay."
    )
    source: RowSource | None = strawberry.field(default=None, description="What fills it; a new tray needs it.")
    argument: str | None = strawberry.field(
        default=None, description="GENRE: a slug. LANGUAGE: a language. COLLECTION: a global id. Others take none."
    )
    collection_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="COLLECTIONS: global ids of 1 to 100 published collections with titles, in order, each once. Other "
        "sources take none.",
    )
    size: int | None = strawberry.field(default=None, description="The most items in it, 1 to 100; else 40.")
    min_items: int | None = strawberry.field(default=None, description="With fewer items it is left out; else 1.")
    targeting: TrayTargetingInput | None = strawberry.field(default=None, description="Whom it is for; else everybody.")
    schedule: TrayScheduleInput | None = strawberry.field(default=None, description="When it is shown; else always.")
    active: bool | None = strawberry.field(default=None, description="Whether it is in use; a new one is.")


@strawberry.federation.input(tags=ADMIN, description="As whom to look at a page.")
class PreviewAudienceInput:
    country: CountryCode | None = strawberry.field(default=None, description="Where they are; else where you are.")
    tier: Tier = strawberry.field(default=Tier.FREE, description="What they have.")
    device: DeviceType | None = strawberry.field(default=None, description="What they look at the page on.")
    locale: Locale | None = strawberry.field(default=None, description="Their profile's language; else English.")
    maturity_limit: MaturityRating = strawberry.field(
        default=MaturityRating.A, description="Their profile's limit; A is none."
    )
    is_kids: bool = strawberry.field(default=False, description="Whether theirs is a kids profile.")
    segment: Segment | None = strawberry.field(default=None, description="Their segment; else none is known.")
    bucket: int | None = strawberry.field(
        default=None, description="In which bucket of every experiment they are, 0 to 9,999; else in none."
    )


@strawberry.federation.type(tags=ADMIN, description="Outcome of making, changing or deleting a tray.")
class TrayPayload:
    tray: TrayDefinition | None = strawberry.field(
        description="The tray as it is now, or was before it was deleted; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")


@strawberry.federation.type(tags=ADMIN, description="Outcome of ordering the trays of a page.")
class TraysPayload:
    trays: list[TrayDefinition] | None = strawberry.field(
        description="The trays of the page in their order; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")
