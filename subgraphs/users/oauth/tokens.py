"""The endpoints that programs call: tokens, revocation, introspection, userinfo."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from subgraphs.shared.errors import ReelgraphError, ServiceUnavailableError
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import DeviceType
from subgraphs.users.errors.oauth import OAuthError, invalid_client
from subgraphs.users.models import AuditAction
from subgraphs.users.oauth.forms import credentials_of, form_of
from subgraphs.users.oauth.runtime import OAuthRuntime, RuntimeHolder, context_of
from subgraphs.users.service import audit
from subgraphs.users.service.oauth.clients import authenticate
from subgraphs.users.service.oauth.exchange import TokenAnswer
from subgraphs.users.service.opening import LONGEST_CLIENT_ID, DeviceFacts

_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "86400",
}
Handler = Callable[[OAuthRuntime, Request], Awaitable[Response]]


def answering(holder: RuntimeHolder, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a handler: refusals become the protocol's JSON, and nothing is stored on the way."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        try:
            response = await handler(holder.runtime, request)
        except OAuthError as error:
            response = _refusal(request, error)
        except ServiceUnavailableError as error:
            body = {"error": "temporarily_unavailable", "error_description": error.message}
            response = JSONResponse(body, status_code=503)
        response.headers.update(_NO_STORE)
        # Pages of public clients call from their own origin; no cookie is read here.
        response.headers["access-control-allow-origin"] = "*"
        return response

    return answer


async def answer_token(runtime: OAuthRuntime, request: Request) -> Response:
    """POST /oauth/token."""
    form = await form_of(request)
    context = context_of(runtime, request)
    try:
        answer = await _tokens(runtime, request, form)
    except (OAuthError, ReelgraphError) as error:
        await context.record_failure(
            AuditAction.OAUTH_TOKEN, error.error.upper() if isinstance(error, OAuthError) else error.cause
        )
        raise
    async with context.database.writing() as session:
        subject = encode_id("User", answer.user_id)
        await audit.record(session, AuditAction.OAUTH_TOKEN, origin=context.origin, now=context.now, subject=subject)
    return JSONResponse(answer.as_json())


async def _tokens(runtime: OAuthRuntime, request: Request, form: dict[str, str]) -> TokenAnswer:
    context = context_of(runtime, request)
    client = await authenticate(context.database, credentials_of(request, form))
    grant_type = form.get("grant_type")
    if grant_type == "authorization_code":
        # Listed among the account's devices under the program's own name, and told to its owner like any new one.
        device = DeviceFacts(f"oauth:{client.id}"[:LONGEST_CLIENT_ID], DeviceType.WEB, client.name)
        return await runtime.server.redeem(client, form, place=context.place(device), now=context.now)
    if grant_type == "refresh_token":
        return await runtime.server.refresh(client, form, now=context.now)
    raise OAuthError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token.")


async def answer_revocation(runtime: OAuthRuntime, request: Request) -> Response:
    """POST /oauth/revoke (RFC 7009): an unknown token is no error."""
    form = await form_of(request)
    context = context_of(runtime, request)
    client = await authenticate(context.database, credentials_of(request, form))
    await runtime.server.revoke(client, _token_in(form), now=context.now)
    return Response(status_code=200)


async def answer_introspection(runtime: OAuthRuntime, request: Request) -> Response:
    """POST /oauth/introspect (RFC 7662): for servers that prove who they are; nobody else may try tokens."""
    form = await form_of(request)
    context = context_of(runtime, request)
    client = await authenticate(context.database, credentials_of(request, form))
    if client.secret_hash is None:
        raise invalid_client()
    return JSONResponse(await runtime.server.introspect(_token_in(form), now=context.now))


async def answer_userinfo(runtime: OAuthRuntime, request: Request) -> Response:
    """GET or POST /oauth/userinfo (OpenID Connect, 5.3)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise OAuthError("invalid_token", "An access token is needed.", status=401)
    context = context_of(runtime, request)
    claims: dict[str, Any] = await runtime.server.userinfo(token.strip(), now=context.now)
    return JSONResponse(claims)


def _token_in(form: dict[str, str]) -> str:
    if not form.get("token"):
        raise OAuthError("invalid_request", "token is missing.")
    return form["token"]


def _refusal(request: Request, error: OAuthError) -> Response:
    response = JSONResponse({"error": error.error, "error_description": error.description}, status_code=error.status)
    if error.status in {401, 403}:
        scheme = "Bearer" if request.url.path.endswith("/userinfo") else "Basic"
        response.headers["www-authenticate"] = f'{scheme} realm="reelgraph", error="{error.error}"'
    return response
