"""CmsTitle: a title as its editors see it, with its versions, its log, and what may be done with it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from subgraphs.catalog.models import (
    TYPE_NAMES,
    ContentDescriptor,
    CreditRole,
    EditorialAction,
    ImageRole,
    MarkerKind,
    PlayableKind,
    TitleKind,
    WorkflowState,
)
from subgraphs.catalog.repository.editorial import EditorialTitle, LogEntry
from subgraphs.catalog.service import editing
from subgraphs.catalog.service.checks import gaps_of
from subgraphs.catalog.service.drafts import (
    DraftCredit,
    DraftEpisode,
    DraftImage,
    DraftLicence,
    DraftMarker,
    DraftSeason,
    DraftText,
    TitleDraft,
    read_draft,
)
from subgraphs.catalog.service.preview_links import PreviewTerms
from subgraphs.catalog.service.workflow import Editor, allowed_actions
from subgraphs.catalog.types.external_ids import ExternalId, external_ids_of
from subgraphs.catalog.types.genre import Genre
from subgraphs.catalog.types.preview_links import PreviewHours, preview_url
from subgraphs.catalog.types.title import Title, title_of
from subgraphs.catalog.types.video import VideoAsset
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.pagination import First, PageInfo, check_page_size
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL, CountryCode, Locale
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier

ADMIN = ["admin"]
"""The tag of everything that only editors see."""

describe_enum(
    WorkflowState,
    "Where the newest version of a title stands.",
    DRAFT="In work.",
    PENDING_REVIEW="Waits for a reviewer.",
    APPROVED="May be published.",
    SCHEDULED="Will be published at a set moment.",
    PUBLISHED="Viewers see it.",
    ARCHIVED="Put away.",
)
describe_enum(
    EditorialAction,
    "What an editor does with a title.",
    CREATE="Make it.",
    EDIT="Change it: the next version.",
    SUBMIT="Hand it to the reviewers.",
    APPROVE="Let it be published.",
    REJECT="Hand it back, with a comment.",
    PUBLISH="Show it to viewers, now or at a set moment.",
    UNPUBLISH="Take it down, or off the schedule.",
    ARCHIVE="Put it away.",
    UNARCHIVE="Take it back into work.",
    ROLLBACK="Make an earlier version the newest.",
    LICENSE="Set where, when and to whom it may be shown.",
)


@strawberry.federation.type(tags=ADMIN, description="A name and a description in one language.")
class CmsTranslation:
    locale: Locale = strawberry.field(description="Language of both.")
    name: str = strawberry.field(description="The name.")
    description: str = strawberry.field(description="The description as plain text; may be empty.")
    description_html: str | None = strawberry.field(description="The description with its marks; null without any.")


@strawberry.federation.type(tags=ADMIN, description="A credited person in a draft.")
class CmsCredit:
    person_id: strawberry.ID | None = strawberry.field(
        description="Global id of the person; null for one who is known by name only until the title is published."
    )
    name: str = strawberry.field(description="The person's name.")
    role: CreditRole = strawberry.field(description="What the person did.")
    character: str | None = strawberry.field(description="Whom an actor plays.")

    @classmethod
    def of(cls, credit: DraftCredit) -> Self:
        """Return the GraphQL form."""
        return cls(
            person_id=strawberry.ID(encode_id("Person", credit.person_id)) if credit.person_id else None,
            name=credit.name,
            role=credit.role,
            character=credit.character,
        )


@strawberry.federation.type(tags=ADMIN, description="When and where a sports event takes place, in a draft.")
class CmsFixture:
    sport: str = strawberry.field(description="The sport.")
    competition: str | None = strawberry.field(description="League or cup.")
    starts_at: datetime = strawberry.field(description="Begin of the event.")
    ends_at: datetime = strawberry.field(description="End of the event.")


@strawberry.federation.type(tags=ADMIN, description="A picture in a draft.")
class CmsImage:
    role: ImageRole = strawberry.field(description="Where it is shown.")
    width: int = strawberry.field(description="Width in pixels.")
    height: int = strawberry.field(description="Height in pixels.")
    is_drawn: bool = strawberry.field(description="Whether it is drawn by the platform and not uploaded.")

    @classmethod
    def of(cls, image: DraftImage) -> Self:
        """Return the GraphQL form."""
        return cls(role=image.role, width=image.width, height=image.height, is_drawn=image.upload_id is None)


@strawberry.federation.type(tags=ADMIN, description="A right to show a title.")
class Licence:
    countries: list[CountryCode] | None = strawberry.field(description="Where it holds; null means everywhere.")
    from_: datetime | None = strawberry.field(name="from", description="Begin of the window; null when it has none.")
    until: datetime | None = strawberry.field(description="End of the window, excluded; null when it has none.")
    tier: Tier = strawberry.field(description="What a viewer must have to play the title under this licence.")
    rentable: bool = strawberry.field(description="Whether the title can be rented under this licence.")

    @classmethod
    def of(cls, licence: DraftLicence) -> Self:
        """Return the GraphQL form."""
        return cls(
            countries=None if licence.countries is None else [CountryCode(each) for each in licence.countries],
            from_=licence.starts_at,
            until=licence.ends_at,
            tier=licence.tier,
            rentable=licence.rentable,
        )


@strawberry.federation.type(tags=ADMIN, description="A moment or stretch of what plays, in a draft.")
class CmsMarker:
    kind: MarkerKind = strawberry.field(description="What it marks.")
    start_ms: int = strawberry.field(description="Where it begins, in milliseconds from the start.")
    end_ms: int | None = strawberry.field(description="Where it ends, excluded; null for a moment.")
    label: str | None = strawberry.field(description="Its name.")


@strawberry.federation.type(tags=ADMIN, description="An episode in a draft.")
class CmsEpisode:
    number: int = strawberry.field(description="Its number in the season.")
    translations: list[CmsTranslation] = strawberry.field(description="Its texts, by language.")
    duration_seconds: int | None = strawberry.field(description="Its length in seconds.")
    air_date: date | None = strawberry.field(description="Day on which it is shown first.")
    maturity_rating: MaturityRating | None = strawberry.field(description="Its own rating; null means its show's.")
    markers: list[CmsMarker] = strawberry.field(description="Its markers, as they were set.")
    thumbnail: CmsImage | None = strawberry.field(description="Its uploaded thumbnail; null where one is drawn.")
    video_asset: VideoAsset | None = strawberry.field(description="The film that plays; null where a stand-in does.")

    @classmethod
    def of(cls, episode: DraftEpisode) -> Self:
        """Return the GraphQL form."""
        return cls(
            number=episode.number,
            translations=_translations(episode.texts),
            duration_seconds=episode.duration_seconds,
            air_date=episode.air_date,
            maturity_rating=episode.maturity_rating,
            markers=_markers(episode.markers),
            thumbnail=CmsImage.of(episode.still) if episode.still else None,
            video_asset=VideoAsset.of(episode.video_asset_id),
        )


@strawberry.federation.type(tags=ADMIN, description="A season in a draft.")
class CmsSeason:
    number: int = strawberry.field(description="Its number.")
    translations: list[CmsTranslation] = strawberry.field(description="Its texts, by language.")
    release_date: date | None = strawberry.field(description="Day of release.")
    episodes: list[CmsEpisode] = strawberry.field(description="Its episodes, by number.")

    @classmethod
    def of(cls, season: DraftSeason) -> Self:
        """Return the GraphQL form."""
        return cls(
            number=season.number,
            translations=_translations(season.texts),
            release_date=season.release_date,
            episodes=[CmsEpisode.of(episode) for episode in season.episodes],
        )


@strawberry.federation.type(tags=ADMIN, description="What is missing before a draft can be reviewed.")
class ValidationIssue:
    code: str = strawberry.field(description="Stable code: REQUIRED_FIELD.")
    message: str = strawberry.field(description="English text for editors.")
    path: list[str] = strawberry.field(description="The field, outermost first.")


@strawberry.federation.type(tags=ADMIN, description="What an editor did with a title.")
class CmsLogEntry:
    version: int = strawberry.field(description="The version that it was done with.")
    action: EditorialAction = strawberry.field(description="What was done.")
    state: WorkflowState = strawberry.field(description="Where the title stood afterwards.")
    author: strawberry.ID | None = strawberry.field(
        description="Global id of the account that did it; null for the schedule."
    )
    at: datetime = strawberry.field(description="When.")
    comment: str | None = strawberry.field(description="What the editor said of it.")

    @classmethod
    def of(cls, entry: LogEntry) -> Self:
        """Return the GraphQL form."""
        author = strawberry.ID(entry.author) if entry.author else None
        return cls(
            version=entry.version,
            action=entry.action,
            state=entry.state,
            author=author,
            at=entry.at,
            comment=entry.comment,
        )


@strawberry.federation.type(shareable=True, tags=ADMIN, description="A field that differs between two versions.")
class FieldChange:
    field: str = strawberry.field(description="Its place in the document: `texts.en.name`.")
    before: str | None = strawberry.field(description="As text; null where it was empty.")
    after: str | None = strawberry.field(description="As text; null where it is empty now.")


OlderVersion = Annotated[int, strawberry.argument(name="from", description="The earlier version.")]
NewerVersion = Annotated[int, strawberry.argument(name="to", description="The later version.")]


@strawberry.federation.type(
    tags=ADMIN,
    description="A title as its editors see it: its newest version, which viewers may not see yet. "
    "`live` is what viewers see.",
)
class CmsTitle:
    row: strawberry.Private[EditorialTitle]
    draft: strawberry.Private[TitleDraft]

    state: WorkflowState = strawberry.field(description="Where the newest version stands.")
    version: int = strawberry.field(description="The newest version; grows by one with every change of content.")
    live_version: int | None = strawberry.field(description="The version that viewers see; null when they see none.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When something was last done with it.")
    submitted_at: datetime | None = strawberry.field(description="When the newest version was handed to reviewers.")
    approved_at: datetime | None = strawberry.field(description="When the newest version was approved.")
    publish_at: datetime | None = strawberry.field(description="When it will be published; null unless SCHEDULED.")
    published_at: datetime | None = strawberry.field(description="When viewers first saw it.")
    kind: TitleKind = strawberry.field(description="What it is.")
    slug: str | None = strawberry.field(description="Name for URLs; null until it is published, unless it was given.")
    name: str = strawberry.field(description="Its name in English, else in any language; empty when it has none.")
    original_name: str | None = strawberry.field(description="Name in the language in which it was made.")
    translations: list[CmsTranslation] = strawberry.field(description="Its texts, by language.")
    release_date: date | None = strawberry.field(description="Day of release.")
    release_year: int | None = strawberry.field(description="Year of release, where the day is not known.")
    duration_seconds: int | None = strawberry.field(description="Length in seconds; a show's episodes have their own.")
    maturity_rating: MaturityRating | None = strawberry.field(description="Null is unrated.")
    content_descriptors: list[ContentDescriptor] = strawberry.field(description="Why it is rated as it is.")
    required_tier: Tier = strawberry.field(description="What a viewer must have to play it.")
    rentable: bool = strawberry.field(description="Whether it can be rented.")
    audio_languages: list[Locale] = strawberry.field(description="Languages that can be heard.")
    subtitle_languages: list[Locale] = strawberry.field(description="Languages that can be read.")
    available_from: datetime | None = strawberry.field(description="Begin of its window.")
    available_until: datetime | None = strawberry.field(description="End of its window, excluded.")
    countries: list[CountryCode] | None = strawberry.field(description="Where it is offered; null means everywhere.")
    images: list[CmsImage] = strawberry.field(description="Its pictures by role.")
    trailer_url: URL | None = strawberry.field(description="Where its trailer plays.")
    video_asset: VideoAsset | None = strawberry.field(
        description="The film that plays; null where a stand-in does, and of a show, whose episodes have their own."
    )
    external_ids: list[ExternalId] = strawberry.field(description="Names that others know it by.")
    licences: list[Licence] = strawberry.field(
        description="Its licences, which decide on window, countries, tier and rent; empty where the title itself does."
    )
    credits: list[CmsCredit] = strawberry.field(description="Its credits, in their order.")
    playable_kind: PlayableKind = strawberry.field(description="What plays, unless it is a show.")
    markers: list[CmsMarker] = strawberry.field(description="Markers of what plays, as they were set.")
    fixture: CmsFixture | None = strawberry.field(description="When a sports event takes place.")
    seasons: list[CmsSeason] = strawberry.field(description="A show's seasons with their episodes, by number.")

    @strawberry.field(description="Global id of the title; it stays the same when it is published.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id(TYPE_NAMES[self.draft.kind], self.row.title_id))

    @strawberry.field(description="Global id of the account that made it; null for the seed and imports.")
    def created_by(self) -> strawberry.ID | None:
        return strawberry.ID(self.row.created_by) if self.row.created_by else None

    @strawberry.field(description="Its genres, the most fitting first.")
    async def genres(self, info: Info) -> list[Genre]:
        cards = await info.context.loaders.genre_card_by_id.load_many(self.draft.genre_ids)
        return [Genre(card=card) for card in cards if card]

    @strawberry.field(description="The title as the asking viewer sees it now; null when they do not see it.")
    async def live(self, info: Info) -> Title | None:
        card = await info.context.loaders.title_card_by_id.load(self.row.title_id)
        return title_of(card, now=info.context.now) if card else None

    @strawberry.field(
        description="Address at which whoever has it sees the newest version, as an adult where you are would, for so "
        "many hours. Other previews have addresses of their own: `preview { url }`."
    )
    def preview_url(self, info: Info, hours: PreviewHours = 24) -> URL:
        terms = PreviewTerms((self.row.title_id,), None, info.context.viewer.country, None, Tier.FREE)
        return preview_url(info.context, terms, hours=hours)

    @strawberry.field(description="What is missing before it can be reviewed; empty when nothing is.")
    def validation(self) -> list[ValidationIssue]:
        return [ValidationIssue(code=gap.code, message=gap.message, path=list(gap.path)) for gap in gaps_of(self.draft)]

    @strawberry.field(description="What the asking editor may do with it now, in the order of the workflow.")
    def allowed_actions(self, info: Info) -> list[EditorialAction]:
        editor = Editor(info.context.viewer.require_user(), info.context.viewer.scopes)
        return list(allowed_actions(editing.standing_of(self.row), editor))

    @strawberry.field(description="What was done with it, newest first.")
    async def log(self, info: Info, first: First = 20) -> list[CmsLogEntry]:
        entries = await info.context.loaders.log_by_title(check_page_size(first)).load(self.row.title_id)
        return [CmsLogEntry.of(entry) for entry in entries or ()]

    @strawberry.field(description="What differs between two of its versions; null when one of them is not there.")
    async def diff(self, info: Info, older: OlderVersion, newer: NewerVersion) -> list[FieldChange] | None:
        async with info.context.database.reading() as session:
            changes = await editing.diff(session, self.row.title_id, older=older, newer=newer)
        if changes is None:
            return None
        return [FieldChange(field=each.field, before=each.before, after=each.after) for each in changes]

    @classmethod
    def of(cls, row: EditorialTitle) -> Self:
        """Return the GraphQL form of a title in its editors' hands."""
        draft = read_draft(row.draft)
        fixture = draft.fixture
        return cls(
            row=row,
            draft=draft,
            state=row.state,
            version=row.version,
            live_version=row.live_version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            submitted_at=row.submitted_at,
            approved_at=row.approved_at,
            publish_at=row.publish_at,
            published_at=row.first_published_at,
            kind=draft.kind,
            slug=draft.slug,
            name=draft.display_name,
            original_name=draft.original_name,
            translations=_translations(draft.texts),
            release_date=draft.release_date,
            release_year=draft.release_year,
            duration_seconds=draft.duration_seconds,
            maturity_rating=draft.maturity_rating,
            content_descriptors=list(draft.content_descriptors),
            required_tier=draft.required_tier,
            rentable=draft.rentable,
            audio_languages=[Locale(each) for each in draft.audio_languages],
            subtitle_languages=[Locale(each) for each in draft.subtitle_languages],
            available_from=draft.available_from,
            available_until=draft.available_until,
            countries=None if draft.countries is None else [CountryCode(each) for each in draft.countries],
            images=[CmsImage.of(image) for image in draft.images],
            trailer_url=URL(draft.trailer_url) if draft.trailer_url else None,
            video_asset=VideoAsset.of(draft.video_asset_id),
            external_ids=external_ids_of(draft.external_ids),
            licences=[Licence.of(licence) for licence in draft.licences],
            credits=[CmsCredit.of(credit) for credit in draft.credits],
            playable_kind=draft.playable_kind,
            markers=_markers(draft.markers),
            fixture=CmsFixture(**fixture.model_dump()) if fixture else None,
            seasons=[CmsSeason.of(season) for season in draft.seasons],
        )


@strawberry.federation.type(tags=ADMIN, description="A title in a page of editors' titles.")
class CmsTitleEdge:
    cursor: str = strawberry.field(description="Where it stands; give it as `after`.")
    node: CmsTitle = strawberry.field(description="The title.")


@strawberry.federation.type(tags=ADMIN, description="A page of titles as their editors see them.")
class CmsTitleConnection:
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    edges: list[CmsTitleEdge] = strawberry.field(description="The titles, the most recently changed first.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="How many titles there are in the whole list.")
    async def total_count(self) -> int:
        return await self.count()


@strawberry.federation.type(tags=ADMIN, description="Outcome of what an editor asked for.")
class CmsTitlePayload:
    title: CmsTitle | None = strawberry.field(description="The title as it is now; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")


@strawberry.federation.input(tags=ADMIN, description="What narrows editors' titles; every field given must hold.")
class CmsTitleFilter:
    state: list[WorkflowState] | None = strawberry.field(default=None, description="Any of these states.")
    kind: list[TitleKind] | None = strawberry.field(default=None, description="Any of these kinds.")
    created_by: strawberry.ID | None = strawberry.field(default=None, description="Made by this account.")
    query: str | None = strawberry.field(default=None, description="Part of the name; case does not matter.")


def _markers(markers: Sequence[DraftMarker]) -> list[CmsMarker]:
    return [CmsMarker(**marker.model_dump()) for marker in markers]


def _translations(texts: dict[str, DraftText]) -> list[CmsTranslation]:
    return [
        CmsTranslation(
            locale=Locale(locale), name=text.name, description=text.description, description_html=text.formatted
        )
        for locale, text in sorted(texts.items())
    ]
