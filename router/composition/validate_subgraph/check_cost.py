"""`@cost` and `@listSize`: a weight stands where something is resolved, a size speaks of lists that are there."""

from collections.abc import Iterator

from router.composition.errors import Report, subgraph_list
from router.composition.model import (
    COMPOSITE_KINDS,
    AppliedDirective,
    Kind,
    OutputField,
    SubgraphSchema,
    TypeDefinition,
)
from router.composition.type_text import is_list, named_type, nullable

_Problem = tuple[str, str]


def check_cost(schema: SubgraphSchema, *, report: Report) -> None:
    """Check every weight and list size of a subgraph."""
    for definition in schema.types.values():
        for field in definition.fields.values():
            for code, problem in _problems(definition, field, schema):
                report.error(
                    code,
                    f'"{definition.name}.{field.name}" in {subgraph_list([schema.name])} has {problem}.',
                    subgraphs=[schema.name],
                )


def _problems(definition: TypeDefinition, field: OutputField, schema: SubgraphSchema) -> Iterator[_Problem]:
    if definition.kind is Kind.INTERFACE and field.uses("cost"):
        yield (
            "COST_APPLIED_TO_INTERFACE_FIELD",
            "@cost, but is an interface field. Put the weight on the fields of the implementations",
        )
    for applied in field.all_applied("listSize"):
        yield from _size_problems(applied, field)
        yield from _slicing_problems(applied, field)
        yield from _sized_problems(applied, field, schema)


def _size_problems(applied: AppliedDirective, field: OutputField) -> Iterator[_Problem]:
    if not is_list(field.type) and not applied.texts("sizedFields"):
        yield (
            "LIST_SIZE_APPLIED_TO_NON_LIST",
            f"@listSize, but its type {field.type} is no list. Name its lists in sizedFields, or remove the directive",
        )
    assumed = applied.untyped("assumedSize")
    if isinstance(assumed, int) and assumed < 0:
        yield "LIST_SIZE_INVALID_ASSUMED_SIZE", f"the assumed list size {assumed}. Give it one from 0 up"


def _slicing_problems(applied: AppliedDirective, field: OutputField) -> Iterator[_Problem]:
    for name in applied.texts("slicingArguments"):
        argument = field.arguments.get(name)
        if argument is None:
            yield (
                "LIST_SIZE_INVALID_SLICING_ARGUMENT",
                f'the slicing argument "{name}", which is none of its arguments. Name one that limits the list',
            )
        elif nullable(argument.type) != "Int":
            yield (
                "LIST_SIZE_INVALID_SLICING_ARGUMENT",
                f'the slicing argument "{name}" of type {argument.type}. Name one of type Int',
            )


def _sized_problems(applied: AppliedDirective, field: OutputField, schema: SubgraphSchema) -> Iterator[_Problem]:
    names = applied.texts("sizedFields")
    child = schema.types.get(named_type(field.type))
    if names and (child is None or child.kind not in COMPOSITE_KINDS):
        yield (
            "LIST_SIZE_INVALID_SIZED_FIELD",
            f"sized fields, but its type {field.type} has no fields. Remove sizedFields",
        )
        return
    for name in names:
        sized = None if child is None else child.fields.get(name)
        if child is not None and sized is None:
            yield (
                "LIST_SIZE_INVALID_SIZED_FIELD",
                f'the sized field "{name}", which "{child.name}" does not have. Name one of its lists',
            )
        elif child is not None and sized is not None and not is_list(sized.type):
            yield (
                "LIST_SIZE_APPLIED_TO_NON_LIST",
                f'the sized field "{name}" of type {sized.type}, which is no list. Name a list of "{child.name}"',
            )
