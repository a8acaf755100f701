"""The root fetch of a subscription: what its subgraph is asked, and how an event enters the response tree."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.execution.fetch_context import FetchContext
from router.execution.merge import merge_object
from router.execution.response_errors import as_path
from router.execution.subgraph_call import data_and_errors
from router.execution.transport import SubgraphRequest
from router.planning.plan import OperationKind, QueryPlan, RootFetch


class SubscriptionSource:
    """Compiled from the only fetch of a plan that subscribes; the other fetches complete each of its events."""

    def __init__(self, fetch: RootFetch) -> None:
        self.service = fetch.subgraph
        self._document = fetch.document
        self._document_json = orjson.dumps(fetch.document)
        self._operation_name = fetch.operation_name
        self._variables = fetch.variables
        self._keys = fetch.keys

    def request(self, variables: Mapping[str, Any], headers: Mapping[str, str]) -> SubgraphRequest:
        """Return the request to subscribe with."""
        return SubgraphRequest(
            document=self._document,
            document_json=self._document_json,
            operation_name=self._operation_name,
            variables={name: variables[name] for name in self._variables if name in variables},
            headers=headers,
            is_query=True,  # nothing is changed by asking for events twice
        )

    def take(self, event: Mapping[str, Any], context: FetchContext) -> None:
        """Merge an event into the response tree and report its errors.

        Raises:
            BadResponseError: It is not a GraphQL response.
        """
        data, errors = data_and_errors(event)
        if data is not None:
            merge_object(context.root, data, copy=False)
        for error in errors:
            path = as_path(error.get("path"))
            paths = [path] if path else None
            if path is None and data is None:
                paths = [(key,) for key in self._keys]
            context.reporter.returned(self.service, error, paths)


def source_of(plan: QueryPlan) -> RootFetch | None:
    """Return the fetch of a plan that subscribes, None where there is none.

    Subscription fields have one resolver each and operations one such field, so a plan never has two.
    """
    for fetch in plan.fetches:
        if isinstance(fetch, RootFetch) and fetch.kind is OperationKind.SUBSCRIPTION:
            return fetch
    return None
