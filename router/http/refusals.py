"""Requests that HTTP itself refuses, before GraphQL is looked at."""

from collections.abc import Mapping

from router.errors import ClientError

BAD_REQUEST = "BAD_REQUEST"
UNAUTHENTICATED = "UNAUTHENTICATED"
CSRF_PREVENTED = "CSRF_PREVENTED"
NOT_FOUND = "NOT_FOUND"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
TOO_LARGE = "REQUEST_TOO_LARGE"
UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
IDENTITY_UNAVAILABLE = "IDENTITY_UNAVAILABLE"


class HttpRefusedError(ClientError):
    """The request is answered with an HTTP error status.

    Attributes:
        status: HTTP status.
        refusal_code: Stable `extensions.code`.
        headers: Sent with the answer.
    """

    def __init__(self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.refusal_code = code
        self.headers = dict(headers or {})


class UnauthenticatedError(HttpRefusedError):
    """A token was sent and is not good. Nothing was executed."""

    def __init__(self, message: str) -> None:
        super().__init__(401, UNAUTHENTICATED, message, headers={"www-authenticate": "Bearer"})
