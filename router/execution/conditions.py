"""`@skip` and `@include`: which variables decide, and whether a selection or fetch stands under given values."""

from collections.abc import Mapping

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
)

from router.planning.plan import Condition

Conditions = Mapping[str, bool]


def holds(condition: Condition, conditions: Conditions) -> bool:
    """Return whether a condition of the plan is true under the given values."""
    return not condition or any(
        all(conditions.get(test.name, False) == test.value for test in tests) for tests in condition
    )


def condition_variables(document: DocumentNode) -> tuple[str, ...]:
    """Return the names of all variables used in `@skip` or `@include` of a valid document, sorted."""
    names: set[str] = set()
    waiting = [
        node.selection_set
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while waiting:
        for selection in waiting.pop().selections:
            for directive in selection.directives or ():
                if directive.name.value in ("skip", "include"):
                    names.update(
                        argument.value.name.value
                        for argument in directive.arguments or ()
                        if isinstance(argument.value, VariableNode)
                    )
            inner = getattr(selection, "selection_set", None)  # a spread has none
            if inner is not None:
                waiting.append(inner)
    return tuple(sorted(names))


def is_included(selection: SelectionNode, conditions: Conditions) -> bool:
    """Return whether neither `@skip` nor `@include` removes the selection.

    The document is valid: each directive occurs once and has its `if`, a boolean or a variable in `conditions`.
    """
    for directive in selection.directives or ():
        name = directive.name.value
        if name not in ("skip", "include"):
            continue
        assert directive.arguments
        value = directive.arguments[0].value
        if isinstance(value, VariableNode):
            is_true = conditions[value.name.value]
        else:
            assert isinstance(value, BooleanValueNode)
            is_true = value.value
        if is_true == (name == "skip"):
            return False
    return True
