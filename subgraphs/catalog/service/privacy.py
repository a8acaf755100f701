"""What catalog keeps about people: which account made and changed a title, or uploaded a picture. All that stays."""

from collections.abc import Sequence

from subgraphs.catalog.repository import privacy
from subgraphs.shared.postgres import WriteSession


async def forget_accounts(session: WriteSession, user_ids: Sequence[str]) -> None:
    """Part titles and their log from the accounts (global ids); what is gone already is no error."""
    await privacy.forget_authors(session, user_ids)
