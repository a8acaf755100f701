"""Saves requests: what nobody waits for can travel with a later fetch that asks the same graph about the same objects.

A fetch on which no other depends may start at any time before the end of the plan. If the objects are sent to its graph
again later anyway, because of a requirement, both become one request, and the subgraph loads each object once. Fetches
about different objects stay apart: there is nothing to save but the request, and the early one need not wait.
"""

from __future__ import annotations

from router.planning.drafts import FetchDraft, TargetDraft


def postpone_fetches(drafts: list[FetchDraft]) -> list[FetchDraft]:
    """Return the drafts, which run in this order, with early ones moved into later ones where that delays nothing."""
    kept = list(drafts)
    for early in drafts:
        if early.root is not None or any(early in other.depends_on for other in kept):
            continue
        later = next((draft for draft in kept if _can_carry(draft, early)), None)
        if later is not None:
            _move(early, later)
            kept.remove(early)
    return kept


def _can_carry(later: FetchDraft, early: FetchDraft) -> bool:
    return (
        later.root is None
        and later.graph == early.graph
        and later.wave > early.wave
        and early.targets.keys() <= later.targets.keys()
    )


def _move(early: FetchDraft, later: FetchDraft) -> None:
    later.depends_on |= early.depends_on
    for path, targets in early.targets.items():
        there = later.targets.setdefault(path, [])
        for target in targets:
            home = next((known for known in there if _can_take(known, target)), None)
            if home is None:
                there.append(target)
            else:
                _join(target, home)


def _can_take(known: TargetDraft, target: TargetDraft) -> bool:
    return (
        known.guards == target.guards
        and known.is_opaque == target.is_opaque
        and known.templates.keys() == target.templates.keys()
        and all(known.fits(key, values) for key, values in target.templates.items())
    )


def _join(target: TargetDraft, home: TargetDraft) -> None:
    for key, values in target.templates.items():
        home.templates[key].update(values)
    home.contexts.update(target.contexts)
    for name, selection in target.entities.items():
        known = home.entities.get(name)
        if known is None:
            home.entities[name] = selection
        else:
            known.absorb(selection)
