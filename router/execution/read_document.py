"""From the text of a request to a valid document: parse, check the limits, validate.

Documents carry no locations: where each node stood in the text would be two thirds of what is kept of an operation.
An error that shows a place is found again in a document that has them (`parse_with_locations`).
"""

import sys

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Visitor,
    parse,
    validate,
    visit,
)
from graphql.validation import NoSchemaIntrospectionCustomRule, ValidationRule, specified_rules

from router.execution import refusals
from router.execution.limits import Limits, check_limits
from router.execution.quick_parse import quick_parse
from router.execution.quick_validation import is_surely_valid
from router.execution.refusals import RefusedError

MAX_VALIDATION_ERRORS = 20


class _NoReservedAliasRule(ValidationRule):
    """An alias that begins with two underscores would take the place of what the router asks for itself."""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.alias is not None and node.alias.value.startswith("__") and node.alias.value != node.name.value:
            self.report_error(GraphQLError(f"The alias '{node.alias.value}' is reserved.", node))


_RULES = (*specified_rules, _NoReservedAliasRule)


class _IncrementalFinder(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in ("defer", "stream"):
            message = f"@{node.name.value} is not served here: every response is sent as a whole."
            raise RefusedError(refusals.UNSUPPORTED_OPERATION, message)


def read_document(text: str, *, schema: GraphQLSchema, limits: Limits, allow_introspection: bool) -> DocumentNode:
    """Return the valid document that `text` is.

    Raises:
        RefusedError: It is none, or breaks a limit.
    """
    document = parse_document(text, limits)
    check_limits(document, limits)
    if "@defer" in text or "@stream" in text:
        # Refused by name, rather than as directives that nobody knows.
        visit(document, _IncrementalFinder())
    if not is_surely_valid(schema, document):
        rules = _RULES if allow_introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        located = parse_with_locations(text)
        errors = validate(schema, located, rules, max_errors=MAX_VALIDATION_ERRORS, allow_empty_selection_sets=False)
        if errors:
            raise RefusedError(refusals.VALIDATION_FAILED, "The operation is not valid.", errors=errors)
    return document


def parse_document(text: str, limits: Limits) -> DocumentNode:
    """Return the syntax tree, without locations.

    Raises:
        RefusedError: The text is not GraphQL, or has too many tokens or levels.
    """
    document = quick_parse(text, limits.max_tokens)
    if document is not None:
        return document
    try:
        return parse(text, no_location=True, max_tokens=limits.max_tokens, allow_empty_selection_sets=False)
    except GraphQLSyntaxError as error:
        # graphql-core tells these two from other errors by their text only; tests hold it to that.
        if "tokens. Parsing aborted" in error.message:
            message = f"The document has more than {limits.max_tokens} tokens."
            raise RefusedError(refusals.TOO_MANY_TOKENS, message) from error
        if "nested too deeply" in error.message:
            message = f"The document is nested too deeply; {limits.max_depth} levels are allowed."
            raise RefusedError(refusals.TOO_DEEP, message) from error
        raise RefusedError(refusals.PARSE_FAILED, error.message, errors=[error]) from error


def parse_with_locations(text: str) -> DocumentNode:
    """Return the syntax tree of a text that has been parsed before, for errors that say where something stands."""
    return parse(text, allow_empty_selection_sets=False)


def read_again(text: str) -> DocumentNode:
    """Return the syntax tree of a text that has been read before, without locations."""
    document = quick_parse(text, sys.maxsize)
    return document if document is not None else parse(text, no_location=True, allow_empty_selection_sets=False)
