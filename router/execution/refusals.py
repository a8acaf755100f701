"""Requests that are refused before any subgraph is called. Each can be mended by the client, so its text is sent.

ClientError (router.errors)
└── RefusedError                     one stable code, one or more errors with locations
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from router.errors import ClientError

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
UNKNOWN_OPERATION = "OPERATION_RESOLUTION_FAILURE"
UNSUPPORTED_OPERATION = "OPERATION_NOT_SUPPORTED"
TOO_MANY_TOKENS = "TOKEN_LIMIT_EXCEEDED"
TOO_DEEP = "DEPTH_LIMIT_EXCEEDED"
TOO_MANY_ALIASES = "ALIAS_LIMIT_EXCEEDED"
TOO_MANY_ROOT_FIELDS = "ROOT_FIELD_LIMIT_EXCEEDED"
TOO_MANY_SELECTIONS = "SELECTION_LIMIT_EXCEEDED"


class RefusedError(ClientError):
    """The request was not executed.

    Attributes:
        refusal_code: Stable `extensions.code` of every error in it.
        errors: The errors as a response holds them.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        errors: Sequence[GraphQLError] = (),
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.refusal_code = code
        self.errors = [self._formatted(error) for error in errors] or [
            {"message": message, "extensions": {**(extensions or {}), "code": code}}
        ]

    def _formatted(self, error: GraphQLError) -> dict[str, Any]:
        formatted: dict[str, Any] = {"message": error.message}
        if error.locations:
            formatted["locations"] = [location.formatted for location in error.locations]
        formatted["extensions"] = {"code": self.refusal_code}
        return formatted
