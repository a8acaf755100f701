"""What catalog keeps about people: who made and changed titles, genres and people, uploaded a file or asked for one,
which stays without their name; and what viewers wait for, which goes with them."""

from collections.abc import Sequence

from subgraphs.catalog.repository import coming, privacy
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.shared.privacy import DataSubject, Records


async def forget_accounts(session: WriteSession, user_ids: Sequence[str]) -> None:
    """Part titles and their log from the accounts (global ids); what is gone already is no error."""
    await privacy.forget_authors(session, user_ids)
    await coming.forget_reminders(session, user_ids=user_ids, profile_ids=())


async def forget_profiles(session: WriteSession, profile_ids: Sequence[str]) -> None:
    """Forget what the profiles (global ids) wait for."""
    await coming.forget_reminders(session, user_ids=(), profile_ids=profile_ids)


async def export_account(session: ReadSession, subject: DataSubject) -> Records:
    """Return what the account's profiles wait for, the longest awaited first."""
    rows = await coming.reminders_of(session, subject.profile_ids)
    return {
        "reminders": [
            {"profile": profile, "title": slug, "set_at": set_at.isoformat()} for profile, slug, set_at in rows
        ]
    }
