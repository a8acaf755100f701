"""Which ad fills a slot on a page."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from subgraphs.ads.models import Candidate, Priority

_DECISIONS = UUID("3f0c1f5e-54a5-4d0c-9f53-0f6e2d1b7c55")
"""Namespace of decision ids."""
_ORDER = list(Priority)


@dataclass(frozen=True, slots=True)
class Decision:
    """The ad for a slot. The same viewer, slot and ad have the same id."""

    decision_id: UUID
    ad: Candidate


def decide(candidates: Sequence[Candidate], *, viewer: str, slot: UUID) -> Decision | None:
    """Return the ad for the viewer's slot, None without a candidate.

    The best class of campaign wins. Within it each creative draws a number from viewer, slot and its own id, and the
    highest wins: the choice repeats, differs between viewers and slots, and a new creative takes over only the slots
    that it wins.

    Args:
        candidates: Creatives that may be shown to the viewer.
        viewer: Text that names the viewer; empty for all who must not be singled out, who all see the same.
        slot: The slot.
    """
    if not candidates:
        return None
    best = min(_ORDER.index(candidate.priority) for candidate in candidates)
    in_class = [candidate for candidate in candidates if _ORDER.index(candidate.priority) == best]
    ad = max(in_class, key=lambda candidate: _draw(viewer, slot, candidate.creative_id))
    return Decision(uuid5(_DECISIONS, f"{viewer}|{slot}|{ad.creative_id}"), ad)


def _draw(viewer: str, slot: UUID, creative_id: UUID) -> bytes:
    return hashlib.sha256(f"{viewer}|{slot}|{creative_id}".encode()).digest()
