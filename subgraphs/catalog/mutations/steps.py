"""What all mutations of editors share: who acts on what, one transaction, and refusals as data."""

from collections.abc import Awaitable, Callable

from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.errors import DraftRefusedError, EditorialError
from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.repository.editorial import EditorialTitle
from subgraphs.catalog.service.editing import Request
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.types.editorial import CmsTitle, CmsTitlePayload
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.payloads import InputError, UserError, input_error
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import WriteSession

Step = Callable[[WriteSession, Request], Awaitable[EditorialTitle]]


def editor_of(context: CatalogContext) -> Editor:
    """Return who acts.

    Raises:
        UnauthenticatedError: Nobody is signed in.
    """
    return Editor(context.viewer.require_user(), context.viewer.scopes)


def request_of(info: Info, title_id: str, expected_version: int | None, comment: str | None = None) -> Request:
    """Return who asks for what.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        InvalidIdError: The id is no title's.
    """
    return Request(
        editor=editor_of(info.context),
        title_id=decode_id(title_id, *TYPE_NAMES.values()).uuid,
        now=info.context.now,
        expected_version=expected_version,
        comment=comment,
    )


async def run(info: Info, request: Request, step: Step) -> CmsTitlePayload:
    """Do one step with one title in one transaction."""
    return await payload(info.context, lambda session: step(session, request))


async def payload(
    context: CatalogContext, work: Callable[[WriteSession], Awaitable[EditorialTitle]]
) -> CmsTitlePayload:
    """Do the work in one transaction; what an editor can mend comes back as data, and changes nothing."""
    try:
        async with context.database.writing() as session:
            title = await work(session)
    except EditorialError as error:
        return CmsTitlePayload(title=None, errors=user_errors(error))
    return CmsTitlePayload(title=CmsTitle.of(title), errors=[])


def user_errors(error: EditorialError) -> list[UserError]:
    """Return what an editor has to mend: field by field where the draft is at fault."""
    if isinstance(error, DraftRefusedError):
        return [
            InputError(code=refusal.code, message=refusal.message, path=list(refusal.path) or None)
            for refusal in error.refusals
        ]
    return [input_error(error)]
