"""Plans one operation. This module is the table of contents of the package.

read the operation        normal form: fields with types and conditions, no fragments        (read_operation)
ask for contexts          what fields below need of the objects above them                  (ask_contexts)
choose graphs             which graph supplies which field, at the least cost                (choose_graphs)
refuse what is left over  a field that no graph can supply                                   (name_unreachable)
name responses            internal keys, where the client's would not do                     (name_responses)
build fetches             selections, targets, dependencies                                  (build_fetches)
write the plan            documents, entries, conditions                                     (write_plan)
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from graphql import DocumentNode

from router.planning.ask_contexts import ask_contexts
from router.planning.budget import STEP_BUDGET, TIME_BUDGET_SECONDS, Budget
from router.planning.build_fetches import FetchBuilder
from router.planning.choices import GroupOutcome
from router.planning.choose_graphs import GraphChooser
from router.planning.moves import moves_of
from router.planning.name_responses import ResponseNames
from router.planning.name_unreachable import UnreachableFieldError, name_unreachable
from router.planning.plan import OperationKind, QueryPlan
from router.planning.read_operation import read_operation
from router.planning.write_plan import write_fetches
from router.supergraph import Supergraph
from router.supergraph.selections import SelectionSet


def plan_operation(
    supergraph: Supergraph,
    document: DocumentNode,
    operation_name: str | None = None,
    *,
    step_budget: int = STEP_BUDGET,
    time_budget_seconds: float = TIME_BUDGET_SECONDS,
    clock: Callable[[], float] = monotonic,
) -> QueryPlan:
    """Return the query plan of an operation.

    The same operation and supergraph always give the same plan, and so does a supergraph whose subgraphs have other
    names or another order (but for the names).

    Args:
        supergraph: Where to plan.
        document: Already validated against `supergraph.api_schema`.
        operation_name: Which of its operations; may be None if there is only one.
        step_budget: Upper bound of the work.
        time_budget_seconds: Upper bound of the time spent on choosing subgraphs.
        clock: Seconds that only grow.

    Raises:
        QueryPlanningBudgetExceededError: The operation leaves too many choices open, or there was no time to try them.
        UnreachableFieldError: No subgraph can supply a field where the operation wants it.
        OperationNotFoundError: The document has no such operation, or several and none was named.
    """
    operation = read_operation(document, operation_name, types=supergraph.types, root_types=supergraph.root_types)
    moves = moves_of(supergraph)
    wanted = operation.wanted
    if moves.has_contexts:
        wanted = ask_contexts(wanted, supergraph.types, supergraph.object_names)
    chooser = GraphChooser(moves, Budget(steps=step_budget, seconds=time_budget_seconds, clock=clock))
    names = ResponseNames(moves)
    names.claim_operation(wanted)
    outcomes: list[GroupOutcome] = []
    for part in _segments(operation.kind, wanted):
        outcome = chooser.solve_root(operation.root_type, part)
        if outcome.residual:
            raise UnreachableFieldError(name_unreachable(outcome.residual))
        outcomes.append(outcome)
    variables = [definition.variable.name.value for definition in operation.node.variable_definitions or ()]
    builder = FetchBuilder(moves, names, taken_variables=variables)
    for segment, outcome in zip(_number_segments(outcomes), outcomes, strict=True):
        builder.build_segment(segment, outcome)
    return QueryPlan(
        kind=operation.kind,
        operation_name=operation.name,
        fetches=write_fetches(
            builder.drafts,
            operation.node,
            graphs=supergraph.graphs,
            context_variables=builder.context_variables,
        ),
        renames=tuple(names.renames),
        has_introspection=operation.has_introspection,
    )


def _segments(kind: OperationKind, wanted: SelectionSet) -> list[SelectionSet]:
    """Return what has to be done one after the other: the root fields of a mutation, or everything at once."""
    if kind is not OperationKind.MUTATION:
        return [wanted] if wanted.items else []
    return [SelectionSet((item,)) for item in wanted.items if item.name != "__typename"]


def _number_segments(outcomes: list[GroupOutcome]) -> list[int]:
    """Return the number of each outcome's segment. Segments run one after the other.

    A mutation field that needs one request only shares it with the next field if that goes to the same graph: a
    subgraph runs the fields of a mutation in order by itself.
    """
    numbers: list[int] = []
    for index, outcome in enumerate(outcomes):
        before = outcomes[index - 1] if index else None
        # The requests of wave 0 are the lowest bits; a single one is the only bit set.
        may_join = before is not None and before.requests.bit_count() == 1 and before.requests & outcome.requests
        numbers.append(numbers[-1] if may_join else index)
    return numbers
