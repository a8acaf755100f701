"""Runs GraphQL operations of a Strawberry schema as specialised Python; what it cannot compile runs on graphql-core.

One line adopts it: `class MySchema(CompiledExecution, strawberry.Schema): ...`. Documents are recognised by identity,
or by their text where no extension could change them. The environment variable COMPILED_EXECUTION=off turns it off.

schema      CompiledExecution, the mixin; the switch
engine      which operations are compiled and when; the way to graphql-core for the others
thread      the thread that compiles
known       the operations that were seen, bounded in bytes
statistics  what ran how and why, also for Prometheus
execute     a request from its plan to its result
plan        an operation as a tree of positions: what can stand where, which field puts it there
collect     builds that tree with graphql-core's own field collection
emit        the Python source of a plan
arguments   what is handed to resolvers, remembered between requests
run         one request: completing values
faults      errors and null propagation
batch       batch_field: one call resolves a field of many objects
gather      makes these calls in a compiled operation
loader      Loader, loader_method: batches and caches without a task for each load
entities    BatchedEntities, the mixin for federation: one call for all references of a type
info        what resolvers are told about the request, built when they ask
settle      waits for awaitables and puts their values in place
kept        keeps_answers, lasting: answers that are kept with the object that they are about
internals   every private name of Strawberry and graphql-core that is used here

It knows Strawberry and graphql-core, and nothing of the domain.
"""

from compiled_execution.batch import batch_field
from compiled_execution.engine import CompiledOperations
from compiled_execution.entities import BatchedEntities, Reference
from compiled_execution.kept import keeps_answers, lasting
from compiled_execution.loader import Loader, deferred, loader_method, loader_of
from compiled_execution.schema import CompiledExecution
from compiled_execution.statistics import Statistics, exposition

__all__ = [
    "BatchedEntities",
    "CompiledExecution",
    "CompiledOperations",
    "Loader",
    "Reference",
    "Statistics",
    "batch_field",
    "deferred",
    "exposition",
    "keeps_answers",
    "lasting",
    "loader_method",
    "loader_of",
]
