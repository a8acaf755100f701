"""`@context` and `@fromContext`: contexts have plain names, and an argument takes one value of a fitting type from one.

The value has to be clear for every type that sets the context: one leaf, or one per object type, without alias or
directive.
"""

from collections.abc import Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from router.composition.contexts import ContextualArgument, contextual_arguments, parse_context_selection, setters
from router.composition.errors import Report, name_list, subgraph_list
from router.composition.field_sets import FieldSetError, selected_fields
from router.composition.model import Kind, SubgraphSchema, TypeDefinition
from router.composition.type_text import is_list, is_non_null, item_type, named_type, nullable


def check_contexts(schema: SubgraphSchema, *, report: Report) -> None:
    """Check every context of a subgraph and everything that is taken from one."""
    _check_names(schema, report)
    _check_directive_definitions(schema, report)
    for argument in contextual_arguments(schema):
        _check_argument(argument, schema, report)


def _check_names(schema: SubgraphSchema, report: Report) -> None:
    for definition in schema.types.values():
        for applied in definition.all_applied("context"):
            name = applied.text("name") or ""
            # The supergraph puts the subgraph before the name, with "_" between.
            if not (name.isascii() and name.isalnum() and name[0].isalpha()):
                report.error(
                    "CONTEXT_NAME_INVALID",
                    f'"{definition.name}" in {subgraph_list([schema.name])} sets the context "{name}". Give it a'
                    " name that begins with a letter and has only letters and digits.",
                    subgraphs=[schema.name],
                )


def _check_directive_definitions(schema: SubgraphSchema, report: Report) -> None:
    local = schema.local_names.get("fromContext")
    for node in schema.directive_nodes.values():
        for argument in node.arguments or ():
            if any(applied.name.value == local for applied in argument.directives or ()):
                _not_set(f"@{node.name.value}({argument.name.value}:)", "is an argument of a directive", schema, report)


def _check_argument(found: ContextualArgument, schema: SubgraphSchema, report: Report) -> None:
    if found.owner.kind is not Kind.OBJECT:
        _not_set(found.coordinate, "is an argument of an interface field", schema, report)
        return
    for interface in found.owner.interfaces:
        if schema.field(interface, found.field.name) is not None:
            reason = f'is an argument of a field that implements "{interface}.{found.field.name}"'
            _not_set(found.coordinate, reason, schema, report)
    if found.argument.default is not None:
        _not_set(found.coordinate, "has a default, which nobody would see", schema, report)
    if found.context is None:
        report.error(
            "NO_CONTEXT_IN_SELECTION",
            f'"{found.coordinate}" in {subgraph_list([schema.name])} has @fromContext, but does not name a context and'
            ' what to take from it. Write it as in "$context { field }".',
            subgraphs=[schema.name],
        )
        return
    setting = setters(found.context, schema)
    if setting:
        problem = _problem(found, setting, schema)
        if problem is not None:
            report.error(
                "CONTEXT_INVALID_SELECTION",
                f'"{found.coordinate}" in {subgraph_list([schema.name])} takes "{found.selection_text.strip()}" from'
                f' the context "{found.context}", but {problem}.',
                subgraphs=[schema.name],
            )
    else:
        report.error(
            "CONTEXT_NOT_SET",
            f'"{found.coordinate}" in {subgraph_list([schema.name])} takes its value from the context'
            f' "{found.context}", which no type there sets. Put @context(name: "{found.context}") on one.',
            subgraphs=[schema.name],
        )
    if not any(key.is_resolvable for key in schema.keys.get(found.owner.name, ())):
        report.error(
            "CONTEXT_NO_RESOLVABLE_KEY",
            f'"{found.coordinate}" in {subgraph_list([schema.name])} takes its value from a context, but'
            f' "{found.owner.name}" has no resolvable @key there, by which the router could come with the value. Add'
            " one.",
            subgraphs=[schema.name],
        )


def _not_set(coordinate: str, reason: str, schema: SubgraphSchema, report: Report) -> None:
    report.error(
        "CONTEXT_NOT_SET",
        f'"{coordinate}" in {subgraph_list([schema.name])} has @fromContext, but {reason}. Only an argument without'
        " default of an object's own field can take its value from a context.",
        subgraphs=[schema.name],
    )


def _problem(found: ContextualArgument, setting: list[TypeDefinition], schema: SubgraphSchema) -> str | None:
    """Return what is wrong with a selection, None when every type that sets the context can answer it."""
    try:
        selection = parse_context_selection(found.selection_text)
        _refuse_decoration(selection)
        if isinstance(selection.selections[0], FieldNode):
            _check_field(found, selection, setting, schema)
        else:
            _check_fragments(found, selection, setting, schema)
    except FieldSetError as error:
        return str(error)
    return None


def _refuse_decoration(selection: SelectionSetNode) -> None:
    for node in selection.selections:
        if isinstance(node, FragmentSpreadNode):
            raise FieldSetError(f"it spreads the fragment {node.name.value}; write an inline fragment")
        if node.directives:
            raise FieldSetError("it has a directive")
        if isinstance(node, FieldNode) and node.alias is not None:
            raise FieldSetError(f'it gives "{node.name.value}" the alias "{node.alias.value}"')
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
            _refuse_decoration(node.selection_set)


def _check_field(
    found: ContextualArgument, selection: SelectionSetNode, setting: list[TypeDefinition], schema: SubgraphSchema
) -> None:
    for setter in setting:
        _check_type(found, _value_type(selection, setter, schema), setter)


def _check_fragments(
    found: ContextualArgument, selection: SelectionSetNode, setting: list[TypeDefinition], schema: SubgraphSchema
) -> None:
    by_condition: dict[str, SelectionSetNode] = {}
    for node in selection.selections:
        if not isinstance(node, InlineFragmentNode):
            raise FieldSetError("it selects fields beside fragments; a value comes from one field")
        condition = node.type_condition.name.value if node.type_condition else ""
        if condition not in schema.types or schema.types[condition].kind is not Kind.OBJECT:
            raise FieldSetError(f'it has a condition on "{condition}", which is no object type')
        if condition in by_condition:
            raise FieldSetError(f'it has two conditions on "{condition}"')
        by_condition[condition] = node.selection_set
    unused = set(by_condition)
    for setter in setting:
        fitting = [name for name in by_condition if name in schema.possible_types(setter.name)]
        if not fitting:
            raise FieldSetError(f'none of its conditions is on a type that "{setter.name}" may be')
        unused -= set(fitting)
        for name in fitting:
            value_type = _value_type(by_condition[name], schema.types[name], schema)
            _check_type(found, value_type, schema.types[name])
    if unused:
        raise FieldSetError(f"no type that sets the context is ever a {name_list(sorted(unused))}")


def _value_type(selection: SelectionSetNode, of: TypeDefinition, schema: SubgraphSchema) -> str:
    """Return the type of the one leaf that is selected, in the lists that the way there goes through.

    Nothing in it is non-null: an object above may turn out to be null, or of a type without the field.
    """
    if of.is_interface_object:
        raise FieldSetError(f'it selects from "{of.name}", an @interfaceObject')
    if len(selection.selections) != 1:
        raise FieldSetError("it selects several fields, where a value comes from one. Select one")
    selected = list(selected_fields(selection, of=of.name, schema=schema))
    if not selected or selected[0].type_name != of.name:
        raise FieldSetError("it selects no field of the types that set the context")
    first = selected[0]
    inner = named_type(first.field.type)
    if first.node.selection_set is not None:
        inner = _value_type(first.node.selection_set, schema.types[inner], schema)
    return "".join("[" for _ in _lists(first.field.type)) + inner + "".join("]" for _ in _lists(first.field.type))


def _lists(type_text: str) -> Iterator[None]:
    while is_list(type_text):
        yield None
        type_text = item_type(type_text)


def _check_type(found: ContextualArgument, value_type: str, of: TypeDefinition) -> None:
    if not _takes(found.argument.type, value_type):
        raise FieldSetError(
            f'of "{of.name}" that is of type {value_type}, which may be null, and the argument of type'
            f" {found.argument.type}"
        )


def _takes(argument_type: str, value_type: str) -> bool:
    """Whether an argument takes every value of a type in which everything may be null."""
    if is_non_null(argument_type):
        return False
    if is_list(argument_type) and is_list(value_type):
        return _takes(item_type(nullable(argument_type)), item_type(nullable(value_type)))
    return argument_type == value_type
