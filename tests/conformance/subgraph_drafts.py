"""Random subgraphs while they are being decided on: types and fields by subgraph, and how they are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

LEAVES = ("Int", "String", "Int!", "String!", "Boolean", "Hue", "Hue!", "[Int]", "[String!]!", "Tone", "[Tone!]")
ARGUMENTS = (
    *("", "", "", "", "", "(n: Int)", "(n: Int = 1)", "(n: Int!)", '(s: String = "x", h: Hue)', "(p: Point)"),
    "(q: Patch, m: Mood)",
)
_NAMES = ("alpha", "beta", "gamma", "delta", "omega")
_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable", "@external",'
    ' "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject"])\n'
    "enum Hue { HUE_0 HUE_1 }\ninput Point { x: Int y: [Int!] h: Hue }\n"
)


@dataclass(slots=True)
class Field:
    """A field in one subgraph."""

    type: str
    arguments: str = ""
    directives: str = ""
    is_external: bool = False
    is_free: bool = True
    """Nothing is said about it yet: it may be shared, overridden, required."""


@dataclass(slots=True)
class Type:
    """A composite type in one subgraph."""

    keyword: str
    header: str = ""
    interfaces: set[str] = field(default_factory=set)
    members: tuple[str, ...] = ()
    fields: dict[str, Field] = field(default_factory=dict)
    enterable: bool = False


class Draft:
    """All subgraphs while they are being decided on."""

    def __init__(self, random: Random) -> None:
        self.random = random
        count = random.choice((2, 2, 3, 3, 4))
        self.graphs = random.sample(_NAMES, count)
        self.types: dict[str, dict[str, Type]] = {graph: {} for graph in self.graphs}
        self.entities = [f"E{index}" for index in range(random.randrange(1, 4))]
        self.values = [f"V{index}" for index in range(random.randrange(3))]
        self._numbers = iter(range(1000))
        self.leaves = {graph: self._own_leaves(graph) for graph in self.graphs}
        """Definitions of the enums and inputs of which each subgraph has its own values and fields."""

    def _own_leaves(self, graph: str) -> str:
        """Return an enum for answers, of which all values count, and one and an input of which what all have counts."""
        tones = [" TONE_2"] * self.chance(0.3) + [" TONE_3 @inaccessible"] * self.chance(0.2)
        moods = " MOOD_2" * self.chance(0.3) + f" {graph.upper()}" * self.chance(0.2)
        strict = "!" * self.chance(0.15)
        own = f" {graph}: Int" * self.chance(0.3)
        order = ["k: Int" + strict, "m: Mood"]
        self.random.shuffle(order)
        return (
            f"enum Tone {{ TONE_0 TONE_1{''.join(tones)} }}\nenum Mood {{ MOOD_0 MOOD_1{moods} }}\n"
            f"input Patch {{ {' '.join(order)}{own} }}\n"
        )

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def fresh(self, letter: str) -> str:
        return f"{letter}{next(self._numbers)}"

    def where(self, name: str) -> list[str]:
        """Return the subgraphs that have a type."""
        return [graph for graph in self.graphs if name in self.types[graph]]

    def some(self, graphs: list[str], probability: float = 0.5) -> list[str]:
        """Return some of the subgraphs, at least one."""
        return [graph for graph in graphs if self.chance(probability)] or [self.random.choice(graphs)]

    def wrapped(self, name: str) -> str:
        return self.random.choice((name, name, f"[{name}]", f"{name}!", f"[{name}!]!", f"[[{name}]]"))

    def targets(self, graphs: Iterable[str]) -> list[str]:
        """Return the composite types that all the subgraphs have, but for roots and parts of keys."""
        common = set.intersection(*(set(self.types[graph]) for graph in graphs))
        return sorted(name for name in common if name not in {"Query", "Mutation", "Ref"})

    def resolving(self, type_name: str, field_name: str) -> list[str]:
        """Return the subgraphs that resolve a field."""
        return [
            graph
            for graph in self.where(type_name)
            if (found := self.types[graph][type_name].fields.get(field_name)) and not found.is_external
        ]


def bare(type_text: str) -> str:
    return type_text.strip("[]!")


def print_sdl(draft: Draft, graph: str) -> str:
    parts = [_LINK, draft.leaves[graph]]
    for name, table in draft.types[graph].items():
        if table.keyword == "union":
            parts.append(f"union {name} = {' | '.join(table.members)}\n")
            continue
        if not table.fields:
            continue
        interfaces = f" implements {' & '.join(sorted(table.interfaces))}" if table.interfaces else ""
        parts.append(f"{table.keyword} {name}{interfaces}{table.header} {{\n")
        parts.extend(_print_field(draft, table, name, item) for item in table.fields.items())
        parts.append("}\n")
    return "".join(parts)


def _print_field(draft: Draft, table: Type, type_name: str, item: tuple[str, Field]) -> str:
    name, found = item
    directives = found.directives
    if found.is_external:
        directives += " @external"
    elif table.keyword == "type" and _is_shared(draft, type_name, name, "@override" in directives):
        directives += " @shareable"
    return f"  {name}{found.arguments}: {found.type}{directives}\n"


def _is_shared(draft: Draft, type_name: str, name: str, is_override: bool) -> bool:
    """Whether others declare the field too; what they only provide counts as shared, what is overridden does not."""
    tables = [draft.types[graph][type_name] for graph in draft.where(type_name)]
    return sum(name in table.fields for table in tables) > (2 if is_override else 1)
