"""UserError and OkPayload: how mutations of forms report what the user can mend."""

import strawberry

from subgraphs.shared.errors import ReelgraphError


@strawberry.interface(description="Something that the user can mend, reported as data.")
class UserError:
    code: str = strawberry.field(description="Stable code in capitals; branch on it, not on the message.")
    message: str = strawberry.field(description="English text for developers and logs.")
    path: list[str] | None = strawberry.field(
        default=None, description="Input field at fault, outermost first; null when no single field is."
    )


@strawberry.federation.type(shareable=True, description="An input problem without data of its own.")
class InputError(UserError):
    pass


@strawberry.federation.type(shareable=True, description="Outcome of a mutation that returns no object.")
class OkPayload:
    ok: bool = strawberry.field(description="Whether the mutation did what was asked.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="What to mend; empty when `ok`.")


def input_error(error: ReelgraphError, *path: str) -> InputError:
    """Return the payload form of a refusal."""
    return InputError(code=error.cause, message=error.message, path=list(path) or None)
