"""Random valid operations of a schema: aliases, merged fields, fragments, @skip and @include, literals, variables."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    parse,
    validate,
)


@dataclass
class Operation:
    text: str
    variables: dict[str, Any]
    kind: str = "query"


@dataclass
class _Writer:
    schema: GraphQLSchema
    dice: Random
    variables: dict[str, Any] = field(default_factory=dict)
    declarations: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    budget: int = 14

    def variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = value
        self.declarations.append(f"${name}: {type_}")
        return f"${name}"

    def condition(self) -> str:
        if self.dice.random() > 0.12:
            return ""
        name, value = self.dice.choice(["skip", "include"]), self.dice.random() < 0.5
        given = self.variable("Boolean!", value) if self.dice.random() < 0.6 else str(value).lower()
        return f" @{name}(if: {given})"

    def value(self, type_: Any, depth: int = 0) -> tuple[str, Any]:
        """Return a value as literal and as JSON."""
        if is_non_null_type(type_):
            return self.value(type_.of_type, depth)
        if is_list_type(type_):
            items = [self.value(type_.of_type, depth) for _ in range(self.dice.randrange(3))]
            return "[" + ", ".join(literal for literal, _ in items) + "]", [value for _, value in items]
        if isinstance(type_, GraphQLEnumType):
            name = self.dice.choice(list(type_.values))
            return name, name
        if isinstance(type_, GraphQLInputObjectType):
            given = {
                name: self.value(input_field.type, depth + 1)
                for name, input_field in type_.fields.items()
                if (self.dice.random() < 0.5 and depth < 2) or is_required_argument(input_field)
            }
            literal = ", ".join(f"{name}: {text}" for name, (text, _) in given.items())
            return "{" + literal + "}", {name: value for name, (_, value) in given.items()}
        if type_.name == "_Any":
            name, key = self.dice.choice(["Cat", "Cat", "Dog", "Dog", "Rock", "Nobody"]), str(self.dice.randrange(40))
            if self.dice.random() < 0.05:
                return '"text"', "text"
            return f'{{__typename: "{name}", id: "{key}"}}', {"__typename": name, "id": key}
        if type_.name == "Int":
            number = self.dice.randrange(1, 30)
            return str(number), number
        if type_.name == "Boolean":
            truth = self.dice.random() < 0.5
            return str(truth).lower(), truth
        text = self.dice.choice(["a", "b", "é"])
        return f'"{text}"', text

    def arguments(self, definition: Any) -> str:
        given = []
        for name, argument in definition.args.items():
            if not is_required_argument(argument) and self.dice.random() < 0.6:
                continue
            literal, value = self.value(argument.type)
            given.append(f"{name}: {self.variable(str(argument.type), value) if self.dice.random() < 0.4 else literal}")
        return f"({', '.join(given)})" if given else ""

    def selections(self, type_: Any, depth: int) -> str:
        chosen = []
        for _ in range(self.dice.randrange(1, 5)):
            chance = self.dice.random()
            if chance < 0.1 or (isinstance(type_, GraphQLUnionType) and chance < 0.3):
                chosen.append("__typename")
            elif depth < 5 and (chance < 0.3 or isinstance(type_, GraphQLUnionType)):
                chosen.append(self.fragment(type_, depth))
            elif not isinstance(type_, GraphQLUnionType):
                chosen.append(self.field(type_, depth))
        return (
            "{ " + " ".join(filter(None, chosen)) + " __typename }"
            if not any(chosen)
            else "{ " + " ".join(filter(None, chosen)) + " }"
        )

    def fragment(self, type_: Any, depth: int) -> str:
        possible: list[Any] = [type_]
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            possible += self.schema.get_possible_types(type_)
        elif isinstance(type_, GraphQLObjectType):
            possible += type_.interfaces
        on = self.dice.choice(possible)
        if self.dice.random() < 0.4 and self.fragments and self.dice.random() < 0.5:
            return f"...{self.dice.choice(self.fragments).split()[1]}{self.condition()}"
        inner = self.selections(on, depth + 1)
        if self.dice.random() < 0.4:
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {on.name} {inner}")
            return f"...{name}{self.condition()}"
        shown = f" on {on.name}" if on is not type_ or self.dice.random() < 0.5 else ""
        return f"...{shown}{self.condition()} {inner}"

    def field(self, type_: Any, depth: int) -> str:
        names = [name for name in type_.fields if name != "_service"]
        name = self.dice.choice(names)
        definition = type_.fields[name]
        named = get_named_type(definition.type)
        self.budget -= 1
        if is_composite_type(named) and (depth > 6 or self.budget < 0):
            return ""
        alias = f"{self.dice.choice('xyz')}{self.dice.randrange(3)}: " if self.dice.random() < 0.3 else ""
        inner = f" {self.selections(named, depth + 1)}" if is_composite_type(named) else ""
        return f"{alias}{name}{self.arguments(definition)}{self.condition()}{inner}"


def random_operation(schema: GraphQLSchema, dice: Random) -> Operation:
    """Return an operation that passes validation; of ten, about one is a mutation, and some are subscriptions."""
    while True:
        writer = _Writer(schema, dice)
        chance = dice.random()
        kind, root = "query", schema.query_type
        if chance < 0.1:
            kind, root = "mutation", schema.mutation_type
        elif chance < 0.15:
            kind, root = "subscription", schema.subscription_type
        selections = writer.selections(root, 0)
        declared = f"({', '.join(writer.declarations)})" if writer.declarations else ""
        text = "\n".join([f"{kind} Q{declared} {selections}", *writer.fragments])
        if not validate(schema, parse(text)):
            return Operation(text, writer.variables, kind)
