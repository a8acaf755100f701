"""`@authenticated` and `@requiresScopes`, enforced by the resolvers as well.

The router takes what a viewer may not read out of an operation, by the directives that the schema publishes. The same
directives, read from the same fields, make every resolver check again: whoever reaches a subgraph past the router is
refused there, and the two cannot disagree. Which rows a viewer may see remains the business of the statements.
"""

from collections.abc import Iterable
from inspect import isawaitable
from typing import Any, Protocol, cast

from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension, SyncExtensionResolver
from strawberry.federation.schema_directives import Authenticated, RequiresScopes
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.identity import Viewer


class _KnowsViewer(Protocol):
    @property
    def viewer(self) -> Viewer: ...


class Guard(FieldExtension):
    """Refuses viewers before a field is resolved.

    Args:
        any_of: Groups of scopes, of which the viewer needs every one of some group; empty: being signed in is enough.
    """

    def __init__(self, any_of: Iterable[Iterable[str]] = ()) -> None:
        self.any_of = tuple(frozenset(group) for group in any_of)

    def check(self, viewer: Viewer) -> None:
        """Return if the viewer may have the field.

        Raises:
            UnauthenticatedError: Nobody is signed in.
            ForbiddenError: A scope is missing.
        """
        viewer.require_user()
        if self.any_of and not any(group <= viewer.scopes for group in self.any_of):
            wanted = " or ".join(" and ".join(sorted(group)) for group in self.any_of)
            raise ForbiddenError(f"This needs the scope {wanted}.")

    def resolve(self, next_: SyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """Check, then resolve."""
        self.check(cast("_KnowsViewer", info.context).viewer)
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """Check, then resolve; the events of a subscription come as they are."""
        self.check(cast("_KnowsViewer", info.context).viewer)
        resolved = next_(source, info, **kwargs)
        return await resolved if isawaitable(resolved) else resolved


def guard(field: StrawberryField) -> StrawberryField:
    """Return the field, which checks from now on what its directives demand; one without any is left alone."""
    if any(isinstance(extension, Guard) for extension in field.extensions):
        return field
    scopes = [directive for directive in field.directives if isinstance(directive, RequiresScopes)]
    if scopes:
        field.extensions.extend(Guard(directive.scopes) for directive in scopes)
    elif any(isinstance(directive, Authenticated) for directive in field.directives):
        field.extensions.append(Guard())
    return field
