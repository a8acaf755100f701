"""Parses the documents that clients usually send, several times faster than graphql-core, into the same syntax trees.

Whatever is unusual or wrong - escapes, block strings, descriptions, type definitions, any mistake - is left to
graphql-core, whose word on it is the one that clients read. So nothing here may accept what that one would refuse, or
read it differently. Nodes have no locations: who reports an error parses again.

Faster because one regular expression finds all tokens, a token is a plain string, and nodes are made without the
generated constructors, which set every attribute that has a default too.
"""

import re
from collections.abc import Callable
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    Node,
    NonNullTypeNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
)

_IGNORED = r"(?:[ \t\n\r,\ufeff]++|\#[^\n\r\ud800-\udfff]*+)*+"
# What only the last alternative but one matches is one character that the grammar expects nowhere. Numbers take in
# whatever touches them, and are looked at again. The end is an empty token; without it, the search would go on within
# a comment that ends the text.
_TOKEN = re.compile(
    _IGNORED + r"([_A-Za-z][_0-9A-Za-z]*+|[{}():$!@=\[\]]|\.\.\.|-?[0-9][_0-9A-Za-z.+\-]*+"
    r'|"[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]*+"(?!")|[^ \t\n\r,\ufeff\#]|\Z)'
)
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NAME_START = frozenset("_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_NUMBER_START = frozenset("-0123456789")
_OPERATIONS = {"query": OperationType.QUERY, "mutation": OperationType.MUTATION}
_MAX_DEPTH = 64
_END = ""

_MAX_KNOWN_NAMES = 10_000
_known_names: dict[str, NameNode] = {}

_new: Callable[[type], Any] = object.__new__
_put = object.__setattr__


class _UnusualError(Exception):
    """Not for this parser."""


def quick_parse(text: str, max_tokens: int) -> DocumentNode | None:
    """Return the syntax tree without locations; None if this has to be read, or refused, by graphql-core."""
    tokens = _TOKEN.findall(text)
    # Comments count as tokens. This counts too many: the end, and each `#` in a string.
    if len(tokens) + text.count("#") > max_tokens:
        return None
    try:
        return _Parser(tokens).document()
    except _UnusualError:
        return None


def name_node(name: str) -> NameNode:
    """Return the node of a name. Most names come from one schema: their nodes are shared by all documents."""
    node = _known_names.get(name)
    if node is None:
        node = _new(NameNode)
        _put(node, "value", name)
        if len(_known_names) < _MAX_KNOWN_NAMES:
            _known_names[name] = node
    return node


def _made(kind: type[Node], **attributes: object) -> Any:
    node = _new(kind)
    for name, value in attributes.items():
        _put(node, name, value)
    return node


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        tokens.append(_END)  # one more, to be looked ahead at
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def document(self) -> DocumentNode:
        definitions: list[Node] = []
        while self._tokens[self._at] != _END:
            definitions.append(self._definition())
        if not definitions:
            raise _UnusualError
        document: DocumentNode = _made(DocumentNode, definitions=tuple(definitions))
        return document

    def _definition(self) -> Node:
        keyword = self._tokens[self._at]
        if keyword == "{":
            return self._with_selections(_made(OperationDefinitionNode, operation=OperationType.QUERY))
        self._at += 1
        if keyword == "fragment":
            if self._tokens[self._at] == "on":
                raise _UnusualError
            fragment = _made(FragmentDefinitionNode, name=self._name(), variable_definitions=())
            self._expect("on")
            _put(fragment, "type_condition", _made(NamedTypeNode, name=self._name()))
            return self._with_selections(fragment)
        kind = _OPERATIONS.get(keyword)
        if kind is None:
            raise _UnusualError
        operation = _made(OperationDefinitionNode, operation=kind)
        if self._tokens[self._at][:1] in _NAME_START:
            _put(operation, "name", self._name())
        if self._tokens[self._at] == "(":
            _put(operation, "variable_definitions", self._variable_definitions())
        return self._with_selections(operation)

    def _with_selections(self, node: Node) -> Node:
        if self._tokens[self._at] == "@":
            _put(node, "directives", self._directives(is_constant=False))
        if self._tokens[self._at] != "{":
            raise _UnusualError
        _put(node, "selection_set", self._selection_set())
        return node

    def _expect(self, word: str) -> None:
        if self._tokens[self._at] != word:
            raise _UnusualError
        self._at += 1

    def _name(self) -> NameNode:
        word = self._tokens[self._at]
        if word[:1] not in _NAME_START:
            raise _UnusualError
        self._at += 1
        return name_node(word)

    def _selection_set(self) -> SelectionSetNode:
        """Return the selection set whose `{` comes now."""
        if self._depth == _MAX_DEPTH:
            raise _UnusualError
        self._depth += 1
        self._at += 1
        tokens, selections = self._tokens, list[SelectionNode]()
        while True:
            word = tokens[self._at]
            if word == "}":
                break
            if word == "...":
                selections.append(self._fragment())
                continue
            field = _new(FieldNode)
            if tokens[self._at + 1] == ":":
                _put(field, "alias", self._name())
                self._at += 1
            _put(field, "name", self._name())
            following = tokens[self._at]
            if following == "(":
                _put(field, "arguments", self._arguments(is_constant=False))
                following = tokens[self._at]
            if following == "@":
                _put(field, "directives", self._directives(is_constant=False))
                following = tokens[self._at]
            if following == "{":
                _put(field, "selection_set", self._selection_set())
            selections.append(field)
        if not selections:
            raise _UnusualError
        self._at += 1
        self._depth -= 1
        node: SelectionSetNode = _made(SelectionSetNode, selections=tuple(selections))
        return node

    def _fragment(self) -> SelectionNode:
        self._at += 1
        word = self._tokens[self._at]
        if word in ("on", "{", "@"):
            inline = _new(InlineFragmentNode)
            if word == "on":
                self._at += 1
                _put(inline, "type_condition", _made(NamedTypeNode, name=self._name()))
            self._with_selections(inline)
            return inline  # type: ignore[no-any-return]  # made two lines above
        spread = _made(FragmentSpreadNode, name=self._name())
        if self._tokens[self._at] == "@":
            _put(spread, "directives", self._directives(is_constant=False))
        return spread  # type: ignore[no-any-return]  # as above

    def _variable_definitions(self) -> tuple[VariableDefinitionNode, ...]:
        self._at += 1
        definitions: list[VariableDefinitionNode] = []
        while self._tokens[self._at] != ")":
            self._expect("$")
            definition = _made(VariableDefinitionNode, variable=_made(VariableNode, name=self._name()))
            self._expect(":")
            _put(definition, "type", self._type())
            if self._tokens[self._at] == "=":
                self._at += 1
                _put(definition, "default_value", self._value(is_constant=True))
            if self._tokens[self._at] == "@":
                _put(definition, "directives", self._directives(is_constant=True))
            definitions.append(definition)
        if not definitions:
            raise _UnusualError
        self._at += 1
        return tuple(definitions)

    def _type(self) -> TypeNode:
        type_: TypeNode
        if self._tokens[self._at] == "[":
            if self._depth == _MAX_DEPTH:
                raise _UnusualError
            self._depth += 1
            self._at += 1
            type_ = _made(ListTypeNode, type=self._type())
            self._expect("]")
            self._depth -= 1
        else:
            type_ = _made(NamedTypeNode, name=self._name())
        if self._tokens[self._at] == "!":
            self._at += 1
            type_ = _made(NonNullTypeNode, type=type_)
        return type_

    def _arguments(self, *, is_constant: bool) -> tuple[ArgumentNode, ...]:
        self._at += 1
        arguments: list[ArgumentNode] = []
        while self._tokens[self._at] != ")":
            argument = _made(ArgumentNode, name=self._name())
            self._expect(":")
            _put(argument, "value", self._value(is_constant=is_constant))
            arguments.append(argument)
        if not arguments:
            raise _UnusualError
        self._at += 1
        return tuple(arguments)

    def _directives(self, *, is_constant: bool) -> tuple[DirectiveNode, ...]:
        directives: list[DirectiveNode] = []
        while self._tokens[self._at] == "@":
            self._at += 1
            directive = _made(DirectiveNode, name=self._name())
            if self._tokens[self._at] == "(":
                _put(directive, "arguments", self._arguments(is_constant=is_constant))
            directives.append(directive)
        return tuple(directives)

    def _value(self, *, is_constant: bool) -> ValueNode:
        word = self._tokens[self._at]
        if word in ("[", "{"):
            return self._list_or_object(word, is_constant=is_constant)
        self._at += 1
        first = word[:1]
        node: ValueNode
        if word == "$" and not is_constant:
            node = _made(VariableNode, name=self._name())
        elif first in _NAME_START:
            node = _named_value(word)
        elif first == '"' and len(word) > 1:
            node = _made(StringValueNode, value=word[1:-1], block=False)
        elif first in _NUMBER_START and _INT.fullmatch(word):
            node = _made(IntValueNode, value=word)
        elif first in _NUMBER_START and _FLOAT.fullmatch(word):
            node = _made(FloatValueNode, value=word)
        else:
            raise _UnusualError
        return node

    def _list_or_object(self, opening: str, *, is_constant: bool) -> ValueNode:
        if self._depth == _MAX_DEPTH:
            raise _UnusualError
        self._depth += 1
        self._at += 1
        node: ValueNode
        if opening == "[":
            values: list[ValueNode] = []
            while self._tokens[self._at] != "]":
                values.append(self._value(is_constant=is_constant))
            node = _made(ListValueNode, values=tuple(values))
        else:
            fields: list[ObjectFieldNode] = []
            while self._tokens[self._at] != "}":
                field = _made(ObjectFieldNode, name=self._name())
                self._expect(":")
                _put(field, "value", self._value(is_constant=is_constant))
                fields.append(field)
            node = _made(ObjectValueNode, fields=tuple(fields))
        self._at += 1
        self._depth -= 1
        return node


def _named_value(name: str) -> ValueNode:
    node: ValueNode
    if name in ("true", "false"):
        node = _made(BooleanValueNode, value=name == "true")
    elif name == "null":
        node = _made(NullValueNode)
    else:
        node = _made(EnumValueNode, value=name)
    return node
