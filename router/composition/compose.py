"""Composes subgraphs into a supergraph: the stages, in order. Each stage is a module or package of this one."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from router.composition.errors import CompositionError, CompositionHint, Report
from router.composition.index_subgraph import index_subgraph
from router.composition.leave_out_authorization import leave_out_authorization
from router.composition.merge import merge_subgraphs
from router.composition.model import SubgraphSchema
from router.composition.name_graphs import name_graphs
from router.composition.print_supergraph import print_supergraph
from router.composition.read_subgraph import read_subgraph
from router.composition.satisfiability import check_satisfiability
from router.composition.subgraph import Subgraph
from router.composition.upgrade_federation_1 import upgrade_federation_1
from router.composition.validate_subgraph import validate_subgraph
from router.composition.validate_supergraph import validate_supergraph


@dataclass(frozen=True, slots=True)
class CompositionResult:
    """What composing gave. With errors there is no supergraph, and the text is empty."""

    supergraph_sdl: str = ""
    errors: tuple[CompositionError, ...] = ()
    hints: tuple[CompositionHint, ...] = ()


MAX_SUBGRAPH_PATHS = 1_000_000


def compose(
    subgraphs: Sequence[Subgraph],
    *,
    max_validation_subgraph_paths: int = MAX_SUBGRAPH_PATHS,
    with_authorization: bool = True,
) -> CompositionResult:
    """Compose subgraphs into one supergraph.

    The result does not depend on the order in which they are given. Each stage runs only when those before it found
    no error, so that what follows from an error is not reported beside it. Only what each subgraph has to meet by
    itself is checked in all of them, whatever is wrong with the others.

    Args:
        subgraphs: Name, address and SDL of each.
        max_validation_subgraph_paths: How many paths through subgraphs may be tried to find out whether every operation
            can be answered, before composition is given up.
        with_authorization: Whether the supergraph says what it demands of viewers; see leave_out_authorization.py.
    """
    with _without_garbage_collection():
        return _compose(subgraphs, max_validation_subgraph_paths, with_authorization=with_authorization)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Look for no cycles meanwhile: nearly all that composing makes lives until it ends, and looking costs a tenth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _compose(subgraphs: Sequence[Subgraph], max_subgraph_paths: int, *, with_authorization: bool) -> CompositionResult:
    report = Report()
    schemas = _read_all(subgraphs, report)
    if report.errors:
        # A Federation 1 subgraph is upgraded with an eye on the others, so without them there is nothing to check.
        _validate_all([schema for schema in schemas if not schema.is_federation_1], report)
        return _refused(report)
    upgrade_federation_1(schemas, report=report)
    if report.errors:
        return _refused(report)
    _validate_all(schemas, report)
    if report.errors:
        return _refused(report)
    name_graphs(schemas)
    merged = merge_subgraphs(schemas, report=report)
    if report.errors:
        return _refused(report)
    validate_supergraph(merged, report=report)
    if report.errors:
        return _refused(report)
    check_satisfiability(merged, max_subgraph_paths=max_subgraph_paths, report=report)
    if report.errors:
        return _refused(report)
    if not with_authorization:
        leave_out_authorization(merged)
    return CompositionResult(print_supergraph(merged), hints=tuple(report.hints))


def _validate_all(schemas: Sequence[SubgraphSchema], report: Report) -> None:
    for schema in schemas:
        index_subgraph(schema)
    for schema in schemas:
        validate_subgraph(schema, report=report)


def _read_all(subgraphs: Sequence[Subgraph], report: Report) -> list[SubgraphSchema]:
    """Return the subgraphs in canonical order: by name."""
    ordered = sorted(subgraphs, key=lambda subgraph: subgraph.name)
    counts = Counter(subgraph.name for subgraph in ordered)
    for subgraph in ordered:
        if subgraph.name in ("", "_") or counts[subgraph.name] > 1:
            report.error(
                "INVALID_SUBGRAPH_NAME",
                f'A subgraph cannot be named "{subgraph.name}": names are not empty, not "_", and different from each'
                " other. Rename it.",
                subgraphs=[subgraph.name],
            )
    read = [read_subgraph(subgraph, report=report) for subgraph in ordered]
    return [schema for schema in read if schema is not None]


def _refused(report: Report) -> CompositionResult:
    return CompositionResult(errors=tuple(report.errors), hints=tuple(report.hints))
