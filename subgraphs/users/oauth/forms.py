"""Bodies, query strings and client credentials, read as strictly as the protocol asks."""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from subgraphs.users.errors.oauth import OAuthError
from subgraphs.users.service.oauth.clients import ClientCredentials

_LONGEST_BODY_BYTES = 16 * 1024
_FORM = "application/x-www-form-urlencoded"


def query_of(request: Request) -> dict[str, str]:
    """Return the parameters of the query string.

    Raises:
        OAuthError: One of them comes twice (RFC 6749, 3.1).
    """
    return _once(request.query_params.multi_items())


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a posted form.

    Raises:
        OAuthError: It is no form, too long, or has a field twice.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise OAuthError("invalid_request", f"The body must be {_FORM}.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BODY_BYTES:
            raise OAuthError("invalid_request", "The body is too long.", status=413)
    try:
        return _once(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
    except ValueError as error:
        raise OAuthError("invalid_request", "The body is not UTF-8.") from error


def credentials_of(request: Request, form: dict[str, str]) -> ClientCredentials | None:
    """Return what the client shows of itself, in the header (Basic) or in the body, not in both.

    Raises:
        OAuthError: It shows itself twice, or not readably.
    """
    authorization = request.headers.get("authorization")
    if authorization is None:
        client_id = form.get("client_id")
        return ClientCredentials(client_id, form.get("client_secret")) if client_id else None
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or "client_secret" in form:
        raise OAuthError("invalid_request", "Credentials come as Basic in the header, or in the body, once.")
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthError("invalid_request", "The Authorization header is not readable.") from error
    client_id = unquote_plus(client_id)
    if not colon or form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request", "The Authorization header is not readable, or names another client.")
    return ClientCredentials(client_id, unquote_plus(secret))


def _once(items: Sequence[tuple[str, str]]) -> dict[str, str]:
    given = dict(items)
    if len(given) != len(items):
        raise OAuthError("invalid_request", "A parameter is given twice.")
    return given
