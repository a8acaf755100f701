"""Addresses of previews, as editors hand them on."""

from datetime import timedelta
from typing import Annotated

import strawberry

from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.service.preview_links import LONGEST_HOURS, PreviewTerms, token_of
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.scalars import URL

PREVIEW_SCOPE = "cms:read"

PreviewHours = Annotated[
    int, strawberry.argument(description=f"For how many hours it is good, from now: 1 to {LONGEST_HOURS}.")
]


def preview_url(context: CatalogContext, terms: PreviewTerms, *, hours: int) -> URL:
    """Return the address of the preview. Its token stands behind `#`, which browsers send to no server.

    Raises:
        UnauthenticatedError, ForbiddenError: The viewer is no editor.
        BadUserInputError: The hours are none that there are.
    """
    Editor(context.viewer.require_user(), context.viewer.scopes).require(PREVIEW_SCOPE)
    if not 1 <= hours <= LONGEST_HOURS:
        raise BadUserInputError(f"`hours` goes from 1 to {LONGEST_HOURS}.")
    token = token_of(terms, expires_at=context.asked_at + timedelta(hours=hours), key=context.signing_key)
    return URL(f"{context.web_url}/preview#{token}")
