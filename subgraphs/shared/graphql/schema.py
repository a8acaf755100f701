"""FederatedSchema: Strawberry's federation schema, run compiled, with batched, order-keeping entity resolution.

What `resolve_references` of an entity takes and returns says `compiled_execution.entities`. Types without the method
are refused when the schema is built, so that no entity is resolved one by one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from graphql import GraphQLError
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.federation import Schema
from strawberry.federation.schema_directives import Key
from strawberry.schema.exception_handlers import ExceptionHandler
from strawberry.types import ExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from compiled_execution import (
    BatchedEntities,
    CompiledExecution,
    Loader,
    Reference,
    exposition,
    loader_method,
    loader_of,
)
from subgraphs.shared.graphql.authorization import guard
from subgraphs.shared.graphql.scalars import schema_config

_CACHED_DOCUMENTS = 512

__all__ = ["FederatedSchema", "Loader", "Reference", "exposition", "loader_method", "loader_of"]


class FederatedSchema(CompiledExecution, BatchedEntities, Schema):
    """A subgraph's schema, run compiled. Errors are formatted by `failures.format_error`, not logged here."""

    def __init__(
        self,
        *,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        types: Iterable[type] = (),
        exception_handlers: Iterable[ExceptionHandler[Any]] = (),
    ) -> None:
        super().__init__(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=types,
            extensions=[_parser_cache, _validation_cache],
            config=schema_config(),
            federation_version="2.9",
            exception_handlers=exception_handlers,
        )
        self._refuse_entities_without_batch()

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Return the fields of a type, each of which checks what its directives demand of the viewer."""
        return [guard(field) for field in super().get_fields(type_definition)]

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Stay quiet: the app formats and logs."""

    def refuse_representation(self, representation: object) -> str | None:
        """Every entity's key is `id`."""
        # What nearly every reference is, first: asking further takes as long as the rest of reading a page of them.
        if (
            representation.__class__ is dict
            and representation.get("__typename").__class__ is str
            and representation.get("id").__class__ is str
        ):
            return None
        if super().refuse_representation(representation) is None and isinstance(
            cast("Mapping[str, object]", representation).get("id"), str
        ):
            return None
        return "A reference is an object with `__typename` and `id`."

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


def _parser_cache() -> SchemaExtension:
    return ParserCache(maxsize=_CACHED_DOCUMENTS)


def _validation_cache() -> SchemaExtension:
    return ValidationCache(maxsize=_CACHED_DOCUMENTS)
