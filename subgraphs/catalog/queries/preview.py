"""The catalogue as a viewer of some country, age and tier would see it at some moment: for editors, and for those to
whom they hand on the address of a preview."""

from datetime import datetime
from typing import Annotated

import strawberry
from graphql import FieldNode

from subgraphs.catalog.errors import TitleUnknownError
from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.queries.catalogue import ViewerQueries
from subgraphs.catalog.queries.search import FindQueries
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.facts import Watching, watching
from subgraphs.catalog.service.preview import MOST_DRAFTS, records_to_show
from subgraphs.catalog.service.preview_links import PreviewTerms, terms_of
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.preview_links import PREVIEW_SCOPE, PreviewHours, preview_url
from subgraphs.catalog.types.words import Info
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.scalars import URL, CountryCode
from subgraphs.shared.ids import decode_id
from subgraphs.shared.values import MaturityRating, Tier

Moment = Annotated[datetime | None, strawberry.argument(description="When it is seen; now unless given.")]
Country = Annotated[CountryCode | None, strawberry.argument(description="Where it is seen; your own unless given.")]
Limit = Annotated[
    MaturityRating | None, strawberry.argument(description="The limit of the profile that sees it; none unless given.")
]
Drafts = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Global ids of at most 20 titles whose newest version is to be seen."),
]


AsTier = Annotated[Tier, strawberry.argument(description="What they have.")]
Token = Annotated[str, strawberry.argument(description="What stands behind `#` in the address of the preview.")]
AnyTitle = Annotated[strawberry.ID, strawberry.argument(description="Global id of a title.")]


@strawberry.type(
    description="The catalogue as viewers would see it. What other parts of the platform say of a title that is not "
    "published, they say as if it were not there.",
)
class Preview(ViewerQueries, FindQueries):
    terms: strawberry.Private[PreviewTerms]
    at: datetime = strawberry.field(description="When it is seen.")
    country: CountryCode = strawberry.field(description="Where it is seen.")
    maturity_limit: MaturityRating | None = strawberry.field(
        description="The limit of the profile that sees it; null without one."
    )
    tier: Tier = strawberry.field(description="What whoever sees it has.")

    @strawberry.field(description="Whether they could watch a title.")
    async def watching(self, info: Info, id: AnyTitle) -> Watching:
        wanted = decode_id(id, *TYPE_NAMES.values())
        card = await info.context.loaders.title_card_by_id.load(wanted.uuid)
        is_it = card is not None and TYPE_NAMES[card.kind] == wanted.type_name
        return watching(card if is_it else None, tier=self.tier, now=info.context.now)

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[[PREVIEW_SCOPE]],
        description="Address at which whoever has it sees this preview for so many hours. Titles that are put away "
        "meanwhile are not in it any more; a preview of now is of whenever somebody looks.",
    )
    def url(self, info: Info, hours: PreviewHours = 24) -> URL | None:
        return preview_url(info.context, self.terms, hours=hours)


@strawberry.type
class PreviewQueries:
    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[[PREVIEW_SCOPE]],
        description="The catalogue as a viewer would see it at a moment, with what is scheduled until then and with "
        "drafts. It stands alone: other fields of the catalogue go into a request of their own. Nothing of it is kept.",
    )
    async def preview(
        self,
        info: Info,
        at: Moment = None,
        country: Country = None,
        maturity_limit: Limit = None,
        drafts: Drafts = None,
        tier: AsTier = Tier.FREE,
    ) -> Preview | None:
        viewer = info.context.viewer
        Editor(viewer.require_user(), viewer.scopes).require(PREVIEW_SCOPE)
        if at is not None and at.tzinfo is None:
            raise BadUserInputError("`at` needs an offset from UTC.")
        wanted = sorted({decode_id(each, *TYPE_NAMES.values()).uuid for each in drafts or ()})
        if len(wanted) > MOST_DRAFTS:
            raise BadUserInputError(f"A preview shows at most {MOST_DRAFTS} drafts.")
        terms = PreviewTerms(tuple(wanted), at, country or viewer.country, maturity_limit, tier)
        try:
            return await _open(info, terms, for_editors=True)
        except TitleUnknownError as error:
            raise BadUserInputError("One of `drafts` is no title that an editor works on.") from error

    @strawberry.field(
        description="The preview that an editor handed on by its address: of what is not published, the drafts that "
        "were named are in it, and nothing else. It needs no account, and stands alone like `preview`."
    )
    async def shared_preview(self, info: Info, token: Token) -> Preview | None:
        terms = terms_of(token, now=info.context.asked_at, key=info.context.signing_key)
        return await _open(info, terms, for_editors=False)


async def _open(info: Info, terms: PreviewTerms, *, for_editors: bool) -> Preview:
    context = info.context
    _check_alone(info)
    moment = terms.at or context.now
    records = await records_to_show(context.database, terms.drafts, now=context.now, at=moment, for_editors=for_editors)
    context.show_preview(Audience(moment, terms.country, terms.age_limit), records)
    return Preview(
        terms=terms, at=moment, country=CountryCode(terms.country), maturity_limit=terms.limit, tier=terms.tier
    )


def _check_alone(info: Info) -> None:
    """Return if the request asks the catalogue for nothing but one preview: its fields share what is looked at."""
    selections = info.operation.selection_set.selections
    names = [each.name.value if isinstance(each, FieldNode) else "..." for each in selections]
    if [name for name in names if name != "__typename"] not in (["preview"], ["sharedPreview"]):
        raise BadUserInputError("A preview stands alone: ask for other fields in a request of their own.")
