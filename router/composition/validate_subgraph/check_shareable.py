"""`@shareable`: once per declaration, and not on interface fields, which nobody resolves."""

from router.composition.errors import Report, subgraph_list
from router.composition.model import Kind, SubgraphSchema


def check_shareable(schema: SubgraphSchema, *, report: Report) -> None:
    """Check every use of `@shareable` in a subgraph."""
    where = subgraph_list([schema.name])
    for definition in schema.types.values():
        for field in definition.fields.values():
            uses = list(field.all_applied("shareable"))
            if not uses:
                continue
            if definition.kind is Kind.INTERFACE:
                problem = "is an interface field. Mark the fields of the implementations"
            elif len(uses) > 1:
                problem = "is marked @shareable more than once. Keep one"
            else:
                continue
            report.error(
                "INVALID_SHAREABLE_USAGE",
                f'"{definition.name}.{field.name}" in {where} has @shareable, but it {problem}.',
                subgraphs=[schema.name],
            )
