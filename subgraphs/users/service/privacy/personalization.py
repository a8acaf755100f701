"""Who gets personal rows: no profile that objects, and none of an account that withdrew its consent to them.

Others need not know of both: an event tells for each profile what follows from them.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.events import ConsentPurpose, PersonalizationChanged
from subgraphs.users.models import Profile
from subgraphs.users.repository import accounts, privacy


async def announce(session: WriteSession, user_id: UUID, *, now: datetime) -> None:
    """Tell others of the account's profiles as they are now in the session's transaction."""
    await _tell(session, (await accounts.profiles_of_users(session, [user_id]))[user_id], user_id, now=now)


async def announce_profile(session: WriteSession, profile: Profile, *, now: datetime, is_new: bool = False) -> None:
    """Tell others of one profile; of a new one only if it gets no personal rows, which others do by themselves."""
    await _tell(session, [profile], profile.user_id, now=now, only_objections=is_new)


async def _tell(
    session: WriteSession, profiles: Sequence[Profile], user_id: UUID, *, now: datetime, only_objections: bool = False
) -> None:
    consents = {row.purpose: row.granted for row in await privacy.current_consents(session, user_id)}
    # Whoever was never asked has not objected.
    is_withdrawn = consents.get(ConsentPurpose.PERSONALIZATION.value) is False
    events = [
        PersonalizationChanged(
            occurred_at=now,
            user_id=encode_id("User", user_id),
            profile_id=encode_id("Profile", profile.id),
            opted_out=is_withdrawn or profile.personalization_opt_out,
        )
        for profile in profiles
    ]
    await publish(session, [event for event in events if event.opted_out or not only_objections])
