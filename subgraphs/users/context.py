"""What a resolver of the users subgraph can reach."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strawberry.types import Info as StrawberryInfo

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import UnauthenticatedError
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.loaders import Loaders
from subgraphs.users.service.passwords import PasswordHasher
from subgraphs.users.service.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, when, and the means to answer."""

    viewer: Viewer
    clock: Clock
    database: Database
    hasher: PasswordHasher
    sessions: Sessions
    loaders: Loaders

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

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
