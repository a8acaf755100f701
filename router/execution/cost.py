"""Estimates what an operation costs before it runs, from `@cost`, `@listSize` and default weights.

The cost of a field is its weight and that of its arguments, plus the cost of what is selected below; a list multiplies
all but the arguments by its size. The weight is that of the field's `@cost`, else of its type's, else 1 for a
composite type and 0 for a leaf; a mutation costs 10 more. Selections under several type conditions are added up, so
the estimate is an upper bound for the sizes assumed.

The estimate is compiled to one expression over the variables, because sizes and conditions may depend on them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from router.execution.refusals import RefusedError
from router.supergraph.read_costs import Costs, ListSize

COST_EXCEEDED = "COST_LIMIT_EXCEEDED"
SIZE_NEEDED = "LIST_SIZE_ARGUMENT_NEEDED"

MUTATION_WEIGHT = 10

# A size that no list has: larger ones could only serve to make the sum hard to compute.
MAX_SIZE = 2**31

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRules:
    """What operations may cost.

    Attributes:
        maximum: The greatest cost allowed; None allows all.
        list_size: Of lists that nothing is said of.
    """

    maximum: int | None = None
    list_size: int = 10


class OperationCost:
    """The cost of one operation as a function of its variables."""

    def __init__(self, text: str, *, is_constant: bool) -> None:
        self.is_constant = is_constant
        self._constant = int(text) if _is_number(text) else 0
        self._estimate: Callable[[Variables], int] | None = None
        if not _is_number(text):
            code = compile(f"lambda v: {text}", "<cost>", "eval")
            self._estimate = eval(code, {"size": _size})  # noqa: S307 - text emitted below

    def estimate(self, variables: Variables) -> int:
        """Return the cost under coerced variables."""
        return self._constant if self._estimate is None else self._estimate(variables)

    def check(self, variables: Variables, maximum: int) -> None:
        """Refuse an operation that costs more than `maximum`.

        Raises:
            RefusedError: With both numbers.
        """
        estimated = self.estimate(variables)
        if estimated > maximum:
            raise RefusedError(
                COST_EXCEEDED,
                f"The operation costs {estimated}; {maximum} is allowed.",
                extensions={"cost": {"estimated": estimated, "maximum": maximum}},
            )


def compile_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    *,
    costs: Costs,
    rules: CostRules,
) -> OperationCost:
    """Return the cost of a valid operation.

    Raises:
        RefusedError: A field needs exactly one of its slicing arguments, and has none or several.
    """
    estimator = _Estimator(schema, document, costs, rules)
    root = schema.get_root_type(operation.operation)
    assert root is not None
    base = MUTATION_WEIGHT if operation.operation is OperationType.MUTATION else 0
    text = estimator.sum([str(base), estimator.selections(root, operation.selection_set, None)])
    return OperationCost(text, is_constant="v" not in text)


@dataclass(frozen=True, slots=True)
class _Sized:
    """The size that a field gives to lists below it."""

    fields: tuple[str, ...]
    text: str


class _Estimator:
    """Writes the expression. Numbers are folded, so that most operations end as one number."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, costs: Costs, rules: CostRules) -> None:
        self._schema = schema
        self._costs = costs
        self._rules = rules
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._of_fragment: dict[tuple[str, _Sized | None], str] = {}

    def selections(self, parent: GraphQLNamedType, selection_set: SelectionSetNode, sized: _Sized | None) -> str:
        return self.sum([self._selection(parent, selection, sized) for selection in selection_set.selections])

    def _selection(self, parent: GraphQLNamedType, selection: SelectionNode, sized: _Sized | None) -> str:
        if isinstance(selection, FieldNode):
            inner = self._field(parent, selection, sized)
        elif isinstance(selection, FragmentSpreadNode):
            inner = self._fragment(selection.name.value, sized)
        else:
            assert isinstance(selection, InlineFragmentNode)
            condition = selection.type_condition
            type_ = self._schema.get_type(condition.name.value) if condition is not None else parent
            assert type_ is not None
            inner = self.selections(type_, selection.selection_set, sized)
        return self._under_conditions(selection, inner)

    def _fragment(self, name: str, sized: _Sized | None) -> str:
        key = (name, sized)
        if key not in self._of_fragment:
            fragment = self._fragments[name]
            type_ = self._schema.get_type(fragment.type_condition.name.value)
            assert type_ is not None
            self._of_fragment[key] = self.selections(type_, fragment.selection_set, sized)
        return self._of_fragment[key]

    def _field(self, parent: GraphQLNamedType, node: FieldNode, sized: _Sized | None) -> str:
        name = node.name.value
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or name not in parent.fields:
            return "0"
        field = parent.fields[name]
        owners = [parent.name, *(possible.name for possible in self._possible(parent))]
        list_size = next((found for owner in owners if (found := self._costs.list_sizes.get((owner, name)))), None)
        told = self._told_size(node, field, list_size) if list_size is not None else None
        below = None
        if told is not None and list_size is not None and list_size.sized_fields:
            below = _Sized(list_size.sized_fields, told)
        inner = "0"
        if node.selection_set is not None:
            inner = self.selections(get_named_type(field.type), node.selection_set, below)
        each = self.sum([str(self._weight(owners, name, field)), inner])
        if is_list_type(get_nullable_type(field.type)):
            size = sized.text if sized is not None and name in sized.fields else None
            if size is None and below is None:
                size = told
            each = self.product(size or str(self._rules.list_size), each)
        given = [argument.name.value for argument in node.arguments or ()]
        weights = [max(self._costs.arguments.get((owner, name, argument), 0) for owner in owners) for argument in given]
        return self.sum([str(sum(weights)), each])

    def _weight(self, owners: list[str], name: str, field: GraphQLField) -> int:
        said = [self._costs.fields[owner, name] for owner in owners if (owner, name) in self._costs.fields]
        if said:
            return max(said)
        type_ = get_named_type(field.type)
        default = 1 if is_composite_type(type_) else 0
        names = [type_.name, *(possible.name for possible in self._possible(type_))]
        said = [self._costs.types[found] for found in names if found in self._costs.types]
        return max(said) if said else default

    def _told_size(self, node: FieldNode, field: GraphQLField, list_size: ListSize) -> str | None:
        """Return the size that the arguments or the schema tell, None if neither does."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        slicing = list_size.slicing_arguments
        written = [name for name in slicing if name in given]
        if list_size.requires_one_argument and slicing and len(written) > 1:
            raise RefusedError(
                SIZE_NEEDED, f"The field {node.name.value} takes one of {', '.join(slicing)}, not several."
            )
        fallback = list_size.assumed
        texts = []
        for name in slicing:
            default = coerce_default_value(field.args[name]) if name in field.args else Undefined
            if name in given:
                texts.append(_value_text(given[name], default if isinstance(default, int) else fallback))
            elif isinstance(default, int):
                texts.append(str(default))
        if list_size.requires_one_argument and slicing and not texts and fallback is None:
            raise RefusedError(SIZE_NEEDED, f"The field {node.name.value} needs one of {', '.join(slicing)}.")
        if not texts:
            return None if fallback is None else str(fallback)
        return texts[0] if len(texts) == 1 else f"max({', '.join(texts)})"

    def _possible(self, type_: GraphQLNamedType) -> list[GraphQLObjectType]:
        return [*self._schema.get_possible_types(type_)] if is_abstract_type(type_) else []

    def _under_conditions(self, selection: SelectionNode, inner: str) -> str:
        for directive in selection.directives or ():
            if directive.name.value not in ("skip", "include") or not directive.arguments:
                continue
            value, is_skip = directive.arguments[0].value, directive.name.value == "skip"
            if isinstance(value, BooleanValueNode):
                inner = "0" if value.value is is_skip else inner
            elif isinstance(value, VariableNode):
                inner = self.product(f"(v.get({value.name.value!r}) is {not is_skip})", inner)
        return inner

    @staticmethod
    def sum(texts: list[str]) -> str:
        number = sum(int(text) for text in texts if _is_number(text))
        rest = [text for text in texts if not _is_number(text)]
        if not rest:
            return str(number)
        return f"({' + '.join([*([str(number)] if number else []), *rest])})"

    @staticmethod
    def product(size: str, each: str) -> str:
        if "0" in (size, each):
            return "0"
        return str(int(size) * int(each)) if _is_number(size) and _is_number(each) else f"{size} * {each}"


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdigit()


def _value_text(value: ValueNode, fallback: int | None) -> str:
    """Return the expression for the size that an argument tells."""
    if isinstance(value, IntValueNode):
        return str(_size(int(value.value), 0))
    if isinstance(value, VariableNode):
        return f"size(v.get({value.name.value!r}), {fallback or 0})"
    return str(fallback or 0)  # null


def _size(value: object, fallback: int) -> int:
    """Return a size between 0 and MAX_SIZE; `fallback` for what is none."""
    return min(max(value, 0), MAX_SIZE) if isinstance(value, int) else fallback
