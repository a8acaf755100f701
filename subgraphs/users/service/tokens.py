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
from joserfc.jwk import RSAKey

from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating
from subgraphs.users.config import ACCESS_TOKEN_LIFETIME
from subgraphs.users.service.scopes import scopes_of


@dataclass(frozen=True, slots=True)
class ProfileClaims:
    """What a token says of the active profile. `maturity_limit` None means no limit."""

    profile_id: UUID
    maturity_limit: MaturityRating | None
    is_kids: bool
    language: str


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Whom a token is for."""

    user_id: UUID
    roles: Sequence[str]
    session_id: str
    profile: ProfileClaims | None


class TokenSigner:
    """The private key, with the names that tokens carry. The key's id is its thumbprint (RFC 7638)."""

    def __init__(self, key: RSAKey, *, issuer: str, audience: str) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self.key_id = key.thumbprint()

    @classmethod
    def load(cls, key_file: Path, *, issuer: str, audience: str) -> "TokenSigner":
        """Return the signer with the PEM key of the file.

        Raises:
            OSError: The file cannot be read.
            ValueError: It holds no private RSA key.
        """
        key = RSAKey.import_key(key_file.read_bytes())
        if not key.is_private:
            raise ValueError(f"{key_file} holds no private RSA key.")
        return cls(key, issuer=issuer, audience=audience)

    def sign(self, claims: dict[str, Any]) -> str:
        """Return the token of the claims, with issuer and audience added."""
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        return jwt.encode(header, {"iss": self._issuer, "aud": self._audience, **claims}, self._key)

    def public_keys(self) -> dict[str, Any]:
        """Return the JWK set that checks the tokens."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}


def mint_access_token(signer: TokenSigner, subject: TokenSubject, *, now: datetime) -> str:
    """Return an access token that is valid for 15 minutes from `now`."""
    claims: dict[str, Any] = {
        "sub": encode_id("User", subject.user_id),
        "scp": scopes_of(subject.roles),
        "jti": uuid4().hex,
        "sid": subject.session_id,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_TOKEN_LIFETIME).timestamp()),
    }
    if subject.profile is not None:
        profile = subject.profile
        claims["pid"] = encode_id("Profile", profile.profile_id)
        claims["kid"] = profile.is_kids
        claims["loc"] = profile.language
        if profile.maturity_limit is not None:
            claims["lim"] = profile.maturity_limit.value
    return signer.sign(claims)
