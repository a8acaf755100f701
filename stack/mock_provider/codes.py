"""Authorization codes and access tokens of the mock provider, in memory: its people start anew with it."""

import base64
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

from stack.mock_provider.people import Person

Value = TypeVar("Value")

_KEPT_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a person agreed to, and what the client must prove to get it."""

    person: Person
    client_id: str
    redirect_uri: str
    code_challenge: str
    nonce: str | None


class Grants:
    """Codes, each good once, and the access tokens given for them."""

    def __init__(self) -> None:
        self._codes: OrderedDict[str, Authorization] = OrderedDict()
        self._tokens: OrderedDict[str, Person] = OrderedDict()

    def code_for(self, authorization: Authorization) -> str:
        """Return a new code."""
        return _keep(self._codes, authorization)

    def redeem(
        self, code: str, *, client_id: str, redirect_uri: str, code_verifier: str
    ) -> tuple[str, Authorization] | None:
        """Return an access token and what was agreed to; None when the code is not this client's, or was used."""
        authorization = self._codes.pop(code, None)
        if authorization is None or (authorization.client_id, authorization.redirect_uri) != (client_id, redirect_uri):
            return None
        if authorization.code_challenge != _s256(code_verifier):
            return None
        return _keep(self._tokens, authorization.person), authorization

    def person_of(self, access_token: str) -> Person | None:
        """Return whom the token belongs to."""
        return self._tokens.get(access_token)


def _keep(kept: OrderedDict[str, Value], value: Value) -> str:
    secret = secrets.token_urlsafe(24)
    kept[secret] = value
    if len(kept) > _KEPT_AT_MOST:
        kept.popitem(last=False)
    return secret


def _s256(code_verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
