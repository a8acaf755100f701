"""The port of sign-in providers: where to send a person, and who came back.

The adapters are google and facebook; both call through provider_calls. What an account is linked to is decided in
service/providers.py.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What came back from the provider with the person, and what it was asked with."""

    code: str
    code_verifier: str
    redirect_uri: str
    nonce: str


@dataclass(frozen=True, slots=True)
class ProviderPerson:
    """A person as the provider knows them. `subject` never changes; the address may, and counts only if verified."""

    subject: str
    email: str | None
    email_is_verified: bool


class SignInProvider(Protocol):
    """A provider that we have credentials at."""

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, code_challenge: str) -> str:
        """Return where to send the person.

        Raises:
            ProviderUnavailableError: The provider does not answer.
        """
        ...

    async def person(self, answer: ProviderAnswer) -> ProviderPerson:
        """Return who came back.

        Raises:
            InvalidGrantError: The provider refuses the code, or its token is not for us or not for this sign-in.
            ProviderUnavailableError: The provider does not answer.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
