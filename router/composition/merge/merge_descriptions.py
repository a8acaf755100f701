"""Descriptions: the most frequent one wins; among equals the one of the first subgraph."""

from collections import Counter
from collections.abc import Sequence

from router.composition.errors import Report
from router.composition.model import Element


def merge_descriptions(coordinate: str, sources: Sequence[tuple[str, Element]], *, report: Report) -> str | None:
    """Return the description of an element in the supergraph, None when no subgraph describes it."""
    # Counter keeps the order of first occurrence, and so does most_common among equals.
    counts = Counter(element.description for _, element in sources if element.description)
    if not counts:
        return None
    if len(counts) > 1:
        report.hint(
            "INCONSISTENT_DESCRIPTION",
            f'"{coordinate}" is described in {len(counts)} ways; the most frequent description is used.',
        )
    return counts.most_common(1)[0][0]
