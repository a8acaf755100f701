"""Access tokens: RS256, 15 minutes, with the claims that the router and every subgraph read.

Pure: who may have a token is decided in sessions and accounts. Benchmarks and demo pages may mint their own with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating
from subgraphs.users.config import ACCESS_TOKEN_LIFETIME
from subgraphs.users.service.scopes import scopes_of
from subgraphs.users.service.signing_keys import SigningKeys


@dataclass(frozen=True, slots=True)
class ProfileClaims:
    """What a token says of the active profile. `maturity_limit` None means no limit."""

    profile_id: UUID
    maturity_limit: MaturityRating | None
    is_kids: bool
    language: str
    audio_languages: Sequence[str] = ()
    subtitle_language: str | None = None


USERINFO_AUDIENCE = "reelgraph:userinfo"

API_SCOPE = "api"
"""Lets an OAuth client use the API as the viewer; without it, its tokens are good for /oauth/userinfo only."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a viewer allowed an OAuth client. A session of our own apps has none, and no limit but the roles'."""

    client_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Whom a token is for."""

    user_id: UUID
    roles: Sequence[str]
    session_id: str
    profile: ProfileClaims | None
    grant: Grant | None = None


class TokenSigner:
    """The private keys, with the names that tokens carry."""

    def __init__(self, keys: SigningKeys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self.issuer = issuer
        self.audience = audience

    @classmethod
    def load(cls, key_file: Path, *, issuer: str, audience: str) -> "TokenSigner":
        """Return the signer with the PEM keys of the file.

        Raises:
            OSError: The file cannot be read.
            ValueError: It holds no private RSA key.
        """
        return cls(SigningKeys(key_file), issuer=issuer, audience=audience)

    def sign(self, claims: dict[str, Any], *, now: datetime) -> str:
        """Return the token of the claims, with issuer and audience added unless they are there."""
        key = self._keys.current(now)
        header = {"alg": "RS256", "typ": "JWT", "kid": key.key_id}
        return jwt.encode(header, {"iss": self.issuer, "aud": self.audience, **claims}, key.key)

    def verified(self, token: str, *, now: datetime) -> dict[str, Any] | None:
        """Return the claims of a token that we signed and that has not expired, None for any other text."""
        try:
            key_id = extract_compact(token.encode()).headers().get("kid")
            key = next((key for key in self._keys.published(now) if key.key_id == key_id), None)
            if key is None:
                return None
            claims = jwt.decode(token, key.key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None
        expires_at = claims.get("exp")
        return claims if isinstance(expires_at, int) and expires_at > now.timestamp() else None

    def public_keys(self, *, now: datetime) -> dict[str, Any]:
        """Return the JWK set that checks the tokens."""
        return {"keys": [key.public() for key in self._keys.published(now)]}


def mint_access_token(signer: TokenSigner, subject: TokenSubject, *, now: datetime) -> str:
    """Return an access token that is valid for 15 minutes from `now`."""
    claims: dict[str, Any] = {
        "sub": encode_id("User", subject.user_id),
        **_reach(subject, audience=signer.audience),
        "jti": uuid4().hex,
        "sid": subject.session_id,
        # With its fraction: a token made anew within the second in which earlier ones were denied must be told apart.
        "iat": now.timestamp(),
        "exp": int((now + ACCESS_TOKEN_LIFETIME).timestamp()),
    }
    if subject.profile is None:
        # Without a profile nobody knows who watches: as little as the youngest may see.
        claims["lim"] = MaturityRating.U.value
    else:
        profile = subject.profile
        claims["pid"] = encode_id("Profile", profile.profile_id)
        claims["kid"] = profile.is_kids
        claims["loc"] = profile.language
        if list(profile.audio_languages) not in ([], [profile.language]):
            claims["aul"] = list(profile.audio_languages)
        if profile.subtitle_language is not None:
            claims["sul"] = profile.subtitle_language
        if profile.maturity_limit is not None:
            claims["lim"] = profile.maturity_limit.value
    return signer.sign(claims, now=now)


def _reach(subject: TokenSubject, *, audience: str) -> dict[str, Any]:
    """Return the claims that say where the token is good and what for: never more than the account may itself."""
    scopes = scopes_of(subject.roles)
    grant = subject.grant
    if grant is None:
        return {"scp": scopes}
    return {
        "aud": audience if API_SCOPE in grant.scopes else USERINFO_AUDIENCE,
        "scp": [scope for scope in scopes if scope in grant.scopes],
        "client_id": grant.client_id,
        "scope": " ".join(sorted(grant.scopes)),
    }
