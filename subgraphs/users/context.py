"""What a resolver of the users subgraph can reach."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from strawberry.types import Info as StrawberryInfo

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import UnauthenticatedError
from subgraphs.shared.graphql.exchange import HeaderExchange, current_exchange
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.loaders import Loaders
from subgraphs.users.models import AuditAction
from subgraphs.users.service import audit
from subgraphs.users.service.attempts import Attempts
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.ended_sessions import EndedSessions
from subgraphs.users.service.notifications.live import LiveNotices
from subgraphs.users.service.opening import DeviceFacts, Place
from subgraphs.users.service.passwords import PasswordHasher
from subgraphs.users.service.privacy.exports import ExportFiles
from subgraphs.users.service.sessions import Sessions
from subgraphs.users.service.ways import SignInWays


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, when, and the means to answer."""

    viewer: Viewer
    clock: Clock
    database: Database
    hasher: PasswordHasher
    sessions: Sessions
    cookie_is_secure: bool
    """Whether cookies go over TLS only."""
    attempts: Attempts
    loaders: Loaders
    personal_data: PersonalData
    ways: SignInWays
    live_notices: LiveNotices
    ended_sessions: EndedSessions
    export_files: ExportFiles
    pairing_url: str
    """Where viewers approve a device."""

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    @property
    def origin(self) -> audit.Origin:
        """Who acts, from where, for the audit log."""
        address = self.viewer.client_ip
        return audit.Origin(
            actor_id=self.loaders.viewer_id,
            ip_hash=self.personal_data.hash_ip(address, now=self.now) if address else None,
            correlation_id=structlog.contextvars.get_contextvars().get("correlation_id"),
        )

    @property
    def exchange(self) -> HeaderExchange:
        """The headers that came with a mutation, and those for its answer."""
        return current_exchange()

    def place(self, device: DeviceFacts | None) -> Place:
        """Return where the request comes from, for a session that it opens."""
        return Place(
            device=device,
            agent=self.exchange.request.get("user-agent"),
            country=self.viewer.country,
            ip_hash=self.origin.ip_hash,
        )

    async def record_failure(self, action: AuditAction, reason: str, *, subject: str | None = None) -> None:
        """Add a refused act to the audit log in a transaction of its own: the act's was rolled back.

        `reason` is the code of the refusal; `subject` the global id of whom it was tried on, None for an unknown one.
        """
        async with self.database.writing() as session:
            await audit.record(session, action, origin=self.origin, now=self.now, subject=subject, failure=reason)

    def require_user(self) -> UUID:
        """Return the signed-in account.

        Raises:
            UnauthenticatedError: Nobody is signed in.
        """
        return decode_id(self.viewer.require_user(), "User").uuid

    def require_session(self) -> str:
        """Return the session of the viewer's token.

        Raises:
            UnauthenticatedError: The token belongs to no session.
        """
        if self.viewer.session_id is None:
            raise UnauthenticatedError
        return self.viewer.session_id


Info = StrawberryInfo[Context, None]
