"""What must not change the answer: names and order of subgraphs, and the way in which an operation is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random

import pytest
from graphql import parse

from router.planning import plan_operation, print_plan
from tests.conformance.case import NotComposableError, Operation, World
from tests.conformance.random_operations import random_operation
from tests.conformance.random_subgraphs import random_subgraphs
from tests.conformance.transformations import (
    alias_every_field,
    say_twice,
    split_selections,
    with_prefixed_keys,
    wrap_in_fragments,
)

OPERATIONS = 6
_MAX_CHARACTERS = 400  # written twice at every level, an operation becomes very long
SEEDS = [range(first, first + 12) for first in range(5000, 5024, 12)]


def _worlds(seeds: range) -> Iterator[tuple[dict[str, str], World, Random]]:
    for seed in seeds:
        random = Random(seed)
        subgraphs = random_subgraphs(random)
        try:
            world = World(subgraphs, seed=seed)
        except NotComposableError:
            continue
        yield subgraphs, world, random
        world.close()


def _operations(world: World, random: Random) -> Iterator[Operation]:
    for _ in range(OPERATIONS):
        operation = random_operation(world.supergraph.api_schema, random)
        if len(operation.text) < _MAX_CHARACTERS and world.is_valid(parse(operation.text)):
            yield operation


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: str(seeds.start))
@pytest.mark.parametrize("write", [wrap_in_fragments, split_selections, say_twice, alias_every_field])
async def test_operations_that_ask_for_the_same_get_the_same(write: Callable[[str], str], seeds: range) -> None:
    checked = 0
    for _, world, random in _worlds(seeds):
        for operation in _operations(world, random):
            expected = await world.answer(operation)

            found = await world.answer(Operation(write(operation.text), operation.variables))

            data = with_prefixed_keys(expected["data"]) if write is alias_every_field else expected["data"]
            assert json.dumps(found["data"]) == json.dumps(data), operation.text
            checked += 1
    assert checked > OPERATIONS


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: str(seeds.start))
async def test_names_and_order_of_subgraphs_change_nothing_but_names(seeds: range) -> None:
    checked = 0
    for subgraphs, world, random in _worlds(seeds):
        renamed, new_names = _renamed(subgraphs, random)
        other = World(renamed, seed=seeds.start)
        for operation in _operations(world, random):
            document = parse(operation.text)

            found = print_plan(plan_operation(other.supergraph, document))

            assert found == _with_names(print_plan(plan_operation(world.supergraph, document)), new_names)
            checked += 1
        other.close()
    assert checked > OPERATIONS


def _renamed(subgraphs: dict[str, str], random: Random) -> tuple[dict[str, str], dict[str, str]]:
    """Return the subgraphs under other names and in another order, and the new names by the old ones."""
    names = [f"s{number}" for number in range(len(subgraphs))]
    random.shuffle(names)
    new_names = dict(zip(subgraphs, names, strict=True))
    renamed = {
        new_names[name]: re.sub(r'from: "(\w+)"', lambda match: f'from: "{new_names[match[1]]}"', sdl)
        for name, sdl in subgraphs.items()
    }
    return dict(sorted(renamed.items(), key=lambda _: random.random())), new_names


def _with_names(plan: str, new_names: dict[str, str]) -> str:
    return re.sub(r'service: "(\w+)"', lambda match: f'service: "{new_names[match[1]]}"', plan)
