"""Random operations over an API schema: aliases, merged fields, fragments, conditions, arguments, variables."""

from __future__ import annotations

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
)

from tests.conformance.case import Operation

_ALIASES = ("a", "b", "id", "code", "x")


def random_operation(schema: GraphQLSchema, random: Random) -> Operation:
    """Return a random operation. Now and then it is not valid: the same key may stand for two things."""
    return _Writer(schema, random).write()


class _Writer:
    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self._schema = schema
        self._random = random
        self._definitions: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._fragments: list[str] = []
        self._size = random.choice((3, 6, 12, 25))

    def write(self) -> Operation:
        kind, root = "query", self._schema.query_type
        if self._schema.mutation_type is not None and self._random.random() < 0.4:
            kind, root = "mutation", self._schema.mutation_type
        assert root is not None
        body = self._selections(root, depth=self._random.choice((2, 3, 4)), keys={})
        variables = ", ".join(f"${name}: {text}" for name, text in self._definitions.items())
        head = f"{kind} Op({variables})" if variables else kind
        return Operation(" ".join([f"{head} {body}", *self._fragments]), self._values)

    def _selections(self, parent: GraphQLNamedType, *, depth: int, keys: dict[str, str]) -> str:
        """Return a selection set.

        Args:
            parent: Type that it is on.
            depth: Levels that may follow.
            keys: What each response key of this position stands for.
        """
        parts: list[str] = []
        for _ in range(self._random.choice((1, 1, 2, 2, 3))):
            if self._random.random() < (0.6 if isinstance(parent, GraphQLUnionType) else 0.25):
                parts.append(self._fragment(parent, depth=depth, keys=keys))
            else:
                parts.append(self._field(parent, depth=depth, keys=keys))
        return "{ " + " ".join(parts) + " }"

    def _fragment(self, parent: GraphQLNamedType, *, depth: int, keys: dict[str, str]) -> str:
        conditions = self._conditions(parent)
        condition = self._random.choice(conditions)
        if not isinstance(parent, GraphQLObjectType) and self._random.random() < 0.4:
            keys = dict(keys)  # objects of another type may use the same keys for something else
        body = self._selections(self._type(condition), depth=max(depth - 1, 0), keys=keys)
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

    def _field(self, parent: GraphQLNamedType, *, depth: int, keys: dict[str, str]) -> str:
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
        text = self._keyed(name, self._arguments(field), keys) + self._directive()
        below = get_named_type(field.type)
        if is_composite_type(below):
            text += " " + (self._selections(below, depth=depth - 1, keys={}) if self._size > 0 else "{ __typename }")
        return text

    def _keyed(self, name: str, arguments: str, keys: dict[str, str]) -> str:
        """Return a field under a key that means nothing else here, except now and then."""
        random = self._random
        key = name if random.random() < 0.8 else random.choice(_ALIASES)
        meaning = name + arguments
        while keys.setdefault(key, meaning) != meaning and random.random() < 0.95:
            key = f"{name.strip('_')}_{random.randrange(5)}"
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
        if variable != "maybe":
            self._values[variable] = variable == "on"
        text = f" @{name}(if: ${variable})"
        if random.random() < 0.1 and variable != "off":
            self._definitions["off"] = "Boolean!"
            self._values["off"] = False
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
        literal, value = self._value(argument.type)
        if self._random.random() < 0.6:
            return literal
        name = f"v{len(self._definitions)}"
        self._definitions[name] = str(argument.type)
        if isinstance(argument.type, GraphQLNonNull) or self._random.random() < 0.8:
            self._values[name] = value
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
            found = {name: self._value(field.type) for name, field in kind.fields.items() if random.random() < 0.8}
            literal = ", ".join(f"{name}: {text}" for name, (text, _) in found.items())
            return f"{{{literal}}}", {name: value for name, (_, value) in found.items()}
        number = random.randrange(3)
        return (str(number), number) if kind.name == "Int" else (f'"{number}"', str(number))

    def _type(self, name: str) -> GraphQLNamedType:
        found: GraphQLNamedType = self._schema.type_map[name]
        return found
