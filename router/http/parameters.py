"""Reads the parameters of a GraphQL request out of a URL or a body, as GraphQL over HTTP lays down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from router.http.refusals import BAD_REQUEST, HttpRefusedError

MAX_URL_PARAMETERS = 20


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the client wants run."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


def from_body(body: bytes) -> Parameters:
    """Return the parameters in a JSON body.

    Raises:
        HttpRefusedError: 400, with what is wrong.
    """
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HttpRefusedError(400, BAD_REQUEST, "The body is not JSON.") from error
    if isinstance(raw, list):
        raise HttpRefusedError(400, BAD_REQUEST, "Send one operation per request: batches are not accepted.")
    if not isinstance(raw, dict):
        raise HttpRefusedError(400, BAD_REQUEST, "The body is not a JSON object.")
    return _checked(raw)


def from_url(query_string: bytes) -> Parameters:
    """Return the parameters of a GET; `variables` and `extensions` are JSON texts there.

    Raises:
        HttpRefusedError: 400, with what is wrong.
    """
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="strict", max_num_fields=MAX_URL_PARAMETERS)
    except ValueError as error:
        raise HttpRefusedError(400, BAD_REQUEST, "The URL parameters cannot be read.") from error
    raw: dict[str, Any] = dict(pairs)
    for name in ("variables", "extensions"):
        if name in raw:
            try:
                raw[name] = orjson.loads(raw[name])
            except orjson.JSONDecodeError as error:
                raise HttpRefusedError(400, BAD_REQUEST, f"The parameter '{name}' is not JSON.") from error
    return _checked(raw)


def _checked(raw: Mapping[str, Any]) -> Parameters:
    query = raw.get("query")
    operation_name = raw.get("operationName")
    variables = raw.get("variables")
    extensions = raw.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'query' must be a GraphQL document.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'operationName' must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'variables' must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'extensions' must be an object.")
    return Parameters(query, operation_name or None, variables or {})
