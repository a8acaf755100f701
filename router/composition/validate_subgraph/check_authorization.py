"""Authorisation directives stand on what is returned, never on an interface, which others implement."""

from router.composition.errors import Report, subgraph_list
from router.composition.model import Element, Kind, SubgraphSchema

AUTHORIZATION_DIRECTIVES = ("authenticated", "requiresScopes", "policy")


def check_authorization(schema: SubgraphSchema, *, report: Report) -> None:
    """Refuse authorisation on interfaces, their fields, and interface objects."""
    for definition in schema.types.values():
        if definition.merged_kind is not Kind.INTERFACE:
            continue
        _refuse(definition, definition.name, schema, report)
        if definition.kind is Kind.INTERFACE:
            for field in definition.fields.values():
                _refuse(field, f"{definition.name}.{field.name}", schema, report)


def _refuse(element: Element, coordinate: str, schema: SubgraphSchema, report: Report) -> None:
    for directive in AUTHORIZATION_DIRECTIVES:
        if element.uses(directive):
            report.error(
                "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
                f'"{coordinate}" in {subgraph_list([schema.name])} has @{directive}, but is an interface, a field of'
                " one, or an interface object. Put the directive on the implementations.",
                subgraphs=[schema.name],
            )
