"""Is a document valid for a subgraph? As graphql-core's validation, but in one pass and so several times faster.

Only what a router can get wrong is looked at: fields, arguments, variables, fragments, directives said twice, and keys
that stand for different things. A document with named fragments is left to graphql-core.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FieldsOnCorrectTypeRule,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    NullValueNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    Undefined,
    UniqueDirectivesPerLocationRule,
    VariablesInAllowedPositionRule,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    is_type_sub_type_of,
    print_ast,
    type_from_ast,
    validate,
)

RULES = (
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    UniqueDirectivesPerLocationRule,
    VariablesInAllowedPositionRule,
)
"""What is checked here, as graphql-core calls it."""


def mistakes_in(schema: GraphQLSchema, document: DocumentNode) -> list[str]:
    """Return what is wrong with a document, in words; nothing if it is valid."""
    operation = document.definitions[0]
    if len(document.definitions) != 1 or not isinstance(operation, OperationDefinitionNode):
        return [error.message for error in validate(schema, document, RULES)]
    return _Check(schema).operation(operation)


@dataclass(frozen=True, slots=True, eq=False)
class _Selected:
    """A field where it is selected."""

    parent: GraphQLNamedType
    node: FieldNode
    definition: GraphQLField


@dataclass(slots=True)
class _Check:
    schema: GraphQLSchema
    mistakes: list[str] = field(default_factory=list)
    uses: list[tuple[str, Any, bool]] = field(default_factory=list)
    """Variables with the type wanted there, and whether that place has a default."""

    def operation(self, operation: OperationDefinitionNode) -> list[str]:
        root = self.schema.get_root_type(operation.operation)
        if root is None:
            return [f"no {operation.operation.value} here"]
        selected = list(self._selected(root, operation.selection_set))
        self._walk(selected)
        self._variables(operation)
        return self.mistakes

    def _selected(self, parent: GraphQLNamedType, selections: SelectionSetNode) -> Iterator[_Selected]:
        """Yield the fields of a selection set, those of its fragments too; check what stands around them."""
        for node in selections.selections:
            self._directives(node)
            if isinstance(node, FieldNode):
                definition = self._definition(parent, node.name.value)
                if definition is None:
                    self.mistakes.append(f"no field {parent.name}.{node.name.value}")
                else:
                    yield _Selected(parent, node, definition)
                continue
            inner: Any = node
            condition = parent
            if inner.type_condition is not None:
                condition = self.schema.type_map.get(inner.type_condition.name.value)  # type: ignore[assignment]  # None is looked for in the next line
                if condition is None or not is_composite_type(condition):
                    self.mistakes.append(f"no type {inner.type_condition.name.value}")
                    continue
                if not self._overlap(parent, condition):
                    self.mistakes.append(f"{parent.name} is never {condition.name}")
            yield from self._selected(condition, inner.selection_set)

    def _overlap(self, one: Any, other: Any) -> bool:
        mine = self._possible(one)
        return any(each in mine for each in self._possible(other))

    def _possible(self, kind: Any) -> Sequence[GraphQLObjectType]:
        return [kind] if isinstance(kind, GraphQLObjectType) else self.schema.get_possible_types(kind)

    def _definition(self, parent: GraphQLNamedType, name: str) -> GraphQLField | None:
        if name == "__typename":
            return TypeNameMetaFieldDef
        if parent is self.schema.query_type and name in {"__schema", "__type"}:
            return SchemaMetaFieldDef if name == "__schema" else TypeMetaFieldDef
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            found: GraphQLField | None = parent.fields.get(name)
            return found
        return None

    def _walk(self, selected: list[_Selected]) -> None:
        """Check fields of one place and everything below them, each with those that it will be merged with."""
        by_key: dict[str, list[_Selected]] = {}
        for each in selected:
            self._arguments(each)
            by_key.setdefault(_key(each.node), []).append(each)
        for each in selected:
            self._walk(self._below(each))
        for key, group in by_key.items():
            for one, other in combinations(group, 2):
                self._pair(key, one, other, must_be_same=True)

    def _below(self, each: _Selected) -> list[_Selected]:
        kind = get_named_type(each.definition.type)
        if each.node.selection_set is None:
            if not is_leaf_type(kind):
                self.mistakes.append(f"{each.node.name.value} needs a selection")
            return []
        if is_leaf_type(kind):
            self.mistakes.append(f"{each.node.name.value} has no fields")
            return []
        return list(self._selected(kind, each.node.selection_set))

    def _pair(self, key: str, one: _Selected, other: _Selected, *, must_be_same: bool) -> None:
        """Check that two fields with the same key can be merged."""
        apart = isinstance(one.parent, GraphQLObjectType) and isinstance(other.parent, GraphQLObjectType)
        must_be_same = must_be_same and (one.parent is other.parent or not apart)
        if must_be_same and _meaning(one.node) != _meaning(other.node):
            self.mistakes.append(f"{key} stands for two fields")
        if not _same_shape(one.definition.type, other.definition.type):
            self.mistakes.append(f"{key} has two types")
        if one.node.selection_set is None or other.node.selection_set is None:
            return
        quiet = _Check(self.schema)  # their own mistakes are found by the walk
        for left in quiet._below(one):
            for right in quiet._below(other):
                if _key(left.node) == _key(right.node):
                    self._pair(_key(left.node), left, right, must_be_same=must_be_same)

    def _arguments(self, each: _Selected) -> None:
        given = {argument.name.value: argument.value for argument in each.node.arguments or ()}
        for name, value in given.items():
            declared = each.definition.args.get(name)
            if declared is None:
                self.mistakes.append(f"no argument {each.node.name.value}({name}:)")
            else:
                self._uses_in(value, declared.type, has_default=_has_default(declared))
        for name, declared in each.definition.args.items():
            if is_required_argument(declared) and name not in given:
                self.mistakes.append(f"{each.node.name.value}({name}:) is required")

    def _directives(self, node: Any) -> None:
        names = [directive.name.value for directive in node.directives or ()]
        if len(set(names)) < len(names):
            self.mistakes.append(f"a directive twice on {print_ast(node)}")
        for directive in node.directives or ():
            declared = self.schema.get_directive(directive.name.value)
            if declared is not None and len(directive.arguments or ()) < len(declared.args):
                self.mistakes.append(f"an argument of {print_ast(directive)} is missing")
            for argument in directive.arguments or ():
                if declared is None or argument.name.value not in declared.args:
                    self.mistakes.append(f"no argument @{directive.name.value}({argument.name.value}:)")
                else:
                    self._uses_in(argument.value, declared.args[argument.name.value].type, has_default=False)

    def _uses_in(self, value: Any, wanted: Any, *, has_default: bool) -> None:
        if value.kind == "variable":
            self.uses.append((value.name.value, wanted, has_default))
            return
        inner = wanted.of_type if isinstance(wanted, GraphQLNonNull) else wanted
        if value.kind == "list_value":
            item = inner.of_type if isinstance(inner, GraphQLList) else inner
            for each in value.values:
                self._uses_in(each, item, has_default=False)
        elif value.kind == "object_value":
            fields = inner.fields if isinstance(inner, GraphQLInputObjectType) else {}
            for each in value.fields:
                declared = fields.get(each.name.value)
                if declared is not None:
                    self._uses_in(each.value, declared.type, has_default=_has_default(declared))

    def _variables(self, operation: OperationDefinitionNode) -> None:
        declared = {each.variable.name.value: each for each in operation.variable_definitions or ()}
        used = {name for name, _, _ in self.uses}
        self.mistakes.extend(f"${name} is not used" for name in declared if name not in used)
        for name, wanted, place_has_default in self.uses:
            if name not in declared:
                self.mistakes.append(f"${name} is not declared")
                continue
            kind: Any = type_from_ast(self.schema, declared[name].type)
            default = declared[name].default_value
            place = wanted
            has_default = place_has_default or not (default is None or isinstance(default, NullValueNode))
            if isinstance(wanted, GraphQLNonNull) and not isinstance(kind, GraphQLNonNull) and has_default:
                place = wanted.of_type
            if kind is None or not is_type_sub_type_of(self.schema, kind, place):
                self.mistakes.append(f"${name} does not fit where {wanted} is wanted")


def _has_default(declared: GraphQLArgument | GraphQLInputField) -> bool:
    return declared.default is not None or declared.default_value is not Undefined


def _key(node: FieldNode) -> str:
    return (node.alias or node.name).value


def _meaning(node: FieldNode) -> tuple[str, Iterable[str]]:
    arguments = sorted(print_ast(argument) for argument in node.arguments or ())
    return node.name.value, arguments


def _same_shape(one: GraphQLOutputType, other: GraphQLOutputType) -> bool:
    for wrapper in (GraphQLNonNull, GraphQLList):
        if isinstance(one, wrapper) or isinstance(other, wrapper):
            if not (isinstance(one, wrapper) and isinstance(other, wrapper)):
                return False
            return _same_shape(one.of_type, other.of_type)
    return one is other or not (is_leaf_type(one) or is_leaf_type(other))
