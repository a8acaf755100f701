"""The plan follows from what subgraphs contain, not from what they are called or in which order they come."""

from __future__ import annotations

import re
from itertools import permutations

import pytest

from tests.router.planning import (
    test_abstract_types,
    test_ancestors,
    test_entities,
    test_interface_objects,
    test_provides,
    test_requires,
    test_shared_unions,
)
from tests.router.planning.plans import plan_text, supergraph

OPERATIONS = [
    (test_entities, "{ a: featured { inStock } products { inStock id } me { favourite { inStock } cart { title } } }"),
    (test_ancestors, "{ product { category { details { name products rank } } } settings { theme locale } }"),
    (test_requires, "{ product { third total duty shipping shippingInPounds stock } }"),
    (test_provides, "{ top { author { name } subject { ... on User { name } } } latest { author { name } } }"),
    (test_interface_objects, "{ title { stars views name } best { __typename stars views ... on Movie { minutes } } }"),
    (test_abstract_types, "{ media { id title sequel { title } } any { ... on Song { title } } same { title } }"),
    (test_shared_unions, "{ shared { content { __typename ... on Common { label } } special { __typename } } }"),
]


@pytest.mark.parametrize(("module", "operation"), OPERATIONS)
def test_plans_are_equal_under_every_renaming_and_order_of_subgraphs(module: object, operation: str) -> None:
    graphs: str = module.GRAPHS  # type: ignore[attr-defined]  # every module here has one
    types: str = module.TYPES  # type: ignore[attr-defined]  # likewise
    names = graphs.split()
    expected = plan_text(supergraph(graphs, types), operation)

    for order in permutations(range(len(names))):
        # join__Graph lists the new names in their own order, so the order of the graphs changes with them.
        new_names = {name: f"g{order[index]}" for index, name in enumerate(names)}
        found = plan_text(supergraph(" ".join(sorted(new_names.values())), _rename(types, new_names)), operation)

        assert found == _rename_services(expected, new_names)


def _rename(types: str, new_names: dict[str, str]) -> str:
    return re.sub(
        r"@(in|from|implements|member)\((\w+)",
        lambda match: f"@{match[1]}({new_names[match[2].lower()].upper()}",
        types,
    )


def _rename_services(plan: str, new_names: dict[str, str]) -> str:
    return re.sub(r'service: "(\w+)"', lambda match: f'service: "{new_names[match[1]]}"', plan)
