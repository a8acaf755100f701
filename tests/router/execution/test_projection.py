"""Both projections answer as graphql-core does: over random operations and random, partly wrong data."""

import gc
import random
import re
import weakref
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    OperationDefinitionNode,
    build_schema,
    do_types_overlap,
    execute_sync,
    get_named_type,
    parse,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from router.execution.client_selections import ClientSelections
from router.execution.conditions import condition_variables
from router.execution.misfits import MISFITS
from router.execution.projection import compile_projection, projection_of
from router.execution.quick_projection import compile_quick_projection
from router.execution.response_errors import ResponseErrors
from router.planning.plan import Rename

SCHEMA = build_schema("""
    enum Genre { DRAMA COMEDY }
    scalar Blob
    interface Title { id: ID! name: String! genre: Genre rating: Float similar: [Title!] best: Title! }
    type Movie implements Title {
      id: ID! name: String! genre: Genre! rating: Float similar: [Title!] best: Movie!
      minutes: Int! blob: Blob cast: [[Person!]]! seen: Boolean
    }
    type Show implements Title {
      id: ID! name: String! genre: Genre rating: Float! similar: [Title!]! best: Title! seasons: [Int!]! blobs: [Blob!]
    }
    type Person { name: String! age: Int known: [Hit!] self: Person! }
    type Trailer { seconds: Float! of: Movie }
    union Hit = Movie | Person | Trailer
    type Query { title: Title titles: [Title]! mustTitle: Title! hits: [Hit!] person: Person! genres: [[Genre!]] }
""")

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def _operation(rng: random.Random) -> str:
    root = SCHEMA.query_type
    assert root is not None
    fragment_type = rng.choice(["Movie", "Title", "Person"])
    fragment = SCHEMA.get_type(fragment_type)
    assert isinstance(fragment, GraphQLObjectType | GraphQLInterfaceType)
    body = _selections(rng, root, depth=3, spread=fragment)
    both = "a: __typename @skip(if: $no) n: __typename @include(if: $yes)"
    text = f"query ($yes: Boolean!, $no: Boolean!) {{ {body} {both} }}"
    if "...F" in body:
        text += f" fragment F on {fragment_type} {{ {_selections(rng, fragment, depth=1, spread=None)} }}"
    return text


def _selections(rng: random.Random, parent: Composite, *, depth: int, spread: Composite | None) -> str:
    parts = []
    fields = {} if isinstance(parent, GraphQLUnionType) else parent.fields
    for name in rng.choices(list(fields), k=rng.randint(1, 5)) if fields else []:
        named = get_named_type(fields[name].type)
        alias = rng.choice(["", f"{name}2: "]) if _is_alike_everywhere(parent, name) else f"{parent.name}_{name}: "
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            if depth > 0:
                inner = _selections(rng, named, depth=depth - 1, spread=spread)
                parts.append(f"{alias}{name} {_condition(rng)} {{ {inner} }}")
        else:
            parts.append(f"{alias}{name} {_condition(rng)}")
    if not isinstance(parent, GraphQLObjectType):
        for possible in SCHEMA.get_possible_types(parent):
            if depth > 0 and rng.random() < 0.6:
                inner = _selections(rng, possible, depth=depth - 1, spread=spread)
                parts.append(f"... on {possible.name} {_condition(rng)} {{ {inner} }}")
    if spread and do_types_overlap(SCHEMA, parent, spread) and rng.random() < 0.3:
        parts.append("...F")
    parts.append(rng.choice(["__typename", "kind: __typename"]))
    rng.shuffle(parts)
    return " ".join(parts)


def _is_alike_everywhere(parent: Composite, name: str) -> bool:
    """Return whether one response key may hold this field of every type that can stand in one place."""
    title = SCHEMA.get_type("Title")
    assert isinstance(title, GraphQLInterfaceType)
    if not isinstance(parent, GraphQLObjectType) or title not in parent.interfaces:
        return True
    return name in title.fields and parent.fields[name].type == title.fields[name].type


def _condition(rng: random.Random) -> str:
    return rng.choice(["", "", "", "", "@include(if: $yes)", "@include(if: $no)", "@skip(if: $no)", "@skip(if: true)"])


def _value(rng: random.Random, type_: GraphQLOutputType) -> Any:
    """Return a value for a position: mostly good, sometimes null, rarely wrong."""
    if isinstance(type_, GraphQLNonNull):
        return None if rng.random() < 0.03 else _value_of_nullable(rng, type_.of_type)
    return None if rng.random() < 0.15 else _value_of_nullable(rng, type_)


def _value_of_nullable(rng: random.Random, type_: Any) -> Any:
    if isinstance(type_, GraphQLList):
        return [_value(rng, type_.of_type) for _ in range(rng.randint(0, 3))]
    if isinstance(type_, GraphQLObjectType):
        return {"__typename": type_.name}
    if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        names = [possible.name for possible in SCHEMA.get_possible_types(type_)]
        return {"__typename": rng.choice([*names * 5, "Hidden"])}
    if isinstance(type_, GraphQLEnumType):
        return rng.choice(["DRAMA", "COMEDY", "DRAMA", "COMEDY", "SECRET", 7])
    good: dict[str, list[Any]] = {
        "String": ["text", "", "दिल"],
        "ID": ["id-1", 12],
        "Int": [0, -5, 2**31 - 1],
        "Float": [1.5, 3],
        "Boolean": [True, False],
        "Blob": [{"a": [1]}, [1, 2], "x", 0],
    }
    wrong: dict[str, list[Any]] = {"Int": [2**31, "x", 1.5], "Float": ["x", {}], "Boolean": ["x"], "String": [{}]}
    choices = good[type_.name]
    return rng.choice([*choices * 5, *wrong.get(type_.name, [])])


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_agrees_with_the_reference_executor_on_random_operations_and_data(seed: int) -> None:
    rng = random.Random(seed)
    text = _operation(rng)
    document = parse(text)
    assert validate(SCHEMA, document) == []
    variables = {"yes": True, "no": False}

    # The reference run writes the data that it asks for; the projection then reads the same tree.
    def resolve(source: dict[str, Any], info: GraphQLResolveInfo[Any]) -> Any:
        key = str(info.path.key)
        if key not in source:
            source[key] = _value(rng, info.return_type)
        return source[key]

    tree: dict[str, Any] = {}
    expected = execute_sync(SCHEMA, document, tree, variable_values=variables, field_resolver=resolve)

    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    conditions = {name: variables[name] for name in condition_variables(document)}
    errors = ResponseErrors()
    data = compile_projection(SCHEMA, operation, fragments, conditions=conditions)(tree, None, errors)

    assert data == expected.data
    assert _ordered_keys(data) == _ordered_keys(expected.data)
    expected_paths = sorted(str(error.path) for error in expected.errors or [])
    assert sorted(str(error["path"]) for error in errors.formatted) == expected_paths

    quick = compile_quick_projection(ClientSelections(SCHEMA, operation, fragments, conditions=conditions))
    assert quick is not None
    try:
        quick_data = quick(tree)
    except MISFITS:
        # It is for faultless data only; and 12, the id, has to be serialised.
        assert expected.errors or re.search(r"\b12\b", str(tree))
    else:
        assert not expected.errors
        assert quick_data == expected.data
        assert _ordered_keys(quick_data) == _ordered_keys(expected.data)


def test_remembers_what_stands_in_several_shared_places_for_one_response_only() -> None:
    operation = parse("{ titles { id name } }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    selections = ClientSelections(SCHEMA, operation, {}, conditions={})
    quick = compile_quick_projection(selections, shared=[("titles",)])
    assert quick is not None
    up = {"__typename": "Movie", "id": "1", "name": "Up"}

    first = quick({"titles": [up, None, up]})
    up["name"] = "Down"
    second = quick({"titles": [up]})

    assert first == {"titles": [{"id": "1", "name": "Up"}, None, {"id": "1", "name": "Up"}]}
    assert first["titles"][0] is first["titles"][2]
    assert second == {"titles": [{"id": "1", "name": "Down"}]}


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("{ title { __typename } }", {"title": {"__typename": "Hidden"}}),
        ("{ title { __typename } }", {"title": {"__typename": ["Movie"]}}),
        ("{ person { __typename } }", {"person": "text"}),
        ("{ person { name } }", {"person": "text"}),
        ("{ person { name } }", {"person": {"name": None}}),
        ("{ genres }", {"genres": [["DRAMA", "WESTERN"]]}),
        ("{ genres }", {"genres": "DRAMA"}),
        ("{ titles { id } }", {"titles": {"id": "1"}}),
    ],
)
def test_the_quick_projection_leaves_misfits_to_the_careful_one(query: str, tree: Any) -> None:
    operation = parse(query).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    quick = compile_quick_projection(ClientSelections(SCHEMA, operation, {}, conditions={}))
    assert quick is not None

    with pytest.raises(MISFITS):
        quick(tree)


def _ordered_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _ordered_keys(inner)) for key, inner in value.items()]
    return [_ordered_keys(item) for item in value] if isinstance(value, list) else None


def project(query: str, tree: Any, **more: Any) -> tuple[Any, list[dict[str, Any]]]:
    document = parse(query)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert isinstance(operation.selection_set.selections[0], FieldNode)
    errors = ResponseErrors()
    return compile_projection(SCHEMA, operation, {}, conditions={}, **more)(tree, None, errors), errors.formatted


@pytest.mark.parametrize("wrong", ["text", 5, [], True])
def test_a_value_that_is_no_object_is_null_with_an_error(wrong: object) -> None:
    data, errors = project("{ title { id } }", {"title": wrong})

    assert data == {"title": None}
    assert errors == [
        {
            "message": "Query.title did not resolve to an object.",
            "path": ["title"],
            "extensions": {"code": "SERVICE_INVALID_DATA"},
        }
    ]


def test_a_value_that_is_no_list_nulls_the_parent_of_a_non_nullable_list() -> None:
    data, errors = project("{ titles { id } }", {"titles": {"id": "1"}})

    assert data is None
    assert [error["path"] for error in errors] == [["titles"]]


def test_an_error_that_explains_a_null_gets_no_second_one() -> None:
    document = parse("{ person { name self { name } } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    errors = ResponseErrors()
    errors.add("down", code="X", path=("person", "self", "name"))

    data = compile_projection(SCHEMA, operation, {}, conditions={})(
        {"person": {"name": "Ann", "self": {"name": None}}}, None, errors
    )

    assert data is None
    assert [error["message"] for error in errors.formatted] == ["down"]


def test_reads_a_renamed_field_where_the_plan_put_it() -> None:
    renames = [Rename(("title",), "Show", "x", "_x_1")]

    query = "{ title { ... on Movie { x: minutes } ... on Show { x: seasons } } }"
    data, errors = project(query, {"title": {"__typename": "Show", "x": 1, "_x_1": [2]}}, renames=renames)

    assert data == {"title": {"x": [2]}}
    assert errors == []


def test_an_interface_object_without_type_name_answers_what_no_type_changes() -> None:
    same, no_errors = project("{ title { id name } }", {"title": {"id": "1", "name": "Up"}})
    differs, errors = project("{ title { id ... on Movie { minutes } } }", {"title": {"id": "1", "minutes": 90}})

    assert (same, no_errors) == ({"title": {"id": "1", "name": "Up"}}, [])
    assert differs == {"title": None}
    assert [error["message"] for error in errors] == ["Query.title did not resolve to a type of Title."]


def test_an_interface_object_of_which_one_type_exists_answers_as_that_type() -> None:
    schema = build_schema(
        "interface Food { id: ID! } type Bread implements Food { id: ID! grain: Int } type Query { a: Food }"
    )
    operation = parse("{ a { ... on Bread { id grain } } }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)

    data = compile_projection(schema, operation, {}, conditions={})(
        {"a": {"id": "1", "grain": 2}}, None, ResponseErrors()
    )

    assert data == {"a": {"id": "1", "grain": 2}}


def test_an_interface_object_of_which_no_type_exists_answers_all_but_its_type() -> None:
    schema = build_schema("interface Food { id: ID! } type Query { a: Food b: Food }")
    operation = parse("{ a { id } b { id __typename } }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    errors = ResponseErrors()

    data = compile_projection(schema, operation, {}, conditions={})({"a": {"id": "1"}, "b": {"id": "2"}}, None, errors)

    assert data == {"a": {"id": "1"}, "b": None}
    assert [error["path"] for error in errors.formatted] == [["b"]]


def test_goes_without_the_garbage_collector() -> None:
    """A router keeps and forgets many operations, and seldom looks for circles."""
    text = "{ titles { id best { name } ... on Movie { cast { name } } } genres person { self { name age } } }"
    operation = parse(text, no_location=True).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    title = {"__typename": "Movie", "id": "1", "best": {"name": "Up"}, "cast": [[{"name": "Ed"}]]}
    tree = {"titles": [title], "genres": [["DRAMA"]], "person": {"self": {"name": "Ed", "age": 78}}}
    selections = ClientSelections(SCHEMA, operation, {}, conditions={})
    careful, quick = projection_of(selections), compile_quick_projection(selections, shared=[("titles",)])
    assert quick is not None
    assert careful(tree, None, ResponseErrors()) == quick(tree)
    held: list[weakref.ref[Any]] = [weakref.ref(careful), weakref.ref(quick), weakref.ref(selections)]

    gc.disable()
    try:
        del careful, quick, selections
        left = [reference() for reference in held]
    finally:
        gc.enable()

    assert left == [None, None, None]
