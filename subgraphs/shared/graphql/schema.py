"""FederatedSchema: Strawberry's federation schema with batched, order-keeping entity resolution.

An entity type offers one class method for all its references of a request:

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]: ...

The result has the length and order of `references`; None for what does not exist or is hidden. Types without the
method are refused when the schema is built, so that no entity is resolved one by one. An unknown `__typename`, or a
reference without its key, becomes null with an error at its place and leaves its neighbours alone.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from graphql import GraphQLError
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.federation import Schema
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema_directives import Key
from strawberry.schema.exception_handlers import ExceptionHandler
from strawberry.types import ExecutionContext, Info
from strawberry.types.base import StrawberryObjectDefinition

from compiled_execution import CompiledExecution
from subgraphs.shared.graphql.scalars import schema_config

_CACHED_DOCUMENTS = 512

Reference = Mapping[str, Any]
"""A representation without `__typename`: the key fields and what @requires asked for, under their GraphQL names."""


class FederatedSchema(CompiledExecution, Schema):
    """A subgraph's schema, run compiled. Errors are formatted by `failures.format_error`, not logged here."""

    def __init__(
        self,
        *,
        query: type,
        mutation: type | None = None,
        types: Iterable[type] = (),
        exception_handlers: Iterable[ExceptionHandler[Any]] = (),
    ) -> None:
        super().__init__(
            query=query,
            mutation=mutation,
            types=types,
            extensions=[_parser_cache, _validation_cache],
            config=schema_config(),
            federation_version="2.9",
            exception_handlers=exception_handlers,
        )
        self._refuse_entities_without_batch()

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Stay quiet: the app formats and logs."""

    async def entities_resolver(  # type: ignore[override]  # Strawberry accepts an async resolver
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Resolve all references of each type in one call and put the results back in order."""
        given = cast("list[dict[str, Any]]", representations)
        results: list[Any] = [None] * len(given)
        by_type: dict[str, list[int]] = {}
        for index, representation in enumerate(given):
            if _is_reference(representation):
                by_type.setdefault(representation["__typename"], []).append(index)
            else:
                results[index] = GraphQLError("A reference is an object with `__typename` and `id`.")
        await asyncio.gather(
            *(self._resolve_type(name, indices, given, results, info) for name, indices in by_type.items())
        )
        return results

    async def _resolve_type(
        self, type_name: str, indices: list[int], given: Sequence[Mapping[str, Any]], results: list[Any], info: Info
    ) -> None:
        origin = self._entity_class(type_name)
        if origin is None:
            for index in indices:
                results[index] = GraphQLError(f"This subgraph has no entity '{type_name}'.")
            return
        references = [{k: v for k, v in given[index].items() if k != "__typename"} for index in indices]
        try:
            resolved = await origin.resolve_references(references, info)
        except Exception as error:  # noqa: BLE001  # becomes the error of each reference; its neighbours of other types live
            resolved = [error] * len(indices)
        for index, value in zip(indices, resolved, strict=True):
            results[index] = value

    def _refuse_entities_without_batch(self) -> None:
        """Raise TypeError for an entity that is resolvable here and lacks `resolve_references`."""
        for concrete in self.schema_converter.type_map.values():
            definition = concrete.definition
            if not isinstance(definition, StrawberryObjectDefinition):
                continue
            keys = [directive for directive in definition.directives or () if isinstance(directive, Key)]
            is_resolvable = any(key.resolvable is not False for key in keys)
            if is_resolvable and not hasattr(definition.origin, "resolve_references"):
                raise TypeError(f"The entity {definition.origin.__name__} has no method resolve_references.")

    def _entity_class(self, type_name: str) -> Any:
        """Return the class that resolves references of the type, None for a name that is no entity here."""
        concrete = self.schema_converter.type_map.get(type_name)
        definition = getattr(concrete, "definition", None)
        if not isinstance(definition, StrawberryObjectDefinition):
            return None
        origin = definition.origin
        return origin if hasattr(origin, "resolve_references") else None


def _is_reference(representation: object) -> bool:
    """Whether it can be handed to a type: every entity's key is `id`."""
    return (
        isinstance(representation, Mapping)
        and isinstance(representation.get("__typename"), str)
        and isinstance(representation.get("id"), str)
    )


def _parser_cache() -> SchemaExtension:
    return ParserCache(maxsize=_CACHED_DOCUMENTS)


def _validation_cache() -> SchemaExtension:
    return ValidationCache(maxsize=_CACHED_DOCUMENTS)
