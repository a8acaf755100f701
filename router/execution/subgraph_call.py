"""One call of a fetch: the request, and what comes back, with or without types."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from router.execution.fetch_context import FetchContext
from router.execution.response_errors import MAX_ERRORS
from router.execution.transport import BadResponseError, SubgraphRequest, TransportError
from router.planning.plan import Fetch, OperationKind

Errors = Sequence[Mapping[str, Any]]
Reply = tuple[dict[str, Any] | None, Errors, bytes | None]
"""Data and errors of a response, and its text if it was as promised. Not more, because every call makes one."""


class SubgraphCall:
    """The unchanging part of the requests of one fetch."""

    def __init__(self, fetch: Fetch) -> None:
        self.id = fetch.id
        self.service = fetch.subgraph
        self._document = fetch.document
        # Once more copied, because orjson returns bytes with all the room that it might have needed.
        self._document_json = bytes(bytearray(orjson.dumps(fetch.document)))
        self._operation_name = fetch.operation_name
        self._variables = fetch.variables
        self._is_query = fetch.kind is OperationKind.QUERY

    async def send(self, context: FetchContext, representations: Mapping[str, Any]) -> Reply:
        """Return the reply, of its type if the context has types afterwards.

        Raises:
            TransportError: The call failed, or its response is none of GraphQL; then the context has no types.
        """
        given = context.variables
        variables = {**{name: given[name] for name in self._variables if name in given}, **representations}
        request = SubgraphRequest(
            document=self._document,
            document_json=self._document_json,
            operation_name=self._operation_name,
            variables=variables,
            headers=context.headers,
            is_query=self._is_query,
            deadline=context.deadline,
            decoder=context.decoders[self.id] if context.decoders is not None else None,
        )
        try:
            response = await context.transports[self.service].send(request)
            if request.typed_body is None:
                data, errors = data_and_errors(response)
                context.start_over()
                return data, errors, None
        except TransportError:
            context.start_over()
            raise
        if context.decoders is None:  # it went when others' replies were faulty
            response = orjson.loads(request.typed_body)
        return response["data"], (), request.typed_body


def data_and_errors(response: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[Mapping[str, Any]]]:
    """Return the parts of a response.

    Raises:
        BadResponseError: It is not a GraphQL response, or has neither data nor errors.
    """
    data = response.get("data")
    errors = response.get("errors") or []
    if data is not None and not isinstance(data, dict):
        raise BadResponseError("data is not an object")
    if not isinstance(errors, list) or not all(isinstance(error, Mapping) for error in errors):
        raise BadResponseError("errors is not a list of objects")
    if data is None and not errors:
        raise BadResponseError("neither data nor errors")
    return data, errors[:MAX_ERRORS]
