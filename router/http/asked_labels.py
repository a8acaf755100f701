"""What a request says of progressive overrides: labels that are on for it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from router.execution.authorization import Claims

LabelDecision = Callable[[Claims | None, Mapping[str, str]], Collection[str]]
"""Takes the claims of the viewer, None for nobody, and the headers; returns the labels that are on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLabels:
    """Where it is said.

    Attributes:
        header: Set by a trusted edge, labels with commas between; None trusts nobody.
        decide: Of the embedding program.
    """

    header: str | None = None
    decide: LabelDecision | None = None

    def of(self, headers: Mapping[str, str], claims: Claims | None) -> Collection[str]:
        """Return the labels; unknown ones do no harm."""
        said = headers.get(self.header) if self.header is not None else None
        found = [label.strip() for label in said.split(",")] if said else []
        return [*found, *self.decide(claims, headers)] if self.decide is not None else found
