"""The OAuth server's routes. `stack` mounts them at the platform's address, beside the router."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.redis import Cache
from subgraphs.users.config import OAUTH_SIGN_IN_LIFETIME
from subgraphs.users.errors.oauth import OAuthError
from subgraphs.users.oauth import authorize, device, tokens
from subgraphs.users.oauth.browsers import Visits
from subgraphs.users.oauth.metadata import server_metadata
from subgraphs.users.oauth.pages import message_page
from subgraphs.users.oauth.runtime import RuntimeHolder
from subgraphs.users.repository.one_time import OneTimeStore
from subgraphs.users.service.tokens import TokenSigner

_PUBLIC_MAX_AGE_SECONDS = 300


def oauth_routes(holder: RuntimeHolder, signer: TokenSigner, *, issuer: str, clock: Clock) -> list[Route]:
    """Return the routes; those that need stores look for them in the holder."""

    async def answer_public_keys(_request: Request) -> Response:
        return _public(signer.public_keys(now=clock()))

    async def answer_metadata(_request: Request) -> Response:
        return _public(server_metadata(issuer))

    programs = {
        "/oauth/token": tokens.answer_token,
        "/oauth/revoke": tokens.answer_revocation,
        "/oauth/introspect": tokens.answer_introspection,
        "/oauth/userinfo": tokens.answer_userinfo,
    }
    return [
        Route("/.well-known/jwks.json", answer_public_keys),
        Route("/.well-known/oauth-authorization-server", answer_metadata),
        Route("/.well-known/openid-configuration", answer_metadata),
        Route(authorize.PATH, _page(holder, authorize.show_authorization), methods=["GET"]),
        Route(authorize.PATH, _page(holder, authorize.decide_authorization), methods=["POST"]),
        Route(device.PATH, _page(holder, device.show_device), methods=["GET"]),
        Route(device.PATH, _page(holder, device.decide_device), methods=["POST"]),
        Route("/oauth/userinfo", tokens.answering(holder, tokens.answer_userinfo), methods=["GET", "POST", "OPTIONS"]),
        *(
            Route(path, tokens.answering(holder, handler), methods=["POST", "OPTIONS"])
            for path, handler in programs.items()
        ),
    ]


def visits_in(cache: Cache) -> Visits:
    """Return the browsers on the pages, kept in the cache."""
    return Visits(OneTimeStore(cache, "oauth-visit", lifetime=OAUTH_SIGN_IN_LIFETIME))


def _page(holder: RuntimeHolder, handler: tokens.Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await handler(holder.runtime, request)
        except OAuthError as error:
            return message_page("This cannot go on", error.description, status=error.status)
        except ServiceUnavailableError:
            return message_page("Not now", "Something behind this page does not answer. Try again.", status=503)

    return answer


def _public(document: dict[str, object]) -> Response:
    headers = {"cache-control": f"public, max-age={_PUBLIC_MAX_AGE_SECONDS}", "access-control-allow-origin": "*"}
    return JSONResponse(document, headers=headers)
