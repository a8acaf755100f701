"""Which titles, published or in the making, have which external ids. Each belongs to one title."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from subgraphs.catalog.models import CmsTitle, Title, table
from subgraphs.catalog.repository.slugs import await_turns
from subgraphs.shared.postgres import WriteSession

_titles = table(Title).c
_cms = table(CmsTitle).c
_DRAFTED = _cms.draft["external_ids"]


async def holders(session: WriteSession, references: Collection[str]) -> dict[str, set[UUID]]:
    """Return which titles have each of the references: viewers' titles, withdrawn and archived ones too, and the newest
    versions of drafts. True until the transaction ends, because others who want them wait. No statement for none.

    A title that is not published any more has what its newest version has.
    """
    if not references:
        return {}
    await await_turns(session, "external-id", references)
    wanted = sa.literal(sorted(references), ARRAY(sa.Text))
    is_drafted = sa.exists().where(_cms.title_id == _titles.id)
    published = sa.select(_titles.id, sa.func.unnest(_titles.external_ids)).where(
        _titles.external_ids.bool_op("&&")(wanted),
        # As the index says it.
        _titles.external_ids != sa.text("'{}'"),
        sa.or_(_titles.published_at.is_not(None), ~is_drafted),
    )
    drafted = sa.select(_cms.title_id, sa.func.jsonb_array_elements_text(_DRAFTED)).where(
        _DRAFTED.bool_op("?|")(wanted)
    )
    found: dict[str, set[UUID]] = {reference: set() for reference in references}
    for own, reference in await session.execute(sa.union_all(published, drafted)):
        if reference in found:
            found[reference].add(own)
    return found
