"""Progressive overrides: which labels are on for one request.

`percent(x)` is on for x of a hundred viewers: by a hash of who is signed in, so that a viewer stays on one side, and by
lot for nobody. One number decides for all percentages of a request, so that whoever is in five percent is in fifty as
well, and there are no more plans of an operation than there are percentages. Any other label is on if the request says
so.
"""

import random
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

NO_LABELS: frozenset[str] = frozenset()

_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRules:
    """How lots are drawn.

    Attributes:
        draw: Returns a number from 0 up to, and without, 1.
    """

    draw: Callable[[], float] = random.random


class OverrideLabels:
    """The labels of one supergraph.

    Args:
        labels: All that occur.
        rules: See `OverrideRules`.
    """

    def __init__(self, labels: Iterable[str], rules: OverrideRules) -> None:
        shares: dict[str, float] = {}
        others: set[str] = set()
        for label in labels:
            percent = _PERCENT.fullmatch(label)
            if percent is None:
                others.add(label)
            else:
                shares[label] = float(percent[1]) / 100
        self._draw = rules.draw
        self._others = frozenset(others)
        # Below the first limit all percentages are on, from the last on none is.
        self._limits = sorted(set(shares.values()))
        self._sets = [
            *(frozenset(label for label, share in shares.items() if share >= limit) for limit in self._limits),
            NO_LABELS,
        ]
        self.exist = bool(shares or others)

    def active(self, *, subject: str | None, asked: Collection[str]) -> frozenset[str]:
        """Return the labels that are on.

        Args:
            subject: Who is signed in; None for nobody.
            asked: What the request says is on.
        """
        found = NO_LABELS
        if self._limits:
            point = self._draw() if subject is None else _point_of(subject)
            found = self._sets[bisect_right(self._limits, point)]
        more = self._others.intersection(asked) if asked else NO_LABELS
        return found | more if more else found


def _point_of(subject: str) -> float:
    """Return a number from 0 up to, and without, 1 that is always the same for one viewer."""
    return int.from_bytes(sha256(subject.encode("utf-8", "surrogatepass")).digest()[:6]) / 2**48
