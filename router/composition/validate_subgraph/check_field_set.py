"""What `@key`, `@requires` and `@provides` have in common: a string that selects fields of a type.

Each directive's own rules are in its own file.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from router.composition.errors import Report, subgraph_list
from router.composition.field_sets import FieldSetError, SelectedField, parse_field_set, selected_fields
from router.composition.model import AppliedDirective, SubgraphSchema


@dataclass(frozen=True, slots=True)
class FieldSetUse:
    """A directive with a field set: on which element it stands, and of which type it selects fields."""

    directive: AppliedDirective
    element: str
    of: str

    def __str__(self) -> str:
        return f'{self.directive} on "{self.element}"'

    @property
    def code(self) -> str:
        """What the directive's error codes begin with."""
        return self.directive.name.upper()


def check_field_set(
    use: FieldSetUse, schema: SubgraphSchema, *, report: Report, below_external: bool = False
) -> list[SelectedField]:
    """Return the fields that the set selects; empty when it is refused, and why is in the report."""
    text = use.directive.text("fields")
    where = subgraph_list([schema.name])
    if text is None:
        report.error(
            f"{use.code}_INVALID_FIELDS_TYPE",
            f"{use} in {where} does not give its fields as a string. Write them in one pair of quotes.",
            subgraphs=[schema.name],
        )
        return []
    try:
        selection = parse_field_set(text)
        _refuse_aliases(selection)
        selected = list(selected_fields(selection, of=use.of, schema=schema, below_external=below_external))
    except FieldSetError as error:
        report.error(
            f"{use.code}_INVALID_FIELDS",
            f'{use} in {where} is no valid selection of "{use.of}": {error}. Correct it.',
            subgraphs=[schema.name],
        )
        return []
    if any(node.directives for node in _nodes(selection)):
        report.error(
            f"{use.code}_DIRECTIVE_IN_FIELDS_ARG",
            f"{use} in {where} has a directive inside its fields, which has no meaning there. Remove it.",
            subgraphs=[schema.name],
        )
        return []
    return selected


def refuse_arguments(use: FieldSetUse, selected: list[SelectedField], schema: SubgraphSchema, report: Report) -> None:
    """Refuse fields that take arguments: in a key or a provided path there is nobody to give them."""
    for field in selected:
        if field.field.arguments:
            report.error(
                f"{use.code}_FIELDS_HAS_ARGS",
                f'{use} in {subgraph_list([schema.name])} selects "{field.type_name}.{field.field.name}", which has'
                " arguments. Select a field without arguments.",
                subgraphs=[schema.name],
            )


def refuse_resolved_leaves(
    use: FieldSetUse, selected: list[SelectedField], schema: SubgraphSchema, report: Report
) -> None:
    """Refuse leaves that this subgraph resolves itself: only what is external can be required or provided."""
    for field in selected:
        if not field.is_leaf or field.below_external or _is_external_anywhere(field, schema):
            continue
        report.error(
            f"{use.code}_FIELDS_MISSING_EXTERNAL",
            f'{use} in {subgraph_list([schema.name])} selects "{field.type_name}.{field.field.name}", which the'
            " subgraph resolves itself. Mark the field @external, or leave it out of the fields.",
            subgraphs=[schema.name],
        )


def _is_external_anywhere(selected: SelectedField, schema: SubgraphSchema) -> bool:
    names = {selected.type_name, *schema.possible_types(selected.type_name)}
    return any(schema.is_external(name, selected.field.name) for name in names)


def _nodes(selection: SelectionSetNode) -> Iterator[FieldNode | InlineFragmentNode]:
    for node in selection.selections:
        if isinstance(node, FieldNode | InlineFragmentNode):
            yield node
            if node.selection_set is not None:
                yield from _nodes(node.selection_set)


def _refuse_aliases(selection: SelectionSetNode) -> None:
    for node in _nodes(selection):
        if isinstance(node, FieldNode) and node.alias is not None:
            raise FieldSetError(f'it gives "{node.name.value}" the alias "{node.alias.value}"')
