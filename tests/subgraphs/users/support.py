"""A client of the users subgraph that registers, signs in, and asks as whom its token names, as the router would."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import asyncpg
from joserfc import jwt
from joserfc.jwk import RSAKey

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer, sign_viewer_context
from subgraphs.shared.values import MaturityRating
from subgraphs.users.config import Settings
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.mail.secrets import open_secrets

PASSWORD = "Correct-Horse-7"

REGISTER = """
mutation ($input: RegisterInput!) {
  register(input: $input) { verificationRequired registrationSecret errors { code path }
    user { id email emailVerified status roles locale
    profiles { id name language audioLanguages isKids maturityLimit } } }
}"""

AUTH_FIELDS = """
__typename
... on AuthTokens {
  accessToken refreshToken accessExpiresAt refreshExpiresAt account { id email lastLoginAt } profile { id name }
}
... on UserError { code message path }
... on TokenInvalid { reuseDetected }
... on AuthorizationPending { intervalSeconds slowDown }
"""
LOGIN = f"mutation ($input: LoginInput!) {{ result: login(input: $input) {{ {AUTH_FIELDS} }} }}"
REFRESH = f"mutation ($token: String!) {{ result: tokenRefresh(refreshToken: $token) {{ {AUTH_FIELDS} }} }}"
SWITCH = f"mutation ($id: ID!) {{ result: profileSwitch(id: $id) {{ {AUTH_FIELDS} }} }}"
CREATE_PROFILE = """
mutation ($input: ProfileInput!) {
  profileCreate(input: $input) {
    errors { code path }
    profile { id name avatarUrl maturityLimit isKids language audioLanguages subtitleLanguage }
  }
}"""
UPDATE_PROFILE = """
mutation ($id: ID!, $input: ProfileInput!) {
  profileUpdate(id: $id, input: $input) {
    errors { code path } profile { id name avatarUrl maturityLimit isKids language }
  }
}"""
DELETE_PROFILE = "mutation ($id: ID!) { profileDelete(id: $id) { ok errors { code } } }"
ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on User { id email } ... on Profile { id name } }
}"""


@dataclass(frozen=True)
class Client:
    """Runs operations; raises nothing, so that tests look at the whole response."""

    app: SubgraphApp
    settings: Settings

    @property
    def personal_data(self) -> PersonalData:
        """The keys of the subgraph."""
        return PersonalData(self.settings.personal_data_keys, lookup_key=self.settings.personal_data_lookup_key)

    async def run(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> dict[str, Any]:
        return await self.app.execute_as(viewer, query, variables=variables)

    async def register(self, email: str = "asha@example.com", *, verified: bool = True, **more: Any) -> dict[str, Any]:
        """Register; unless told otherwise, as if the owner had confirmed the address, too."""
        response = await self.run(REGISTER, input={"email": email, "password": PASSWORD, **more})
        assert "errors" not in response, response
        payload: dict[str, Any] = response["data"]["register"]
        if verified and payload["user"] is not None:
            await self.sql("UPDATE users SET email_verified = true WHERE email = $1", payload["user"]["email"])
        return payload

    async def sql(self, statement: str, *arguments: Any) -> list[Any]:
        """Return the rows of a statement on the subgraph's database."""
        url = f"{self.settings.database_url}/{self.settings.users_database}"
        connection = await asyncpg.connect(url)
        try:
            rows: list[Any] = await connection.fetch(statement, *arguments)
            return rows
        finally:
            await connection.close()

    async def letters(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the letters asked for, oldest first, with what is sealed for them among their data."""
        topic = "users.mail_requested"
        rows = await self.sql("SELECT payload FROM outbox WHERE topic = $1 ORDER BY position", topic)
        letters = [json.loads(row["payload"]) for row in rows]
        for letter in letters:
            letter["data"] |= open_secrets(self.personal_data, letter.pop("sealed"), dedup_key=letter["dedup_key"])
        return [letter for letter in letters if kind in (None, letter["kind"])]

    async def login(self, email: str = "asha@example.com", password: str = PASSWORD) -> dict[str, Any]:
        return await self.result(LOGIN, input={"email": email, "password": password})

    async def refresh(self, token: str) -> dict[str, Any]:
        return await self.result(REFRESH, token=token)

    async def result(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> dict[str, Any]:
        response = await self.run(query, viewer, **variables)
        assert "errors" not in response, response
        result: dict[str, Any] = response["data"]["result"]
        return result

    async def newcomer(self, email: str = "asha@example.com") -> "Viewer":
        """Register, sign in, and return the viewer of the access token."""
        await self.register(email)
        return self.viewer_of(await self.login(email))

    def claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        key = _key_of(self.settings.access_token_key_file.read_bytes())
        return jwt.decode(tokens["accessToken"], key, algorithms=["RS256"]).claims

    def viewer_of(self, tokens: dict[str, Any]) -> Viewer:
        claims = self.claims(tokens)
        return Viewer(
            user_id=claims["sub"],
            profile_id=claims["pid"],
            scopes=frozenset(claims["scp"]),
            session_id=claims["sid"],
            maturity_limit=MaturityRating(claims["lim"]) if "lim" in claims else None,
            is_kids=claims["kid"],
            profile_locale=claims["loc"],
            client_id=claims.get("client_id"),
        )


@cache
def _key_of(pem: bytes) -> RSAKey:
    """Return the key, read once: to check its primes takes 40 ms."""
    return RSAKey.import_key(pem)


def signed(client: Client, viewer: Viewer, clock: Callable[[], datetime]) -> str:
    """Return the header by which the router would say who asks."""
    claims: dict[str, Any] = {
        "sub": viewer.user_id,
        "pid": viewer.profile_id,
        "sid": viewer.session_id,
        "scp": sorted(viewer.scopes),
    }
    expires_at = clock() + timedelta(minutes=1)
    return sign_viewer_context({"claims": claims}, key=client.settings.viewer_context_key, expires_at=expires_at)
