"""What is wanted for particular types, out of what is wanted at a position. Equal wishes are the same object."""

from __future__ import annotations

from collections.abc import Iterable

from router.supergraph.selections import Selection, SelectionSet, merge_selections


class Wishes:
    """Sub-selections by type, and joined `@provides` views."""

    def __init__(self) -> None:
        self._by_mask: dict[tuple[SelectionSet, int], SelectionSet] = {}
        self._by_items: dict[tuple[Selection, ...], SelectionSet] = {}
        self._views: dict[tuple[SelectionSet, ...], SelectionSet] = {}

    def common_to(self, wanted: SelectionSet, mask: int) -> SelectionSet:
        """Return the fields wanted for all types of `mask`, equal ones joined, without `__typename`.

        Types that want the same get the same object.
        """
        known = self._by_mask.get((wanted, mask))
        if known is None:
            items = tuple(item for item in wanted.items if item.mask & mask == mask and item.name != "__typename")
            known = self._by_items.get(items)
            if known is None:
                known = self._by_items[items] = SelectionSet(_without_repetition(items))
            self._by_mask[wanted, mask] = known
        return known

    def joined(self, views: Iterable[SelectionSet | None]) -> SelectionSet | None:
        """Return everything that any of the views provides."""
        present = tuple(view for view in views if view is not None)
        if len(present) < 2:
            return present[0] if present else None
        known = self._views.get(present)
        if known is None:
            known = SelectionSet(merge_selections(item for view in present for item in view.items))
            self._views[present] = known
        return known


def _without_repetition(items: tuple[Selection, ...]) -> Iterable[Selection]:
    """Join equal fields whatever type they were selected on, and drop a leaf that is also wanted unconditionally."""
    if len(items) < 2 or len({item.key for item in items}) == len(items):
        return items
    merged = merge_selections(item.narrowed(-1) for item in items)
    certain = {item.identity for item in merged if not item.guards and item.selections is None}
    return [
        item
        for item in merged
        if not item.guards
        or item.selections is not None
        or (item.key, item.name, item.arguments, frozenset()) not in certain
    ]
