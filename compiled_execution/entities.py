"""Batched entity resolution for Strawberry's federation schema: one call for all references of a type.

An entity type offers one class method:

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]: ...

The result has the length and order of `references`; None for what does not exist or is hidden, an exception for what
fails alone. Equal references are handed over as often as they came.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from graphql import GraphQLError
from strawberry.types import Info

from compiled_execution.batch import in_order
from compiled_execution.internals import FederationAny, StrawberryObjectDefinition

if TYPE_CHECKING:
    from strawberry.federation import Schema
else:
    Schema = object

Reference = Mapping[str, Any]
"""A representation without `__typename`: the key fields and what @requires asked for, under their GraphQL names."""


class BatchedEntities(Schema):
    """Mixin before Strawberry's federation schema class.

    An unknown `__typename`, or what is no reference at all, becomes null with an error at its place and leaves its
    neighbours alone.
    """

    def refuse_representation(self, representation: object) -> str | None:
        """Return why it cannot be handed to a type, None if it can."""
        # The exact class first: asking an abstract one takes as long as all the rest.
        if representation.__class__ is dict or isinstance(representation, Mapping):
            name = representation.get("__typename")
            if name.__class__ is str or isinstance(name, str):
                return None
        return "A reference is an object with `__typename`."

    async def entities_resolver(  # type: ignore[override]  # Strawberry accepts an async resolver
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Resolve all references of each type in one call and put the results back in order."""
        results: list[Any] = [None] * len(representations)
        by_type: dict[str, tuple[list[int], list[Reference]]] = {}
        refuse = self.refuse_representation
        for index, representation in enumerate(cast("list[Mapping[str, Any]]", representations)):
            reason = refuse(representation)
            if reason is not None:
                results[index] = GraphQLError(reason)
                continue
            reference = dict(representation)  # cheaper than leaving out `__typename` in a comprehension
            name = reference.pop("__typename")
            found = by_type.get(name)
            if found is None:
                found = by_type[name] = [], []
            found[0].append(index)
            found[1].append(reference)
        calls = [self._resolve_type(name, *found, results, info) for name, found in by_type.items()]
        if len(calls) == 1:
            await calls[0]
        else:
            await asyncio.gather(*calls)
        return results

    async def _resolve_type(
        self, type_name: str, indices: list[int], references: list[Reference], results: list[Any], info: Info
    ) -> None:
        origin = self.entity_class(type_name)
        if origin is None:
            for index in indices:
                results[index] = GraphQLError(f"This subgraph has no entity '{type_name}'.")
            return
        try:
            resolved = in_order(await origin.resolve_references(references, info), len(indices))
        except Exception as error:  # noqa: BLE001  # becomes the error of each reference; its neighbours of other types live
            resolved = [error] * len(indices)
        for index, value in zip(indices, resolved, strict=True):
            results[index] = value

    def entity_class(self, type_name: str) -> Any:
        """Return the class that resolves references of the type, None for a name that is no entity here."""
        concrete = self.schema_converter.type_map.get(type_name)
        definition = getattr(concrete, "definition", None)
        if not isinstance(definition, StrawberryObjectDefinition):
            return None
        return definition.origin if hasattr(definition.origin, "resolve_references") else None
