"""HTTP calls to a sign-in provider, through Authlib's client: with a timeout each, and with their failures translated.

A module apart from the port: Authlib and its HTTP client cost every process that loads them, so only those do that
have credentials somewhere.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import structlog
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from joserfc.errors import JoseError

from subgraphs.users.errors import InvalidGrantError, ProviderUnavailableError

CALL_TIMEOUT_SECONDS = 1.5
"""Of each call. All calls of one sign-in together stay below the router's five seconds."""
MAX_CONNECTIONS = 20

_log = structlog.get_logger()


class ProviderCalls:
    """HTTP calls to one provider, with a timeout each, and with its failures translated.

    Args:
        client_id: Ours, at the provider.
        client_secret: Ours, at the provider.
    """

    def __init__(self, client_id: str, client_secret: str) -> None:
        self.client_id = client_id
        self._client_secret = client_secret
        self._transport = httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=MAX_CONNECTIONS))
        self._http = httpx2.AsyncClient(transport=self._transport, timeout=CALL_TIMEOUT_SECONDS)

    def oauth(self) -> AsyncOAuth2Client:
        """Return a client for one sign-in: Authlib's keeps the token that it fetched. Its connections are shared."""
        return AsyncOAuth2Client(
            self.client_id,
            self._client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
            transport=self._transport,
            timeout=CALL_TIMEOUT_SECONDS,
        )

    async def json(self, url: str, **parameters: str) -> dict[str, object]:
        """Return the JSON object at the address.

        Raises:
            ProviderUnavailableError: It is not there.
        """
        async with translated_failures():
            response = await self._http.get(url, params=parameters or None)
            response.raise_for_status()
            document = response.json()
            if not isinstance(document, dict):
                raise ValueError("The provider's answer is no JSON object.")
            return document

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


@asynccontextmanager
async def translated_failures() -> AsyncIterator[None]:
    """Turn what a provider and its tokens can do wrong into our refusals. What the provider said stays in the log."""
    try:
        yield
    except OAuthError as error:
        # A provider names what is wrong with the code `invalid_grant` (RFC 6749, 5.2); all else is wrong with us.
        if error.error == "invalid_grant":
            raise InvalidGrantError from error
        _log.warning("provider_refused", error=str(error.error))
        raise ProviderUnavailableError from error
    except JoseError as error:
        _log.warning("provider_token_refused", error=error.error)
        raise InvalidGrantError from error
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        _log.warning("provider_failed", error=type(error).__name__)
        raise ProviderUnavailableError from error
