"""The mock provider's endpoints: `/google` speaks OpenID Connect, `/facebook` Facebook's dialect of OAuth."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stack.mock_provider import CLIENT_ID, CLIENT_SECRET
from stack.mock_provider.codes import Authorization, Grants
from stack.mock_provider.pages import CONTENT_SECURITY_POLICY, choose_page
from stack.mock_provider.people import Person, person_with
from subgraphs.shared.clock import Clock, system_clock

_ID_TOKEN_LIFETIME = timedelta(hours=1)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_KEPT_FIELDS = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
_FACEBOOK_INVALID_PARAMETER = 100


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the platform shows to both providers."""

    client_id: str
    client_secret: str


class MockProvider:
    """Both providers. `id_token` is a method of its own, so that tests can have a provider that lies.

    Args:
        base_url: Where it listens, without a slash at the end.
        credentials: The platform's.
        clock: Dates its tokens.
    """

    def __init__(self, base_url: str, credentials: Credentials, *, clock: Clock = system_clock) -> None:
        self.issuer = f"{base_url}/google"
        self.credentials = credentials
        self.clock = clock
        self.key = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)
        self._grants = Grants()

    def asgi(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/google/.well-known/openid-configuration", self._discovery),
                Route("/google/jwks", self._jwks),
                Route("/google/authorize", self._choose, methods=["GET"]),
                Route("/google/authorize", self._chosen, methods=["POST"]),
                Route("/google/token", self._google_token, methods=["POST"]),
                Route("/google/userinfo", self._userinfo),
                Route("/facebook/dialog/oauth", self._choose, methods=["GET"]),
                Route("/facebook/dialog/oauth", self._chosen, methods=["POST"]),
                Route("/facebook/graph/oauth/access_token", self._facebook_token, methods=["POST"]),
                Route("/facebook/graph/me", self._facebook_me),
            ]
        )

    def id_token(self, person: Person, *, nonce: str | None, access_token: str) -> str:
        """Return a signed id_token of now."""
        now = self.clock()
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.credentials.client_id,
            "sub": person.subject,
            "iat": int(now.timestamp()),
            "exp": int((now + _ID_TOKEN_LIFETIME).timestamp()),
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **_claims_of(person),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return self.sign(claims)

    def sign(self, claims: dict[str, Any]) -> str:
        """Return the claims signed with the published key."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    async def _discovery(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    async def _jwks(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _choose(self, request: Request) -> Response:
        """Ask who one is; a request that is not the platform's gets no page and no redirect."""
        problem = self._fault(request.query_params)
        if problem:
            return JSONResponse({"error": "invalid_request", "error_description": problem}, status_code=400)
        provider = "Google" if request.url.path.startswith("/google") else "Facebook"
        kept = {name: request.query_params[name] for name in _KEPT_FIELDS if name in request.query_params}
        headers = {"content-security-policy": CONTENT_SECURITY_POLICY, "referrer-policy": "no-referrer"}
        return HTMLResponse(choose_page(provider, kept), headers=headers)

    async def _chosen(self, request: Request) -> Response:
        form = await _form(request)
        problem = self._fault(form)
        if problem:
            return JSONResponse({"error": "invalid_request", "error_description": problem}, status_code=400)
        person = person_with(form.get("person", ""))
        answer = {"state": form["state"]}
        if person is None:
            answer["error"] = "access_denied"
        else:
            answer["code"] = self._grants.code_for(
                Authorization(
                    person=person,
                    client_id=form["client_id"],
                    redirect_uri=form["redirect_uri"],
                    code_challenge=form["code_challenge"],
                    nonce=form.get("nonce"),
                )
            )
        return RedirectResponse(f"{form['redirect_uri']}?{urlencode(answer)}", status_code=303)

    async def _google_token(self, request: Request) -> Response:
        form = await _form(request)
        if not self._knows(form):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        redeemed = self._redeem(form)
        if redeemed is None:
            return JSONResponse({"error": "invalid_grant", "error_description": "Bad Request"}, status_code=400)
        access_token, authorization = redeemed
        return JSONResponse(
            {
                "access_token": access_token,
                "id_token": self.id_token(authorization.person, nonce=authorization.nonce, access_token=access_token),
                "token_type": "Bearer",
                "expires_in": 3599,
                "scope": "openid email profile",
            },
            headers={"cache-control": "no-store"},
        )

    async def _userinfo(self, request: Request) -> Response:
        _scheme, _, token = request.headers.get("authorization", "").partition(" ")
        person = self._grants.person_of(token)
        if person is None:
            return JSONResponse({"error": "invalid_token"}, status_code=401)
        return JSONResponse({"sub": person.subject, **_claims_of(person)})

    async def _facebook_token(self, request: Request) -> Response:
        form = await _form(request)
        redeemed = self._redeem(form) if self._knows(form) else None
        if redeemed is None:
            return _facebook_error("This authorization code has been used.")
        return JSONResponse({"access_token": redeemed[0], "token_type": "bearer", "expires_in": 5183944})

    async def _facebook_me(self, request: Request) -> Response:
        token = request.query_params.get("access_token", "")
        proof = hmac.new(self.credentials.client_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        person = self._grants.person_of(token)
        if person is None or not hmac.compare_digest(proof, request.query_params.get("appsecret_proof", "")):
            return _facebook_error("Invalid OAuth access token or appsecret_proof.")
        # Facebook tells an address only once it is confirmed.
        email = {"email": person.email} if person.email and person.email_is_verified else {}
        return JSONResponse({"id": person.subject, **email})

    def _fault(self, request: Mapping[str, str]) -> str | None:
        """Return what is wrong with a request for authorization, None when it is the platform's."""
        if request.get("client_id") != self.credentials.client_id:
            return "unknown client_id"
        if urlsplit(request.get("redirect_uri", "")).netloc.rpartition(":")[0] not in _LOOPBACK:
            return "redirect_uri is not on this machine"
        if not request.get("state") or not request.get("code_challenge"):
            return "state or code_challenge is missing"
        return None

    def _knows(self, form: Mapping[str, str]) -> bool:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        return given == (self.credentials.client_id, self.credentials.client_secret)

    def _redeem(self, form: Mapping[str, str]) -> tuple[str, Authorization] | None:
        if form.get("grant_type") != "authorization_code":
            return None
        return self._grants.redeem(
            form.get("code", ""),
            client_id=form.get("client_id", ""),
            redirect_uri=form.get("redirect_uri", ""),
            code_verifier=form.get("code_verifier", ""),
        )


def create_app(base_url: str, *, beside: AbstractAsyncContextManager[None] | None = None) -> Starlette:
    """Return the mock provider as an ASGI application, for the platform on this machine.

    Args:
        base_url: Where it listens, without a slash at the end.
        beside: What else its process does while it serves.
    """
    app = MockProvider(base_url, Credentials(CLIENT_ID, CLIENT_SECRET)).asgi()
    if beside is not None:
        app.router.lifespan_context = lambda _app: beside
    return app


def _claims_of(person: Person) -> dict[str, Any]:
    if person.email is None:
        return {"name": person.name}
    return {"name": person.name, "email": person.email, "email_verified": person.email_is_verified}


def _facebook_error(message: str) -> Response:
    error = {"message": message, "type": "OAuthException", "code": _FACEBOOK_INVALID_PARAMETER, "fbtrace_id": "mock"}
    return JSONResponse({"error": error}, status_code=400)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
