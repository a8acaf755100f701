"""The query plan: the value that planning hands to execution.

Only data lives here: a directed acyclic graph of fetches, where each fetch is read from, and the few things that the
final projection cannot know by itself. How a plan is found lives in the other modules of this package, how it is
printed in `print_plan.py`, how it is run in `router.execution`.

What the executor may rely on
-----------------------------
* The **response tree** is one JSON object into which every reply is merged. Its keys are *internal keys*. An internal
  key is the client's own response key, except where `QueryPlan.renames` says otherwise. Keys that the client did not
  ask for (keys and requirements of other subgraphs) may stand beside them; the projection ignores them.
* **Merging** is deep: objects merge key by key, lists of equal length merge by position, an object wins over null,
  and otherwise the value that came first stays (subgraphs agree about shared values).
* `__typename` at internal key `__typename` always is the concrete runtime type. It is fetched at every position
  whose type is an interface or a union, if the subgraph knows the concrete type. Two consequences: at a position
  with an object type it is a constant and usually absent from the data; and at an interface position that was only
  read from `@interfaceObject` subgraphs it is absent when nothing in the operation depends on it (a type condition
  there holds, because it covers every type that implements the interface). A client's selection
  of `__typename`, aliased or not, is answered from the static type or from internal key `__typename`, never from the
  alias.
* A fetch may start when every fetch in `depends_on` is *complete*, whether or not it succeeded. Objects whose key
  values are missing give no representation; a fetch without any representation is not sent.
* Fetches are in a topological order and `fetches[i].id == i`.
* `__schema` and `__type` are never fetched: `QueryPlan.has_introspection` says that the projection must answer them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OperationKind(StrEnum):
    """The operation keyword of GraphQL."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class VariableTest:
    """True if the Boolean client variable `name` has the value `value`."""

    name: str
    value: bool


Condition = tuple[tuple[VariableTest, ...], ...]
"""`@skip`/`@include` as *any of (all of …)*. The empty tuple means: always wanted."""

ALWAYS: Condition = ()


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step down the response tree.

    Attributes:
        key: Internal key to read.
        list_depth: How many list levels lie between this value and its objects; 0 for a single object. Null items and
            null lists are passed over.
        types: Concrete types of the objects to follow, told by their `__typename`; None follows all of them and does
            not read `__typename`.
    """

    key: str
    list_depth: int = 0
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RepresentationField:
    """One value copied from the response tree into a representation.

    Attributes:
        name: Field name in the representation.
        key: Internal key where the value is read.
        fields: What to copy of an object, or of every object of a list; None copies a leaf value as it is.
        types: Copy only if the object that holds `key` has one of these concrete types; None copies always.
        is_key: Part of the entity key: if the value is null or missing, there is no representation at all. Otherwise
            (a `@requires` value) null is sent as null, and a missing value is sent as null too.
    """

    name: str
    key: str
    fields: tuple[RepresentationField, ...] | None = None
    types: tuple[str, ...] | None = None
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Representation:
    """How an object of certain concrete types is described to the subgraph.

    Attributes:
        types: Concrete types, told by the object's `__typename`, for which this template is used. None: for every
            object at the path (then it is the only template of its target).
        typename: The `__typename` to send: a concrete type, or the name of an interface if the subgraph knows it as
            `@interfaceObject` or is asked to find out the concrete type. None sends the object's own `__typename`.
        fields: Key fields first, then required ones. Nested abstract values carry a field named `__typename`.
    """

    types: tuple[str, ...] | None
    typename: str | None
    fields: tuple[RepresentationField, ...]


@dataclass(frozen=True, slots=True)
class ContextCandidate:
    """Where the value of a context may be found.

    Attributes:
        depth: Of the object that sets the context: how many steps of the target's path lead to it.
        types: Concrete types, told by its `__typename`, for which it is this object; None for all.
        value: What to read there. Below an object it is one field, whose name is of no interest.
    """

    depth: int
    types: tuple[str, ...] | None
    value: RepresentationField


@dataclass(frozen=True, slots=True)
class ContextVariable:
    """A variable whose value comes from an object above the one to complete.

    Attributes:
        name: Of the variable, without `$`.
        candidates: The first that holds gives the value; without one, and where something is missing, it is null.
    """

    name: str
    candidates: tuple[ContextCandidate, ...]


@dataclass(frozen=True, slots=True)
class EntityTarget:
    """Objects of the response tree that one entry completes: where they are and how each is described.

    The reply for a representation is merged into the object that it was built from. Equal representations may be sent
    once. An object whose type has no template is left out.

    Attributes:
        condition: As of the entry, but for this target alone.
        contexts: Variables of the document that depend on the object. Objects for which they differ need an entry of
            their own in the request.
    """

    path: tuple[PathStep, ...]
    representations: tuple[Representation, ...]
    condition: Condition = ALWAYS
    contexts: tuple[ContextVariable, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityEntry:
    """One `_entities` field of an entity fetch.

    Attributes:
        alias: Response key of this entry in the reply: `_entities`, or `_e0`, `_e1`, … if the fetch has several.
        variable: Variable that takes the representations, without `$`.
        targets: The objects to complete. All of them get the same selection, so their representations go into one list.
        selection: The selection set inside `_entities`, printed, for display.
        keys: Internal keys that the reply adds to each object, for the path of an error about the whole fetch.
        condition: When false there is no need to send this entry (send it with an empty list if others are sent).
    """

    alias: str
    variable: str
    targets: tuple[EntityTarget, ...]
    selection: str
    keys: tuple[str, ...]
    condition: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph.

    Attributes:
        id: Its place in `QueryPlan.fetches`.
        subgraph: Name as in the supergraph.
        kind: `query` for every entity fetch; the client's kind for a root fetch.
        document: The complete GraphQL document to send, in compact form.
        operation_name: Name of the operation in `document`; None if the client's operation has no name.
        variables: Client variables that the document uses. Those that the client did not provide are left out.
        depends_on: Ids of the fetches that must be complete before this one starts: those that its representations
            read, and for mutations those that have to happen before.
        condition: When false the fetch is not sent.
    """

    id: int
    subgraph: str
    kind: OperationKind
    document: str
    operation_name: str | None
    variables: tuple[str, ...]
    depends_on: tuple[int, ...]
    condition: Condition


@dataclass(frozen=True, slots=True)
class RootFetch(Fetch):
    """A fetch of root fields; the whole `data` of the reply is merged at `path`.

    Attributes:
        path: Empty, except when a field deep in the operation returns the query root type itself.
        keys: Internal keys of the root fields asked for.
        selection: The selection set, printed, for display.
    """

    path: tuple[PathStep, ...]
    keys: tuple[str, ...]
    selection: str


@dataclass(frozen=True, slots=True)
class EntityFetch(Fetch):
    """A fetch that completes objects which are already in the response tree."""

    entries: tuple[EntityEntry, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    """A client field that had to be fetched under another key.

    At the position reached by the internal keys `path`, for objects of the concrete type `type_name`, the value of the
    client's response key `key` is found under `internal_key`.
    """

    path: tuple[str, ...]
    type_name: str
    key: str
    internal_key: str


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """All fetches of one operation.

    Attributes:
        kind: Kind of the client's operation.
        operation_name: The client's operation name, if it has one.
        fetches: In topological order; ids are positions.
        renames: Exceptions to "internal key = response key".
        has_introspection: The operation selects `__schema` or `__type`.
    """

    kind: OperationKind
    operation_name: str | None
    fetches: tuple[RootFetch | EntityFetch, ...]
    renames: tuple[Rename, ...] = ()
    has_introspection: bool = False
