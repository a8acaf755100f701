"""Reads the parameters of a GraphQL request out of a URL or a body, as GraphQL over HTTP lays down."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from router.http.refusals import BAD_REQUEST, HttpRefusedError

MAX_URL_PARAMETERS = 20

_SHA256 = re.compile(r"[0-9a-f]{64}")


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class Parameters:
    """What the client wants run.

    Attributes:
        query: Text of the document; empty if the client only names it.
        sha256: Hash of the document, as 64 hexadecimal digits, if the client sent one.
    """

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    sha256: str | None = None


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
    return from_mapping(raw)


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
    return from_mapping(raw)


def from_mapping(raw: Mapping[str, Any]) -> Parameters:
    """Return the parameters in an object of JSON.

    Raises:
        HttpRefusedError: 400, with what is wrong.
    """
    query = raw.get("query")
    operation_name = raw.get("operationName")
    variables = raw.get("variables")
    extensions = raw.get("extensions")
    if query is not None and (not isinstance(query, str) or not query.strip()):
        raise missing_query()
    if operation_name is not None and not isinstance(operation_name, str):
        raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'operationName' must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'variables' must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'extensions' must be an object.")
    document_id = raw.get("documentId")
    sha256 = _sha256(document_id, extensions or {}) if document_id is not None or extensions else None
    if query is None and sha256 is None and not operation_name:
        raise missing_query()
    return Parameters(query or "", operation_name or None, variables or {}, sha256)


def missing_query() -> HttpRefusedError:
    """Return the refusal of a request without document."""
    return HttpRefusedError(400, BAD_REQUEST, "The parameter 'query' must be a GraphQL document.")


def _sha256(document_id: object, extensions: Mapping[str, Any]) -> str | None:
    """Return the hash in `documentId` or in the extension `persistedQuery`; None without either."""
    if document_id is not None:
        found = document_id.removeprefix("sha256:").lower() if isinstance(document_id, str) else ""
        if not _SHA256.fullmatch(found):
            raise HttpRefusedError(400, BAD_REQUEST, "The parameter 'documentId' must be a SHA-256 in hexadecimal.")
        return found
    extension = extensions.get("persistedQuery")
    if extension is None:
        return None
    sha256 = extension.get("sha256Hash") if isinstance(extension, dict) and extension.get("version") == 1 else None
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256.lower()):
        message = "The extension 'persistedQuery' must hold version 1 and a sha256Hash in hexadecimal."
        raise HttpRefusedError(400, BAD_REQUEST, message)
    return sha256.lower()
