"""Random operations over an API schema: aliases, merged fields, fragments, conditions, arguments, variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from tests.conformance.case import Operation

_ALIASES = ("a", "b", "id", "code", "x")
_WIDTHS = ((1, 1, 2, 2, 3), (1, 1, 2, 2, 3), (1, 1, 1, 2), (2, 3, 4, 6))
"""Numbers of selections in a set, by operation: usual, deep and narrow, wide."""
_NESTED_FRAGMENTS = 4


def random_operation(schema: GraphQLSchema, random: Random) -> Operation:
    """Return a random operation. Now and then it is not valid: the same key may stand for two things."""
    return random_operations(schema, random, count=1)[0]


def random_operations(schema: GraphQLSchema, random: Random, *, count: int) -> list[Operation]:
    """Return a random operation with several values of its variables; most have the values that their names tell."""
    writer = _Writer(schema, random)
    text = writer.write()
    return [Operation(text, writer.values(usual=number == 0 or random.random() < 0.3)) for number in range(count)]


@dataclass(slots=True)
class _Keys:
    """What the response keys of one position stand for, and those below each."""

    meanings: dict[str, str] = field(default_factory=dict)
    below: dict[str, _Keys] = field(default_factory=dict)

    def copy(self) -> _Keys:
        """Return the same, free to be used otherwise; what is below stays common, since it has to be merged."""
        return _Keys(dict(self.meanings), self.below)


class _Writer:
    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self._schema = schema
        self._random = random
        self._definitions: dict[str, str] = {}
        self._kinds: dict[str, GraphQLInputType] = {}
        self._fragments: list[str] = []
        self._size = random.choice((3, 6, 12, 25, 40))
        self._widths = random.choice(_WIDTHS)
        self._nested = 0

    def write(self) -> str:
        kind, root = "query", self._schema.query_type
        if self._schema.mutation_type is not None and self._random.random() < 0.4:
            kind, root = "mutation", self._schema.mutation_type
        assert root is not None
        body = self._selections(root, depth=self._random.choice((2, 3, 3, 4, 4, 6)), keys=_Keys())
        variables = ", ".join(f"${name}: {text}" for name, text in self._definitions.items())
        name = " Op" if self._random.random() < 0.2 else ""
        head = f"{kind}{name}({variables})" if variables else kind + name
        return " ".join([f"{head} {body}", *self._fragments])

    def values(self, *, usual: bool) -> dict[str, Any]:
        """Return values for the variables; the usual ones make `$on` true, `$off` false, and leave `$maybe` out."""
        random, found = self._random, dict[str, Any]()
        for name in self._definitions:
            kind = self._kinds.get(name)
            if kind is None:
                if not usual and random.random() < (0.5 if name == "maybe" else 1.0):
                    found[name] = random.random() < 0.5
                elif name != "maybe":
                    found[name] = name == "on"
            elif isinstance(kind, GraphQLNonNull) or random.random() < 0.75:
                found[name] = self._value(kind)[1]
            elif random.random() < 0.4:
                found[name] = None
        return found

    def _selections(self, parent: GraphQLNamedType, *, depth: int, keys: _Keys) -> str:
        """Return a selection set.

        Args:
            parent: Type that it is on.
            depth: Levels that may follow.
            keys: What the response keys of this position stand for.
        """
        parts: list[str] = []
        for _ in range(self._random.choice(self._widths)):
            is_fragment = self._random.random() < (0.6 if isinstance(parent, GraphQLUnionType) else 0.25)
            if is_fragment and self._nested < _NESTED_FRAGMENTS:
                parts.append(self._fragment(parent, depth=depth, keys=keys))
            else:
                parts.append(self._field(parent, depth=depth, keys=keys))
        return "{ " + " ".join(parts) + " }"

    def _fragment(self, parent: GraphQLNamedType, *, depth: int, keys: _Keys) -> str:
        conditions = self._conditions(parent)
        condition = self._random.choice(conditions)
        if not isinstance(parent, GraphQLObjectType) and self._random.random() < 0.4:
            keys = keys.copy()  # objects of another type may use the same keys for something else
        self._nested += 1
        body = self._selections(self._type(condition), depth=max(depth - 1, 0), keys=keys)
        self._nested -= 1
        directive = self._directive()
        if self._random.random() < 0.15:
            name = f"F{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {condition} {body}")
            return f"...{name}{directive}"
        if condition == parent.name and self._random.random() < 0.4:
            return f"...{directive} {body}"
        return f"... on {condition}{directive} {body}"

    def _conditions(self, parent: GraphQLNamedType) -> list[str]:
        """Return names of types that a fragment may be on."""
        if isinstance(parent, GraphQLObjectType):
            possible = [parent]
        else:
            assert isinstance(parent, GraphQLInterfaceType | GraphQLUnionType)
            possible = list(self._schema.get_possible_types(parent))
        names = [parent.name, *(member.name for member in possible), *(member.name for member in possible)]
        for name, other in self._schema.type_map.items():
            if isinstance(other, GraphQLInterfaceType | GraphQLUnionType) and any(
                self._schema.is_sub_type(other, member) for member in possible
            ):
                names.append(name)
        return names

    def _field(self, parent: GraphQLNamedType, *, depth: int, keys: _Keys) -> str:
        if isinstance(parent, GraphQLUnionType):
            return "__typename"
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        names = [
            name
            for name, field in parent.fields.items()
            if depth > 0 or not is_composite_type(get_named_type(field.type))
        ]
        if not names or self._random.random() < 0.1:
            return self._keyed("__typename", "", keys) + self._directive()
        self._size -= 1
        name = self._random.choice(names)
        field = parent.fields[name]
        text = self._keyed(name, self._arguments(field), keys)
        keys = keys.below.setdefault(text.partition(":")[0].partition("(")[0], _Keys())
        text += self._directive()
        below = get_named_type(field.type)
        if is_composite_type(below):
            text += " " + (self._selections(below, depth=depth - 1, keys=keys) if self._size > 0 else "{ __typename }")
        return text

    def _keyed(self, name: str, arguments: str, keys: _Keys) -> str:
        """Return a field under a key that means nothing else here, except now and then."""
        random = self._random
        key = name if random.random() < 0.8 else random.choice(_ALIASES)
        meaning = name + arguments
        while keys.meanings.setdefault(key, meaning) != meaning and random.random() < 0.98:
            key = f"{name.strip('_')}_{random.randrange(30)}"
        return meaning if key == name else f"{key}: {meaning}"

    def _directive(self) -> str:
        random = self._random
        if random.random() > 0.12:
            return ""
        name = random.choice(("include", "skip"))
        if random.random() < 0.15:
            return f" @{name}(if: {random.choice(('true', 'false'))})"
        variable = random.choice(("on", "off", "maybe"))
        default = " = true" if variable == "maybe" else ""
        self._definitions[variable] = f"Boolean!{default}"
        text = f" @{name}(if: ${variable})"
        if random.random() < 0.1 and variable != "off":
            self._definitions["off"] = "Boolean!"
            text += f" @{'skip' if name == 'include' else 'include'}(if: $off)"
        return text

    def _arguments(self, field: GraphQLField) -> str:
        parts = [
            f"{name}: {self._argument(argument)}"
            for name, argument in field.args.items()
            if is_required_argument(argument) or self._random.random() < 0.6
        ]
        return f"({', '.join(parts)})" if parts else ""

    def _argument(self, argument: GraphQLArgument) -> str:
        if self._random.random() < 0.6:
            may_be_null = not isinstance(argument.type, GraphQLNonNull)
            return "null" if may_be_null and self._random.random() < 0.06 else self._value(argument.type)[0]
        name = f"v{len(self._definitions)}"
        self._definitions[name] = str(argument.type)
        self._kinds[name] = argument.type
        return f"${name}"

    def _value(self, kind: GraphQLInputType) -> tuple[str, Any]:
        """Return a value as it stands in a document, and as a variable's."""
        random = self._random
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type)
        if isinstance(kind, GraphQLList):
            literal, value = self._value(kind.of_type)
            return f"[{literal}]", [value]
        if isinstance(kind, GraphQLEnumType):
            name = random.choice(sorted(kind.values))
            return name, name
        if isinstance(kind, GraphQLInputObjectType):
            chosen = (p for p in kind.fields.items() if is_required_input_field(p[1]) or random.random() < 0.8)
            found = {name: self._value(field.type) for name, field in chosen}
            literal = ", ".join(f"{name}: {text}" for name, (text, _) in found.items())
            return f"{{{literal}}}", {name: value for name, (_, value) in found.items()}
        number = random.randrange(3)
        return (str(number), number) if kind.name == "Int" else (f'"{number}"', str(number))

    def _type(self, name: str) -> GraphQLNamedType:
        found: GraphQLNamedType = self._schema.type_map[name]
        return found
