"""Names the fields of an operation that no graph can supply, for the refusal.

Composition proves that there are none. But a supergraph may come from elsewhere, and then an answer with holes would
look like missing data.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from router.errors import ClientError
from router.supergraph.selections import Selection


class UnreachableFieldError(ClientError):
    """No subgraph can supply a field where the operation wants it: the supergraph does not keep what it promises.

    Attributes:
        fields: Response path and coordinate of each such field.
    """

    code: ClassVar[str] = "UNREACHABLE_FIELD"

    def __init__(self, fields: tuple[tuple[str, str], ...]) -> None:
        names = ", ".join(f"{coordinate} (at {path})" for path, coordinate in fields)
        super().__init__(f"No subgraph can supply {names}.")
        self.fields = fields


def name_unreachable(residual: Iterable[Selection], *, path: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """Return response path and coordinate of every leaf that is left over, each once and in order."""
    found: dict[tuple[str, str], None] = {}
    for item in residual:
        here = (*path, item.key)
        if item.selections is not None and item.selections.items:
            found.update(dict.fromkeys(name_unreachable(item.selections.items, path=here)))
        else:
            found[".".join(here), f"{item.on}.{item.name}"] = None
    return tuple(found)
