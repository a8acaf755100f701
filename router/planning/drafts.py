"""Fetches while the plan is being built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from router.planning.fetch_selection import FetchSelection
from router.planning.plan import ContextCandidate, PathStep, Representation, RepresentationField
from router.planning.representation_values import conflict, join_values
from router.supergraph.selections import NO_GUARDS, Guards

Path = tuple[PathStep, ...]

TemplateKey = tuple[tuple[str, ...] | None, str | None]
"""Concrete types that a template is for (None: all), and the typename to send (None: the object's own)."""


@dataclass(slots=True, eq=False)
class TargetDraft:
    """Objects at one path that a fetch completes.

    Attributes:
        all_types: Every concrete type that may stand at the path.
        guards: Under which the required values are fetched. Fields that need them only then have a target of their own,
            so that no representation carries values that were not fetched.
        entities: What is asked, by type condition below `_entities`.
        is_opaque: The graph entered does not tell types, so what is asked is asked for every object of the target.
        templates: Key and required fields.
        contexts: By variable, where the value of a context may be found.
    """

    path: Path
    all_types: frozenset[str]
    guards: Guards
    is_opaque: bool
    entities: dict[str, FetchSelection] = field(default_factory=dict)
    templates: dict[TemplateKey, dict[RepresentationField, None]] = field(default_factory=dict)
    contexts: dict[str, tuple[ContextCandidate, ...]] = field(default_factory=dict)

    def fits(self, key: TemplateKey, values: Iterable[RepresentationField]) -> bool:
        """Whether a template can be added.

        Not if one object would have two templates, or one name in a template would be read from two places, or if
        objects of other types would be asked for what is wanted of these alone.
        """
        if self.is_opaque and any(known != key for known in self.templates):
            return False
        if any(known != key and _overlap(known[0], key[0]) for known in self.templates):
            return False
        return not any(conflict(known, value) for known in self.templates.get(key, ()) for value in values)

    def representations(self) -> tuple[Representation, ...]:
        """Return the templates. Types with equal templates share one; key fields come before required ones."""
        types_of: dict[tuple[str | None, tuple[RepresentationField, ...]], set[str]] = {}
        for (types, typename), fields in self.templates.items():
            values = tuple(sorted(join_values(fields), key=lambda value: not value.is_key))
            types_of.setdefault((typename, values), set()).update(self.all_types if types is None else types)
        return tuple(
            Representation(None if self.all_types <= types else tuple(sorted(types)), typename, values)
            for (typename, values), types in types_of.items()
        )


@dataclass(slots=True, eq=False)
class FetchDraft:
    """One request. A root fetch has `root`, an entity fetch has `targets`."""

    segment: int
    wave: int
    graph: int
    path: Path = ()
    root: FetchSelection | None = None
    targets: dict[Path, list[TargetDraft]] = field(default_factory=dict)
    depends_on: set[FetchDraft] = field(default_factory=set)

    def target_for(
        self,
        path: Path,
        key: TemplateKey,
        values: list[RepresentationField],
        *,
        all_types: frozenset[str],
        guards: Guards,
        is_opaque: bool,
    ) -> TargetDraft:
        """Return the target at a path that can take a template with these values, with them added.

        Args:
            all_types: Every concrete type that may stand at the path.
            guards: Conditions of the field that needs the values.
            is_opaque: The graph does not tell types.
        """
        if all(value.is_key for value in values):
            guards = NO_GUARDS
        targets = self.targets.setdefault(path, [])
        alike = (known for known in targets if (known.guards, known.is_opaque) == (guards, is_opaque))
        target = next((known for known in alike if known.fits(key, values)), None)
        if target is None:
            target = TargetDraft(path, all_types, guards, is_opaque)
            targets.append(target)
        target.templates.setdefault(key, {}).update(dict.fromkeys(values))
        return target


def _overlap(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> bool:
    return one is None or other is None or not set(one).isdisjoint(other)
