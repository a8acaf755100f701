"""The catalogue as a viewer of some country and age would see it at some moment, for editors."""

from datetime import datetime
from typing import Annotated

import strawberry
from graphql import FieldNode

from subgraphs.catalog.errors import TitleUnknownError
from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.queries.catalogue import ViewerQueries
from subgraphs.catalog.queries.search import FindQueries
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.preview import MOST_DRAFTS, records_to_show
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.words import Info
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.scalars import CountryCode
from subgraphs.shared.ids import decode_id
from subgraphs.shared.values import MaturityRating

Moment = Annotated[datetime | None, strawberry.argument(description="When it is seen; now unless given.")]
Country = Annotated[CountryCode | None, strawberry.argument(description="Where it is seen; your own unless given.")]
Limit = Annotated[
    MaturityRating | None, strawberry.argument(description="The limit of the profile that sees it; none unless given.")
]
Drafts = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Global ids of at most 20 titles whose newest version is to be seen."),
]


@strawberry.federation.type(
    tags=ADMIN,
    description="The catalogue as viewers would see it. What other parts of the platform say of a title that is not "
    "published, they say as if it were not there.",
)
class Preview(ViewerQueries, FindQueries):
    at: datetime = strawberry.field(description="When it is seen.")
    country: CountryCode = strawberry.field(description="Where it is seen.")


@strawberry.type
class PreviewQueries:
    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
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
    ) -> Preview | None:
        context, viewer = info.context, info.context.viewer
        Editor(viewer.require_user(), viewer.scopes).require("cms:read")
        _check_alone(info)
        if at is not None and at.tzinfo is None:
            raise BadUserInputError("`at` needs an offset from UTC.")
        moment, place = at or context.now, country or CountryCode(viewer.country)
        wanted = sorted({decode_id(each, *TYPE_NAMES.values()).uuid for each in drafts or ()})
        if len(wanted) > MOST_DRAFTS:
            raise BadUserInputError(f"A preview shows at most {MOST_DRAFTS} drafts.")
        try:
            records = await records_to_show(context.database, wanted, now=context.now, at=moment)
        except TitleUnknownError as error:
            raise BadUserInputError("One of `drafts` is no title that an editor works on.") from error
        age_limit = 18 if maturity_limit is None else maturity_limit.age_floor
        context.show_preview(Audience(moment, place, age_limit), records)
        return Preview(at=moment, country=place)


def _check_alone(info: Info) -> None:
    """Return if the request asks the catalogue for nothing but one preview: its fields share what is looked at."""
    selections = info.operation.selection_set.selections
    names = [each.name.value if isinstance(each, FieldNode) else "..." for each in selections]
    if [name for name in names if name != "__typename"] != ["preview"]:
        raise BadUserInputError("`preview` stands alone: ask for other fields in a request of their own.")
