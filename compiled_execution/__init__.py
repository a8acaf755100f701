"""Runs GraphQL operations of a Strawberry schema as specialised Python; what it cannot compile runs on graphql-core.

One line adopts it: `class MySchema(CompiledExecution, strawberry.Schema): ...`. Documents are recognised by identity,
so the schema needs Strawberry's ParserCache. The environment variable COMPILED_EXECUTION=off turns it off.

schema      CompiledExecution, the mixin; the switch
engine      which operations are compiled, the bounded cache of plans, statistics and reasons
plan        an operation as a tree of positions: what can stand where, which field puts it there
collect     builds that tree with graphql-core's own field collection
emit        the Python source of a plan
run         one request: completing values
faults      errors and null propagation
info        what resolvers are told about the request, built when they ask
settle      waits for awaitables and puts their values in place
internals   every private name of Strawberry and graphql-core that is used here

It knows Strawberry and graphql-core, and nothing of the domain.
"""

from compiled_execution.engine import CompiledOperations, Statistics
from compiled_execution.schema import CompiledExecution

__all__ = ["CompiledExecution", "CompiledOperations", "Statistics"]
