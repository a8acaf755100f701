"""What editors do with titles. The rules are in service/editing.py."""

from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.catalog.errors import EditorialError
from subgraphs.catalog.models import TYPE_NAMES, TitleKind
from subgraphs.catalog.mutations.steps import editor_of, payload, request_of, run, user_errors
from subgraphs.catalog.repository.bulk import counts
from subgraphs.catalog.repository.editorial import EditorialTitle
from subgraphs.catalog.service import editing
from subgraphs.catalog.service.bulk import BulkRequest, request_bulk
from subgraphs.catalog.service.licensing import set_licences
from subgraphs.catalog.types.bulk import BulkOperation, BulkOperationPayload, BulkUpdateInput, change_of
from subgraphs.catalog.types.drafts import (
    EpisodeInput,
    LicenceInput,
    MarkerInput,
    SeasonInput,
    TitleInput,
    TranslationInput,
    changed_draft,
    licence_of,
    new_draft,
    with_episode,
    with_markers,
    with_season,
    with_translation,
    without_translation,
)
from subgraphs.catalog.types.editorial import ADMIN, CmsTitlePayload
from subgraphs.catalog.types.words import Info
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import WriteSession

TitleId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the title.")]
Kind = Annotated[TitleKind, strawberry.argument(description="What it is; that never changes.")]
Content = Annotated[TitleInput, strawberry.argument(description="What it is to be.")]
SeenVersion = Annotated[int, strawberry.argument(description="The version that you have seen; another one is refused.")]
MaybeSeenVersion = Annotated[
    int | None, strawberry.argument(description="The version that you have seen; another one is refused.")
]
Key = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Text of your choice; the same one, come again, returns what it made."),
]
BulkInput = Annotated[BulkUpdateInput, strawberry.argument(description="The titles, and what is to change.")]
Comment = Annotated[str | None, strawberry.argument(description="A word for the log.")]
Reason = Annotated[str, strawberry.argument(description="What has to change.")]
Moment = Annotated[
    datetime | None, strawberry.argument(description="When to publish; null, or a moment that has passed, means now.")
]
Season = Annotated[SeasonInput, strawberry.argument(description="What the season is to be.")]
SeasonNumber = Annotated[int, strawberry.argument(description="The season's number; it is made if it is not there.")]
Episode = Annotated[EpisodeInput, strawberry.argument(description="What the episode is to be.")]
Licences = Annotated[list[LicenceInput], strawberry.argument(description="The licences; all others go.")]
Markers = Annotated[list[MarkerInput], strawberry.argument(description="The markers; all others go.")]
MarkedSeason = Annotated[int | None, strawberry.argument(description="Number of the episode's season.")]
MarkedEpisode = Annotated[int | None, strawberry.argument(description="Number of the episode.")]
Texts = Annotated[TranslationInput, strawberry.argument(description="The language, and its texts.")]
Language = Annotated[Locale, strawberry.argument(description="The language to remove.")]
Version = Annotated[int, strawberry.argument(description="The version to return to.")]


@strawberry.type
class TitleMutations:
    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:create"]], description="Make a title, as a draft that only editors see."
    )
    async def title_create(
        self, info: Info, kind: Kind, input: Content, idempotency_key: Key = None
    ) -> CmsTitlePayload:
        context = info.context
        editor = editor_of(context)
        draft = new_draft(kind, input)
        key = str(idempotency_key) if idempotency_key is not None else None

        async def make(session: WriteSession) -> EditorialTitle:
            return await editing.create(session, editor, draft, now=context.now, idempotency_key=key)

        return await payload(context, make)

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:edit"]],
        description="Change a title: the next version, in state DRAFT. What viewers see stays until it is published.",
    )
    async def title_update(
        self, info: Info, id: TitleId, expected_version: SeenVersion, input: Content
    ) -> CmsTitlePayload:
        request = request_of(info, id, expected_version)
        return await run(
            info, request, lambda session, it: editing.edit(session, it, lambda draft: changed_draft(draft, input))
        )

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:edit"]], description="Add a season to a show, or change it."
    )
    async def season_upsert(
        self, info: Info, title_id: TitleId, expected_version: SeenVersion, input: Season
    ) -> CmsTitlePayload:
        request = request_of(info, title_id, expected_version)
        return await run(
            info, request, lambda session, it: editing.edit(session, it, lambda draft: with_season(draft, input))
        )

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:edit"]], description="Add an episode to a show, or change it."
    )
    async def episode_upsert(
        self, info: Info, title_id: TitleId, season_number: SeasonNumber, expected_version: SeenVersion, input: Episode
    ) -> CmsTitlePayload:
        request = request_of(info, title_id, expected_version)
        return await run(
            info,
            request,
            lambda session, it: editing.edit(session, it, lambda draft: with_episode(draft, season_number, input)),
        )

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:edit"]],
        description="Set all markers of what plays: of an episode, or with neither number of the film or event itself.",
    )
    async def markers_set(
        self,
        info: Info,
        title_id: TitleId,
        expected_version: SeenVersion,
        markers: Markers,
        season_number: MarkedSeason = None,
        episode_number: MarkedEpisode = None,
    ) -> CmsTitlePayload:
        request = request_of(info, title_id, expected_version)
        if (season_number is None) != (episode_number is None):
            raise BadUserInputError("Give both `seasonNumber` and `episodeNumber`, or neither.")
        place = (season_number, episode_number) if season_number is not None and episode_number is not None else None
        return await run(
            info,
            request,
            lambda session, it: editing.edit(session, it, lambda draft: with_markers(draft, place, markers)),
        )

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:rights"]],
        description="Set all licences of a title; none leave it to its own window, countries and tier. A title that "
        "viewers see as it stands is under the new licences at once.",
    )
    async def licences_set(
        self, info: Info, title_id: TitleId, expected_version: SeenVersion, licences: Licences
    ) -> CmsTitlePayload:
        request, rights = request_of(info, title_id, expected_version), [licence_of(each) for each in licences]
        return await run(info, request, lambda session, it: set_licences(session, it, rights))

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:edit"]],
        description="Set a title's texts in one language, any that has a BCP 47 tag; other languages stay.",
    )
    async def translation_set(
        self, info: Info, title_id: TitleId, expected_version: SeenVersion, input: Texts
    ) -> CmsTitlePayload:
        request = request_of(info, title_id, expected_version)
        return await run(
            info, request, lambda session, it: editing.edit(session, it, lambda draft: with_translation(draft, input))
        )

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:edit"]], description="Remove a title's texts in one language."
    )
    async def translation_remove(
        self, info: Info, title_id: TitleId, expected_version: SeenVersion, locale: Language
    ) -> CmsTitlePayload:
        request = request_of(info, title_id, expected_version)
        return await run(
            info,
            request,
            lambda session, it: editing.edit(session, it, lambda draft: without_translation(draft, locale)),
        )

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:create"]],
        description="Hand a draft to the reviewers. What is missing comes back as REQUIRED_FIELD, field by field.",
    )
    async def title_submit_for_review(
        self, info: Info, id: TitleId, expected_version: MaybeSeenVersion = None
    ) -> CmsTitlePayload:
        return await run(info, request_of(info, id, expected_version), editing.submit)

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:review"]], description="Let a title be published."
    )
    async def title_approve(
        self, info: Info, id: TitleId, comment: Comment = None, expected_version: MaybeSeenVersion = None
    ) -> CmsTitlePayload:
        return await run(info, request_of(info, id, expected_version, comment), editing.approve)

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:review"]], description="Hand a title back to its editor."
    )
    async def title_reject(
        self, info: Info, id: TitleId, comment: Reason, expected_version: MaybeSeenVersion = None
    ) -> CmsTitlePayload:
        return await run(info, request_of(info, id, expected_version, comment), editing.reject)

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:publish"]],
        description="Show an approved title to viewers, now or at a moment that the worker waits for.",
    )
    async def title_publish(
        self, info: Info, id: TitleId, at: Moment = None, expected_version: MaybeSeenVersion = None
    ) -> CmsTitlePayload:
        request = request_of(info, id, expected_version)
        return await run(info, request, lambda session, it: editing.publish(session, it, at=at))

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:publish"]],
        description="Take down what viewers see of a title, or take it off the schedule; what was approved stays so.",
    )
    async def title_unpublish(
        self, info: Info, id: TitleId, comment: Comment = None, expected_version: MaybeSeenVersion = None
    ) -> CmsTitlePayload:
        return await run(info, request_of(info, id, expected_version, comment), editing.unpublish)

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:archive"]], description="Put a title away: no viewer sees it any more."
    )
    async def title_archive(
        self, info: Info, id: TitleId, comment: Comment = None, expected_version: MaybeSeenVersion = None
    ) -> CmsTitlePayload:
        return await run(info, request_of(info, id, expected_version, comment), editing.archive)

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:archive"]], description="Take an archived title back into work, as a draft."
    )
    async def title_unarchive(
        self, info: Info, id: TitleId, comment: Comment = None, expected_version: MaybeSeenVersion = None
    ) -> CmsTitlePayload:
        return await run(info, request_of(info, id, expected_version, comment), editing.unarchive)

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:edit"]],
        description="Make an earlier version the newest: a new version with its content, in state DRAFT.",
    )
    async def title_rollback(
        self, info: Info, id: TitleId, to_version: Version, expected_version: SeenVersion
    ) -> CmsTitlePayload:
        request = request_of(info, id, expected_version)
        return await run(info, request, lambda session, it: editing.roll_back(session, it, to_version=to_version))

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:bulk"]],
        description="Change many titles at once. The worker does it; ask `bulkOperation` how far it has come. "
        "Titles that viewers see as they stand show the change at once.",
    )
    async def titles_bulk_update(self, info: Info, input: BulkInput) -> BulkOperationPayload:
        context = info.context
        request = BulkRequest(
            editor=editor_of(context),
            title_ids=[_checked(each) for each in input.title_ids],
            change=change_of(input),
            idempotency_key=str(input.idempotency_key),
            now=context.now,
        )
        try:
            async with context.database.writing() as session:
                operation = await request_bulk(session, request)
        except EditorialError as error:
            return BulkOperationPayload(operation=None, errors=user_errors(error))
        async with context.database.reading() as session:
            return BulkOperationPayload(
                operation=BulkOperation.of(operation, await counts(session, operation.id)), errors=[]
            )


def _checked(title_id: str) -> str:
    """Return the id.

    Raises:
        InvalidIdError: It is no title's.
    """
    decode_id(title_id, *TYPE_NAMES.values())
    return title_id
