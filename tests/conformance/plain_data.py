"""Small federations over plain data: a subgraph is SDL, the values of its root fields, and records by entity.

A record is a dictionary. A value that is a function is called with the object (its record, and what the router sent)
and the arguments. A field that a record does not have cannot be asked for: that is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import orjson
from graphql import FieldNode, GraphQLResolveInfo, SelectionSetNode

from router.composition import Subgraph, compose
from router.execution.engine import Engine, EngineOptions
from router.execution.requests import GraphQLRequest
from router.planning import plan_operation
from router.supergraph import Supergraph
from tests.conformance.linked import linked
from tests.conformance.subgraph_model import SubgraphModel
from tests.conformance.subgraph_server import Call, SubgraphServer

Record = Mapping[str, Any]
Computed = Callable[[Record, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Plain:
    """A subgraph.

    Attributes:
        sdl: Federation 2 without its `@link`, or Federation 1 as it is.
        roots: Values of the root fields.
        entities: Records by type name.
        is_federation_1: Take the SDL as it is.
    """

    sdl: str
    roots: Record = field(default_factory=dict)
    entities: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    is_federation_1: bool = False

    @property
    def whole_sdl(self) -> str:
        """The SDL with what was left out."""
        return self.sdl if self.is_federation_1 else linked(self.sdl)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the router answered, and what it asked for that.

    Attributes:
        errors: Message, path and code of each.
        calls: Every request to a subgraph as `name { … }`, representations in the place of their variable.
    """

    data: Any
    errors: list[tuple[str, list[str | int] | None, str]]
    calls: list[str]


async def ask(operation: str, variables: Mapping[str, Any] | None = None, /, **subgraphs: Plain) -> Answer:
    """Compose the subgraphs, serve them, and return the answer to one operation."""
    composed = compose([Subgraph(name, f"http://{name}", plain.whole_sdl) for name, plain in subgraphs.items()])
    assert composed.errors == (), "\n".join(map(str, composed.errors))
    supergraph = Supergraph.from_sdl(composed.supergraph_sdl)
    calls: list[Call] = []
    servers = {
        name: SubgraphServer(model := SubgraphModel(name, plain.whole_sdl), PlainResolver(plain, model), calls)
        for name, plain in subgraphs.items()
    }
    engine = Engine(
        supergraph,
        servers,
        planner=partial(plan_operation, supergraph),
        options=EngineOptions(expose_subgraph_errors=True),
    )
    request = GraphQLRequest(query=operation, variables=variables or {})
    try:
        response = await engine.execute(request)
        printed = [_printed(call) for call in calls]
        if not operation.lstrip().startswith("mutation") and "data" in response.body:
            engine.warm([operation])  # as generated code, it has to answer the same
            assert (await engine.execute(request)).body == response.body
            typed = await engine.execute(replace(request, as_json=True))
            assert (typed.body if typed.json is None else orjson.loads(typed.json)) == response.body
    finally:
        engine.close()
    errors = [
        (error["message"], error.get("path"), error["extensions"]["code"]) for error in response.body.get("errors", [])
    ]
    return Answer(response.body.get("data"), errors, printed)


class PlainResolver:
    """Looks values up in the records of one subgraph."""

    def __init__(self, plain: Plain, model: SubgraphModel) -> None:
        self._plain = plain
        self._model = model

    def field(self, source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        """Return the value of a field.

        Raises:
            LookupError: The record does not have it.
        """
        me = self._plain.roots if source is None or info.parent_type.name in {"Query", "Mutation"} else source
        value = me[info.field_name]
        return value(me, arguments) if callable(value) else value

    def entity(self, representation: Mapping[str, Any]) -> Any:
        """Return the record of the same key, together with what was sent; None if there is none."""
        name = representation["__typename"]
        for type_name in sorted(self._model.possible_types(name)):
            for record in self._plain.entities.get(type_name, ()):
                if any(_same(key, record, representation) for key in self._model.types[name].resolvable_keys):
                    return {**representation, **record, "__typename": type_name}
        return None

    def type_of(self, value: Any) -> str:
        """Return what the record says."""
        name: str = value["__typename"]
        return name


def _same(key: SelectionSetNode, record: Record, representation: Record) -> bool:
    """Whether both have all fields of a key, with equal values."""
    for node in key.selections:
        assert isinstance(node, FieldNode)
        name = node.name.value
        if name not in record or name not in representation:
            return False
        if node.selection_set is None:
            if record[name] != representation[name]:
                return False
        elif not _same(node.selection_set, record[name], representation[name]):
            return False
    return True


def _printed(call: Call) -> str:
    text = re.sub(
        r"^(query|mutation) ?(\w+)?(\([^)]*\))? ?", lambda m: "mutation " if m[1] == "mutation" else "", call.document
    )
    for name, value in call.variables.items():
        is_entities = isinstance(value, list) and all(
            isinstance(item, Mapping) and "__typename" in item for item in value
        )
        shown = f"[{', '.join(map(_representation, value))}]" if is_entities else json.dumps(value)
        text = re.sub(rf"(representations: )?\${name}\b", lambda _, shown=shown: shown, text)  # type: ignore[misc]  # mypy cannot infer a default of a lambda
    return f"{call.subgraph} {text}"


def _representation(value: Mapping[str, Any]) -> str:
    fields = ", ".join(f"{name}: {json.dumps(inner)}" for name, inner in value.items() if name != "__typename")
    return f"{value['__typename']}({fields})"
