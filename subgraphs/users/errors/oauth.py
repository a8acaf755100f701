"""Refusals of the OAuth endpoints, in the words of the protocol: RFC 6749, 4.1.2.1 and 5.2.

OAuthError              an answer in JSON, with a status
└── RedirectedError     an authorization request that its client may see refused: it goes back to the redirect URI
UnknownClientError      a request that must not be sent back anywhere: a page says so
"""


class OAuthError(Exception):
    """A refusal of a token, revocation or introspection request."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class RedirectedError(OAuthError):
    """A refusal that the client is told by a redirect."""


class UnknownClientError(Exception):
    """The client is unknown, or the redirect URI is not exactly one of its own."""


def invalid_grant() -> OAuthError:
    """Return the refusal of a code or refresh token; what is wrong with it is not said."""
    return OAuthError("invalid_grant", "The code or token is not valid, has expired or was used before.")


def invalid_client() -> OAuthError:
    """Return the refusal of a client that is unknown or does not prove who it is."""
    return OAuthError("invalid_client", "The client is unknown or its secret is wrong.", status=401)


class ClientInvalidError(ValueError):
    """A client that must not be registered as it is described; the text says why."""
