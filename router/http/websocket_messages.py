"""What the messages of `graphql-transport-ws` hold, and the codes with which a connection is closed."""

from collections.abc import Mapping
from typing import Any

TOO_BIG = 1009
INTERNAL_FAILURE = 1011
RESTARTING = 1012
TRY_AGAIN_LATER = 1013
TOO_SLOW = 1008
BAD_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
SUBPROTOCOL_NOT_ACCEPTABLE = 4406
INIT_TIMEOUT = 4408
SUBSCRIBER_EXISTS = 4409
TOO_MANY_INITS = 4429

# A close frame has room for 125 bytes, two of which are the code.
MAX_REASON_BYTES = 123
_MAX_ID_CHARACTERS = 256


class ClosedError(Exception):
    """The connection is to be closed.

    Attributes:
        code: Of the close frame.
        reason: What the client reads.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def id_of(message: Mapping[str, Any]) -> str:
    """Return the identifier of an operation.

    Raises:
        ClosedError: There is none that can be one.
    """
    identifier = message.get("id")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= _MAX_ID_CHARACTERS:
        raise ClosedError(BAD_MESSAGE, f"The id is not a text of 1 to {_MAX_ID_CHARACTERS} characters")
    return identifier


def payload_of(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the payload, None without one.

    Raises:
        ClosedError: It is no object.
    """
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise ClosedError(BAD_MESSAGE, "The payload is not an object")
    return payload


def authorization_in(payload: Mapping[str, Any]) -> str | None:
    """Return the token in the payload of `connection_init`, at its top or under `headers`, in either spelling.

    Raises:
        ClosedError: It is no text.
    """
    headers = payload.get("headers")
    for place in (payload, headers if isinstance(headers, dict) else {}):
        for name, value in place.items():
            if name.lower() == "authorization" and value is not None:
                if not isinstance(value, str):
                    raise ClosedError(FORBIDDEN, "The token is not a text")
                return value
    return None
