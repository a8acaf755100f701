"""An operation under one set of values of its condition variables: its fetches and the projection, ready to run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from router.execution.client_selections import ClientSelections
from router.execution.conditions import Conditions
from router.execution.contextual_fetch import has_contexts
from router.execution.fetches import CompiledFetch, compile_fetch
from router.execution.projection import Projection
from router.execution.quick_projection import QuickProjection, compile_quick_projection, quick_or_careful
from router.execution.reply_types import ReplyTypes, find_reply_types
from router.execution.shared_objects import (
    SharedPosition,
    Sharing,
    ancestors_of,
    compile_sharing,
    find_shared_positions,
)
from router.execution.transport import ReplyDecoder
from router.execution.typed_merge import Hide, compile_hiding
from router.planning.plan import EntityFetch, OperationKind, QueryPlan, RootFetch

Fetches = Sequence[RootFetch | EntityFetch]


@dataclass(frozen=True, slots=True)
class FetchStep:
    """A fetch with its place among the others: `dependents` wait for it, it waits for `awaited_count` others.

    Attributes:
        sharing: To be done when the fetch is complete, before its dependents start.
    """

    fetch: CompiledFetch
    dependents: tuple[int, ...]
    awaited_count: int
    sharing: Sharing | None = None


@dataclass(frozen=True, slots=True)
class TypedVariant:
    """What a variant needs for replies with types.

    Attributes:
        decoders: Of the replies to its fetches, by their ids.
        hide: Empties what the client does not see, before the projection.
        projection: For data all of which the decoders have read. Its result is for msgspec to write.
    """

    decoders: Mapping[int, ReplyDecoder]
    hide: Hide | None
    projection: QuickProjection


@dataclass(frozen=True, slots=True)
class Variant:
    """The operation under one set of values of its condition variables.

    Attributes:
        steps: All fetches but the one that subscribes.
        slots: How many positions share their objects.
        is_compiled: Whether it runs as generated code.
        typed: What it needs for replies with types; None where those are of no use.
    """

    steps: tuple[FetchStep, ...]
    projection: Projection
    slots: int = 0
    is_compiled: bool = False
    typed: TypedVariant | None = None


def plain_variant(plan: QueryPlan, fetches: Fetches, *, conditions: Conditions, projection: Projection) -> Variant:
    """Return the variant without generated code.

    Args:
        plan: Of the operation.
        fetches: Those of it that are sent.
        conditions: Values of the condition variables.
        projection: Of all that the client selects.
    """
    compiled = [compile_fetch(fetch, plan=plan, conditions=conditions) for fetch in fetches]
    return Variant(_steps(plan, fetches, compiled, {}), projection)


def compiled_variant(
    plan: QueryPlan,
    fetches: Fetches,
    *,
    conditions: Conditions,
    selections: ClientSelections,
    select_again: Callable[[], ClientSelections],
) -> Variant:
    """Return the variant as generated code.

    Args:
        plan: Of the operation.
        fetches: Those of it that are sent.
        conditions: Values of the condition variables.
        selections: Of the client.
        select_again: Returns what `selections` is, if it is needed, so that it need not be kept.
    """
    ancestors = ancestors_of({fetch.id: fetch.depends_on for fetch in plan.fetches})
    # Equal objects below different ones are not alike where arguments take their values from those above.
    takes_contexts = any(isinstance(fetch, EntityFetch) and has_contexts(fetch) for fetch in fetches)
    shared = [] if takes_contexts else find_shared_positions(fetches, ancestors)
    may_have_types = plan.kind is OperationKind.QUERY and not takes_contexts
    types = find_reply_types(selections, fetches, plan=plan) if may_have_types else None
    compiled = [compile_fetch(fetch, plan=plan, conditions=conditions, shared=shared, types=types) for fetch in fetches]
    plain = compile_sharing(shared, ancestors)
    typed = compile_sharing(shared, ancestors, types.forms) if types is not None else plain
    sharing = {fetch: Sharing(plain[fetch], typed[fetch]) for fetch in plain}
    return Variant(
        _steps(plan, fetches, compiled, sharing),
        quick_or_careful(selections, shared=[position.keys for position in shared], select_again=select_again),
        slots=len(shared),
        is_compiled=True,
        typed=_typed_variant(types, selections, shared) if types is not None else None,
    )


def _typed_variant(
    types: ReplyTypes, selections: ClientSelections, shared: Sequence[SharedPosition]
) -> TypedVariant | None:
    keys = [position.keys for position in shared]
    projection = compile_quick_projection(selections, shared=keys, whole=types.forms)
    return TypedVariant(types.decoders, compile_hiding(types.forms, shared), projection) if projection else None


def _steps(
    plan: QueryPlan, fetches: Fetches, compiled: Sequence[CompiledFetch], sharing: Mapping[int, Sharing]
) -> tuple[FetchStep, ...]:
    places = {fetch.id: place for place, fetch in enumerate(fetches)}
    # A fetch that is not sent counts as complete, but what it waited for still comes first.
    awaited = [_dependencies(plan, fetch.depends_on, places) for fetch in fetches]
    return tuple(
        FetchStep(
            fetch=compiled[place],
            dependents=tuple(other for other, needs in enumerate(awaited) if place in needs),
            awaited_count=len(awaited[place]),
            sharing=sharing.get(fetch.id),
        )
        for place, fetch in enumerate(fetches)
    )


def _dependencies(plan: QueryPlan, ids: Sequence[int], places: Mapping[int, int]) -> frozenset[int]:
    found: set[int] = set()
    for fetch_id in ids:
        if fetch_id in places:
            found.add(places[fetch_id])
        else:
            found |= _dependencies(plan, plan.fetches[fetch_id].depends_on, places)
    return frozenset(found)
