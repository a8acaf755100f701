"""How one fault of an input, and all of them together, are told."""

from typing import ClassVar

from subgraphs.shared.errors import BadUserInputError


class AccountRefusalError(BadUserInputError):
    """One fault of an input. `path` names the field, outermost first; empty when no single field is at fault."""

    path: ClassVar[tuple[str, ...]] = ()
    text: ClassVar[str] = ""

    def __init__(self, message: str = "", *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message or self.text)
        self.full_path = path or self.path


class RefusedError(Exception):
    """Every fault of one input, in the order of its fields. Nothing was changed."""

    def __init__(self, *refusals: AccountRefusalError) -> None:
        super().__init__(", ".join(refusal.cause for refusal in refusals))
        self.refusals = refusals
