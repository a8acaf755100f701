"""Equal entities of one position become one object, unless somebody could tell."""

from typing import Any

from router.execution.shared_objects import SharedPosition, Slots, ancestors_of, compile_sharing, find_shared_positions
from router.planning.plan import EntityFetch, PathStep, RootFetch
from tests.router.execution.kit import entity_fetch, entry, root_fetch, target

SHOWN = (PathStep("edges", 1), PathStep("node"))
BEST = (*SHOWN, PathStep("similar", 1))


def shared(*fetches: RootFetch | EntityFetch) -> list[SharedPosition]:
    return find_shared_positions(fetches, ancestors_of({fetch.id: fetch.depends_on for fetch in fetches}))


def share(root: dict[str, Any], *fetches: RootFetch | EntityFetch, after: int = 0) -> Slots:
    positions = shared(*fetches)
    slots: Slots = [None] * len(positions)
    ancestors = ancestors_of({fetch.id: fetch.depends_on for fetch in fetches})
    compile_sharing(positions, ancestors)[after](root, slots)
    return slots


PLAN = (
    root_fetch(0, "lists", "edges"),
    entity_fetch(1, "films", entry(target(SHOWN), keys=("name",)), depends_on=(0,)),
)


def test_equal_objects_become_the_first_of_them() -> None:
    root: dict[str, Any] = {
        "edges": [{"node": {"id": "1"}}, {"node": {"id": "2"}}, {"node": {"id": "1"}}, {"node": None}, None]
    }

    slots = share(root, *PLAN)

    assert root == {
        "edges": [{"node": {"id": "1"}}, {"node": {"id": "2"}}, {"node": {"id": "1"}}, {"node": None}, None]
    }
    first, second, third = (edge["node"] for edge in root["edges"][:3] if edge)
    assert first is third
    assert first is not second
    assert slots == [[{"id": "1"}, {"id": "2"}]]


def test_objects_of_one_key_that_differ_stay_apart() -> None:
    root = {"edges": [{"node": {"id": "1", "rank": 1}}, {"node": {"id": "1", "rank": 2}}]}

    slots = share(root, *PLAN)

    assert root["edges"][0]["node"] is not root["edges"][1]["node"]
    assert slots == [[{"id": "1", "rank": 1}, {"id": "1", "rank": 2}]]


def test_items_of_lists_are_replaced_in_their_lists() -> None:
    path = (PathStep("rows", 2),)
    plan = (root_fetch(0, "a", "rows"), entity_fetch(1, "b", entry(target(path), keys=("name",)), depends_on=(0,)))
    root: dict[str, Any] = {"rows": [[{"id": "1"}, None], None, [{"id": "1"}]]}

    share(root, *plan)

    assert root == {"rows": [[{"id": "1"}, None], None, [{"id": "1"}]]}
    assert root["rows"][0][0] is root["rows"][2][0]


def test_a_position_below_starts_at_the_distinct_objects_above() -> None:
    below = entity_fetch(2, "c", entry(target(BEST), keys=("stars",)), depends_on=(0,))
    root = {"edges": [{"node": {"id": "1", "similar": [{"id": "9"}]}}, {"node": {"id": "1", "similar": [{"id": "9"}]}}]}

    slots = share(root, *PLAN, below)

    assert slots == [[{"id": "1", "similar": [{"id": "9"}]}], [{"id": "9"}]]


def test_a_key_that_is_no_plain_value_shares_nothing() -> None:
    root = {"edges": [{"node": {"id": ["1"]}}, {"node": {"id": ["1"]}}]}

    slots = share(root, *PLAN)

    assert root["edges"][0]["node"] is not root["edges"][1]["node"]
    assert slots == [None]


def test_nothing_is_shared_where_a_fetch_completes_some_of_the_objects_only() -> None:
    path = (PathStep("edges", 1, ("New",)), PathStep("node"))
    some = entity_fetch(2, "c", entry(target(path), keys=("stars",)), depends_on=(0,))

    assert shared(*PLAN, some) == []


def test_nothing_is_shared_that_two_fetches_write_at_the_same_time() -> None:
    also = root_fetch(1, "other", "edges")
    completing = entity_fetch(2, "c", entry(target(SHOWN), keys=("stars",)), depends_on=(0,))

    assert shared(root_fetch(0, "lists", "edges"), also, completing) == []


def test_nothing_is_shared_that_is_not_in_a_list() -> None:
    path = (PathStep("node"),)

    assert (
        shared(root_fetch(0, "a", "node"), entity_fetch(1, "b", entry(target(path), keys=("x",)), depends_on=(0,)))
        == []
    )


def test_what_one_fetch_brings_for_objects_of_another_is_shared_after_it() -> None:
    brings = entity_fetch(1, "films", entry(target(SHOWN), keys=("similar",)), depends_on=(0,))
    below = entity_fetch(2, "c", entry(target(BEST), keys=("stars",)), depends_on=(1,))

    positions = shared(root_fetch(0, "lists", "edges"), brings, below)

    assert [(position.keys, position.after) for position in positions] == [
        (("edges", "node"), 0),
        (("edges", "node", "similar"), 1),
    ]
