"""Signing in with Facebook: OAuth with PKCE, then the Graph API says who it was.

Facebook gives no word on whether an address is verified, so by default none counts as verified; a setting can trust it.
"""

import hashlib
import hmac

from authlib.integrations.httpx_client import OAuthError

from subgraphs.users.errors import InvalidGrantError
from subgraphs.users.gateways.provider_calls import ProviderCalls, translated_failures
from subgraphs.users.gateways.providers import ProviderAnswer, ProviderPerson

_SCOPES = "email public_profile"
_INVALID_PARAMETER = 100
"""The Graph API's number for a code that is wrong, expired or used."""


class FacebookSignIn:
    """A `SignInProvider` for Facebook.

    Args:
        calls: Our credentials, and the connections.
        app_secret: Signs calls of the Graph API.
        dialog_url: Where people are sent.
        graph_url: The Graph API with its version.
        trusts_email: Whether an address that Facebook gives counts as verified.
    """

    def __init__(
        self, calls: ProviderCalls, *, app_secret: str, dialog_url: str, graph_url: str, trusts_email: bool
    ) -> None:
        self._calls = calls
        self._dialog_url = dialog_url
        self._graph_url = graph_url.rstrip("/")
        self._trusts_email = trusts_email
        self._app_secret = app_secret

    async def authorization_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        nonce: str,  # noqa: ARG002 - of OpenID Connect; the code and its verifier tie this sign-in together
        code_challenge: str,
    ) -> str:
        """Return where to send the person; see the port."""
        url, _state = self._calls.oauth().create_authorization_url(
            self._dialog_url,
            state=state,
            redirect_uri=redirect_uri,
            scope=_SCOPES,
            code_challenge=code_challenge,
            code_challenge_method="S256",
        )
        return str(url)

    async def person(self, answer: ProviderAnswer) -> ProviderPerson:
        """Return who came back; see the port."""
        async with translated_failures():
            token = await self._token(answer)
            access_token = str(token["access_token"])
            me = await self._calls.json(
                f"{self._graph_url}/me",
                fields="id,email",
                access_token=access_token,
                # Proves that the caller is the server that knows the secret, not somebody who stole a token.
                appsecret_proof=hmac.new(self._app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest(),
            )
            email = me.get("email")
            return ProviderPerson(
                subject=str(me["id"]),
                email=email if isinstance(email, str) else None,
                email_is_verified=self._trusts_email and isinstance(email, str),
            )

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    async def _token(self, answer: ProviderAnswer) -> dict[str, object]:
        try:
            token: dict[str, object] = await self._calls.oauth().fetch_token(
                f"{self._graph_url}/oauth/access_token",
                grant_type="authorization_code",
                code=answer.code,
                code_verifier=answer.code_verifier,
                redirect_uri=answer.redirect_uri,
            )
        except OAuthError as error:
            # Facebook's errors are objects, where OAuth has a word.
            details: object = error.error
            if isinstance(details, dict) and details.get("code") == _INVALID_PARAMETER:
                raise InvalidGrantError from error
            raise
        return token
