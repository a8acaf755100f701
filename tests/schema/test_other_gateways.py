"""Saved operations ask in the ways that gateways understand which know less of @interfaceObject; router/README.md."""

from collections.abc import Iterator

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from benchmarks.gateways.judges.upstream_faults import PROBES
from router.supergraph import Supergraph
from schema.files import FOLDER, saved_operations


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return Supergraph.from_sdl((FOLDER / "supergraph.graphql").read_text(encoding="utf-8"))


def stumbling_blocks(text: str, supergraph: Supergraph) -> list[str]:
    """Return where an operation asks a field of an @interfaceObject below another type than the interface, or has
    fragments on the interface without its key beside them."""
    definitions = parse(text).definitions
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    types = supergraph.types

    def fields(node: SelectionSetNode, type_name: str) -> Iterator[tuple[FieldNode, str]]:
        """Yield each field with the type on which it is asked, those in fragments too."""
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                yield selection, type_name
            elif isinstance(selection, FragmentSpreadNode):
                fragment = fragments[selection.name.value]
                yield from fields(fragment.selection_set, fragment.type_condition.name.value)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                yield from fields(selection.selection_set, condition.name.value if condition else type_name)

    def walk(node: SelectionSetNode, type_name: str, path: str) -> Iterator[str]:
        is_interface_object = bool(types[type_name].interface_object)
        plain = {each.name.value for each in node.selections if isinstance(each, FieldNode)}
        if is_interface_object and len(plain) < len(node.selections) and "id" not in plain:
            yield f"{path}: no id beside a fragment"
        for field, asked_on in fields(node, type_name):
            name = field.name.value
            if name == "__typename":
                continue
            known = types[asked_on].fields[name]
            away = all(types[asked_on].interface_object >> graph & 1 for graph in known.graphs)
            if away and not is_interface_object:
                yield f"{path}.{name}: from an @interfaceObject, below {type_name}"
            if field.selection_set:
                yield from walk(field.selection_set, known.type_name, f"{path}.{name}")

    [operation] = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
    return list(walk(operation.selection_set, operation.operation.value.title(), ""))


@pytest.mark.parametrize("name", sorted(saved_operations()))
def test_a_saved_operation_can_be_answered_by_all_gateways(name: str, supergraph: Supergraph) -> None:
    assert stumbling_blocks(saved_operations()[name], supergraph) == []


def test_what_others_stumble_over_would_be_found(supergraph: Supergraph) -> None:
    found = [stumbling_blocks(text, supergraph) for text in PROBES.values()]

    assert found == [
        [".search.edges.node.access: from an @interfaceObject, below SearchHit"],
        [".titles.edges.node: no id beside a fragment"],
        [".page.trays.edges.node.items.edges.node.title: no id beside a fragment"],
    ]
