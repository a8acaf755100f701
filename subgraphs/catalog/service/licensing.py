"""Setting the licences of a title. What they do to its columns is in publishing, whom they serve in visibility."""

from collections.abc import Sequence

from subgraphs.catalog.models import EditorialAction, WorkflowState
from subgraphs.catalog.repository.editorial import EditorialTitle
from subgraphs.catalog.service import editing
from subgraphs.catalog.service.drafts import DraftLicence, read_draft
from subgraphs.catalog.service.editing import Request
from subgraphs.catalog.service.writing import publish_titles
from subgraphs.shared.postgres import WriteSession


async def set_licences(session: WriteSession, request: Request, licences: Sequence[DraftLicence]) -> EditorialTitle:
    """Give the title these licences in place of all others, as its next version; none leave it to its own columns.

    The title stays where it stands in the workflow: rights are not reviewed. One that viewers see as it stands is
    seen under the new licences at once; where editors are at work on it, they hold from its next publication.

    Raises:
        DraftRefusedError: A licence is wrong.
        EditorialError, ForbiddenError: See `editing.begin`.
    """
    title, state = await editing.begin(session, request, EditorialAction.LICENSE)
    is_shown = title.state is WorkflowState.PUBLISHED and title.live_version == title.version
    draft = read_draft(title.draft).model_copy(update={"licences": tuple(licences)})
    await editing.set_draft(session, title, draft)
    title = await editing.add_version(session, title, request, EditorialAction.LICENSE, state, keeps_review=True)
    if is_shown:
        await editing.show_again(session, title, request)
        record = await editing.live_record(session, title, title.draft)
        await publish_titles(session, [record], now=request.now)
    return title
