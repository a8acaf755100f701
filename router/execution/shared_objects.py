"""Lets equal entities of the response tree be one object, so that each is completed and projected once.

A page of recommendations holds the same title in many places. Right after the reply that brings such objects, those of
one position which have the same key and are equal in every respect are replaced by the first of them. From then on a
representation has one owner instead of many, a reply is merged once, and a projection is remembered.

What would make sharing visible is excluded by the plan, before any data are seen: objects are shared where one fetch
completes the position (what else writes there has happened before), where all later fetches to or below the position
treat its objects alike, and within one position only. Equal means equal as Python has it, so `1` and `1.0` are the
same value of the same field of the same entity.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.execution.client_selections import keys_of
from router.execution.described_types import attribute
from router.execution.generated_code import Parameters, generate
from router.execution.object_forms import NO_FORMS, Forms, read
from router.execution.walk import object_tests, walk_lines
from router.planning.plan import EntityFetch, EntityTarget, PathStep, RootFetch

Path = tuple[PathStep, ...]
Keys = tuple[str, ...]
Slots = list[list[dict[str, Any]] | None]
"""The distinct objects of each shared position, by its slot; None until they are known."""
Share = Callable[[dict[str, Any], Slots], None]
"""Shares objects below the root, and fills their slots."""


@dataclass(frozen=True, slots=True)
class SharedPosition:
    """A position whose equal objects become one.

    Attributes:
        slot: Where its distinct objects are found afterwards.
        key: Internal key of a value that equal objects have in common.
        after: Id of the fetch whose reply completes the position.
    """

    slot: int
    path: Path
    key: str
    after: int

    @property
    def keys(self) -> Keys:
        """Internal keys from the root."""
        return keys_of(self.path)


@dataclass(frozen=True, slots=True)
class Sharing:
    """What shares objects after a fetch: in a tree without types, and in one of which some objects are structs."""

    plain: Share
    typed: Share


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a fetch merges what it brings."""

    fetch: int
    path: Path
    brought: frozenset[str]


def find_shared_positions(
    fetches: Sequence[RootFetch | EntityFetch], ancestors: Mapping[int, frozenset[int]]
) -> list[SharedPosition]:
    """Return the positions whose objects can be shared, a position before those below it.

    Args:
        fetches: Those that are sent.
        ancestors: For each of them, the fetches that are complete before it starts.
    """
    places = [place for fetch in fetches for place in _places(fetch)]
    found: list[SharedPosition] = []
    for path, targets in sorted(_targets_by_path(fetches).items(), key=lambda item: len(item[0])):
        key = _common_key(targets)
        after = _completing_fetch(path, places, ancestors)
        if key is not None and after is not None and any(step.list_depth for step in path):
            found.append(SharedPosition(len(found), path, key, after))
    return found


def ancestors_of(depends_on: Mapping[int, Sequence[int]]) -> dict[int, frozenset[int]]:
    """Return all fetches that are complete before each one starts; given in topological order."""
    found: dict[int, frozenset[int]] = {}
    for fetch, direct in depends_on.items():
        found[fetch] = frozenset(direct).union(*(found[before] for before in direct))
    return found


def _targets_by_path(fetches: Iterable[RootFetch | EntityFetch]) -> dict[Path, list[EntityTarget]]:
    found: dict[Path, list[EntityTarget]] = {}
    for fetch in fetches:
        if isinstance(fetch, EntityFetch):
            for entry in fetch.entries:
                for target in entry.targets:
                    found.setdefault(target.path, []).append(target)
    return found


def _places(fetch: RootFetch | EntityFetch) -> list[_Place]:
    if isinstance(fetch, RootFetch):
        return [_Place(fetch.id, fetch.path, frozenset(fetch.keys))]
    return [_Place(fetch.id, target.path, frozenset(entry.keys)) for entry in fetch.entries for target in entry.targets]


def _common_key(targets: Iterable[EntityTarget]) -> str | None:
    """Return a key whose plain value every representation of the position has."""
    firsts = {template.fields[0] for target in targets for template in target.representations if template.fields}
    if len({first.key for first in firsts}) != 1 or any(first.fields is not None for first in firsts):
        return None
    return next(iter(firsts)).key


def _completing_fetch(path: Path, places: Sequence[_Place], ancestors: Mapping[int, frozenset[int]]) -> int | None:
    """Return the fetch after which the position is complete, None if its objects cannot be shared."""
    keys, length = keys_of(path), len(path)
    writers: set[int] = set()
    later: set[int] = set()
    for place in places:
        place_keys = keys_of(place.path)
        if place_keys[:length] == keys:
            if place.path[:length] != path:
                return None  # a fetch for some of the objects only: they are told apart by what holds them
            later.add(place.fetch)
        elif keys[: len(place_keys)] == place_keys and keys[len(place_keys)] in place.brought:
            writers.add(place.fetch)
    last = [fetch for fetch in writers if writers - {fetch} <= ancestors[fetch]]
    if len(last) != 1 or not all(last[0] in ancestors[fetch] for fetch in later):
        return None
    return last[0]


def compile_sharing(
    positions: Sequence[SharedPosition], ancestors: Mapping[int, frozenset[int]], forms: Forms = NO_FORMS
) -> dict[int, Share]:
    """Return what has to be called after each fetch, by its id. It never raises for what the data are."""
    by_fetch: dict[int, list[SharedPosition]] = {}
    for position in positions:
        by_fetch.setdefault(position.after, []).append(position)
    return {fetch: _compile(found, positions, ancestors[fetch] | {fetch}, forms) for fetch, found in by_fetch.items()}


def _compile(
    found: Sequence[SharedPosition], positions: Sequence[SharedPosition], complete: frozenset[int], forms: Forms
) -> Share:
    lines: list[str] = []
    parameters = Parameters()
    for position in found:
        above = nearest(position.path[:-1], [other for other in positions if other.after in complete])
        lines += start_lines(position.path[:-1], above, parameters, forms)
        lines += _sharing_lines(position, parameters, forms)
    # A key that is no plain value, or values too deep to compare: what is not shared is still right.
    guarded = [
        "try:",
        *("    " + line for line in lines),
        "except (TypeError, AttributeError, RecursionError):",
        "    return",
    ]
    share: Share = generate("share", ["root", "slots"], guarded, parameters)
    return share


def nearest(path: Path, positions: Iterable[SharedPosition]) -> SharedPosition | None:
    """Return the shared position that is farthest along a path."""
    on_path = [position for position in positions if position.path == path[: len(position.path)]]
    return max(on_path, key=lambda position: len(position.path), default=None)


def start_lines(path: Path, above: SharedPosition | None, parameters: Parameters, forms: Forms = NO_FORMS) -> list[str]:
    """Return statements that bind `objects` to those which `path` leads to, from the distinct ones above if known."""
    if above is None:
        return ["objects = [root]", *walk_lines(path, parameters, forms)]
    return [
        f"objects = slots[{parameters.constant(above.slot)}]",
        "if objects is None:",
        *("    " + line for line in ["objects = [root]", *walk_lines(above.path, parameters, forms)]),
        *walk_lines(path[len(above.path) :], parameters, forms, below=above.path),
    ]


def _sharing_lines(position: SharedPosition, parameters: Parameters, forms: Forms) -> list[str]:
    """Return statements that share what the last step of the path leads to from `objects`."""
    step, above = position.path[-1], forms.get(position.keys[:-1])
    step_key, slot = parameters.constant(step.key), parameters.constant(position.slot)
    value = read(above, "o", step.key, constant=step_key)
    lines = ["seen = {}", "get = seen.get", "distinct = []", "for o in objects:", f"    x = {value}"]
    if step.list_depth == 0:
        place = f"o[{step_key}]" if above is None else f"o.{attribute(step.key)}"
        return [
            *lines,
            *_one_lines(position, "    ", place, parameters, forms),
            f"slots[{slot}] = distinct",
        ]
    indent = "    "
    for depth in range(step.list_depth):
        inner = f"l{depth}"
        lines += [f"{indent}{inner} = x", f"{indent}if {inner}.__class__ is not list: continue"]
        lines.append(f"{indent}for i, x in enumerate({inner}):")
        indent += "    "
    lines += _one_lines(position, indent, f"l{step.list_depth - 1}[i]", parameters, forms)
    return [*lines, f"slots[{slot}] = distinct"]


def _one_lines(position: SharedPosition, indent: str, place: str, parameters: Parameters, forms: Forms) -> list[str]:
    form = forms.get(position.keys)
    tests = object_tests(position.path[-1], parameters, form)
    lines = [
        *(f"if not ({test}): continue" for test in tests),
        f"k = {read(form, 'x', position.key, constant=parameters.constant(position.key))}",
        "y = get(k)",
        "if y is None:",
        "    seen[k] = x",
        "    distinct.append(x)",
        "elif y is not x:",
        f"    if y == x: {place} = y",
        "    else: distinct.append(x)",
    ]
    return [indent + line for line in lines]
