"""What the routes need of a started subgraph."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request

from subgraphs.shared.errors import UnauthenticatedError
from subgraphs.shared.identity import VIEWER_CONTEXT_HEADER, Viewer, ViewerContextVerifier
from subgraphs.users.context import Context
from subgraphs.users.oauth.browsers import Visits
from subgraphs.users.service.oauth.exchange import OAuthServer

_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class OAuthRuntime:
    """The server's rules and the means of a request; made when the stores are open.

    Attributes:
        server: Codes and tokens.
        visits: Browsers on the pages.
        context_for: Makes the context of a viewer, as for a GraphQL request.
        verifier: Reads the viewer context that the platform's edge signs.
        is_secure: Whether the platform is reached by https, and cookies must be, too.
    """

    server: OAuthServer
    visits: Visits
    context_for: Callable[[Viewer], Context]
    verifier: ViewerContextVerifier
    is_secure: bool

    @property
    def issuer(self) -> str:
        """Our name and address."""
        return self.server.issuer


@dataclass(slots=True)
class RuntimeHolder:
    """Routes are made before the stores are opened: they look here when a request comes."""

    _runtime: OAuthRuntime | None = None

    def hold(self, runtime: OAuthRuntime | None) -> None:
        """Offer the runtime to the routes; None when the stores are closed."""
        self._runtime = runtime

    @property
    def runtime(self) -> OAuthRuntime:
        """The runtime of the started subgraph."""
        if self._runtime is None:
            raise RuntimeError("The OAuth routes are used before the users subgraph was started.")
        return self._runtime


def context_of(runtime: OAuthRuntime, request: Request) -> Context:
    """Return the context of somebody who is not signed in to the API: from where, as far as that can be believed.

    Without the context that the edge signs, and with a forged one, only the connection tells an address.
    """
    viewer = Viewer(client_ip=request.client.host if request.client else None)
    header = request.headers.get(VIEWER_CONTEXT_HEADER)
    if header is not None:
        with suppress(UnauthenticatedError):
            viewer = runtime.verifier.verify(header)
    return runtime.context_for(viewer)
