"""From the response tree to the response: with typed data as text at once, otherwise projected, with its errors."""

from collections.abc import Mapping
from typing import Any

import msgspec

from router.execution.fallback_replies import EXTENSION as STALE_REPLIES
from router.execution.fetch_context import FetchContext
from router.execution.misfits import MISFITS
from router.execution.operation import PreparedOperation
from router.execution.requests import GraphQLResponse
from router.execution.response_errors import ResponseErrors
from router.execution.variants import Variant
from router.planning import plan_as_json, print_plan

_encoder = msgspec.json.Encoder()


def typed_response(
    operation: PreparedOperation, variant: Variant, context: FetchContext, errors: ResponseErrors
) -> GraphQLResponse | None:
    """Return the response if all replies had their types and hold no fault; else None, and leave data without types."""
    if context.decoders is not None and not errors.formatted and variant.typed is not None:
        try:
            if variant.typed.hide is not None:
                variant.typed.hide(context.root, context.slots)
            body = {"data": variant.typed.projection(context.root)}
            return GraphQLResponse(
                body=body, operation_name=operation.name, measured=operation.measured, json=_encoder.encode(body)
            )
        except MISFITS:
            pass
    context.start_over()
    return None


def plain_response(
    operation: PreparedOperation, variant: Variant, context: FetchContext, errors: ResponseErrors, *, explain: bool
) -> GraphQLResponse:
    """Return the response: data as far as they are faultless, and what is said of the rest."""
    data = variant.projection(context.root, None, errors)
    said = errors.formatted and errors.seen_in(data)
    body: dict[str, Any] = {"errors": said, "data": data} if said else {"data": data}
    if explain:
        body["extensions"] = _explanation(operation, context.variables)
    return GraphQLResponse(body=body, operation_name=operation.name, measured=operation.measured)


def marked(response: GraphQLResponse, marks: dict[str, Any] | None) -> GraphQLResponse:
    """Return the response, saying which services gave old replies."""
    if marks:
        response.body.setdefault("extensions", {})[STALE_REPLIES] = marks
    return response


def _explanation(operation: PreparedOperation, variables: Mapping[str, Any]) -> dict[str, Any]:
    plan: dict[str, Any] = {"text": print_plan(operation.plan), "plan": plan_as_json(operation.plan)}
    if operation.cost is not None:
        plan["cost"] = operation.cost.estimate(variables)
    return {"queryPlan": plan}
