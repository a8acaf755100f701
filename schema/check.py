"""What is wrong with the saved files: stale, not composable, or operations that the API cannot answer."""

from functools import lru_cache
from pathlib import Path

from graphql import GraphQLSyntaxError, OperationDefinitionNode, build_schema, parse, validate

from schema.files import (
    FOLDER,
    api_sdl,
    compose_subgraphs,
    compose_viewers_contract,
    known_operations,
    saved_operations,
    saved_subgraphs,
    subgraph_names,
    subgraph_sdl,
)


def find_faults(folder: Path = FOLDER) -> list[str]:
    """Return one sentence for each fault of the files in the folder, empty when all is well."""
    return [*_stale_subgraphs(folder), *_composition_faults(folder)]


def _stale_subgraphs(folder: Path) -> list[str]:
    saved, names = saved_subgraphs(folder), subgraph_names()
    faults = [f"subgraphs/{name}.graphql belongs to no subgraph." for name in saved if name not in names]
    faults += [
        f"subgraphs/{name}.graphql is stale. Run `python -m schema export`."
        for name in names
        if saved.get(name) != subgraph_sdl(name)
    ]
    return faults


def _composition_faults(folder: Path) -> list[str]:
    subgraphs, operations = saved_subgraphs(folder), saved_operations(folder)
    faults, wanted = _made_of(tuple(subgraphs.items()), tuple(operations.items()))
    stale = [
        f"{name} is stale. Run `python -m schema compose`." for name, text in wanted if _read(folder / name) != text
    ]
    return stale + list(faults)


@lru_cache(maxsize=4)
def _made_of(
    subgraphs: tuple[tuple[str, str], ...], operations: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return what is wrong with the subgraphs and operations, and the files that should be made of them."""
    result = compose_subgraphs(dict(subgraphs))
    if result.errors:
        return tuple(f"The subgraphs do not compose. {error}" for error in result.errors), ()
    viewers = compose_viewers_contract(dict(subgraphs))
    if viewers.errors:
        return tuple(f"The part for viewers does not compose. {error}" for error in viewers.errors), ()
    api = api_sdl(result.supergraph_sdl)
    wanted = [
        ("supergraph.graphql", result.supergraph_sdl),
        ("api.graphql", api),
        ("viewers.graphql", api_sdl(viewers.supergraph_sdl)),
    ]
    faults = operation_faults(dict(operations), api=api)
    if not faults:
        asked = known_operations(result.supergraph_sdl, dict(operations).values())
        wanted.append(("known-operations.json", asked))
    return tuple(faults), tuple(wanted)


def operation_faults(operations: dict[str, str], *, api: str) -> list[str]:
    """Return what keeps the operations from running against the API schema, as they are and without variables."""
    schema = build_schema(api)
    faults = []
    for name, text in operations.items():
        try:
            document = parse(text)
        except GraphQLSyntaxError as error:
            faults.append(f"operations/{name} does not parse: {error.message}")
            continue
        faults += [f"operations/{name}: {error.message}" for error in validate(schema, document)]
        found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if len(found) != 1 or found[0].name is None:
            faults.append(f"operations/{name} must hold exactly one operation, with a name.")
    return faults


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
