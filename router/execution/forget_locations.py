"""Makes the syntax tree of a valid operation small: where each node stood in the text is two thirds of it."""

from typing import Any

from graphql import DocumentNode, Node, Token, VariableDefinitionNode


def forget_locations(document: DocumentNode) -> None:
    """Take the locations out of a document, except those of variables, which errors about their values show.

    Nodes are immutable for good reasons; a document that nobody else has seen is the exception.
    """
    if document.loc is not None:
        token: Token | None = document.loc.start_token
        while token is not None:  # tokens hold each other: one would keep all
            following = token.next
            token.prev = token.next = None
            token = following
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, VariableDefinitionNode):
            continue
        object.__setattr__(node, "loc", None)
        for key in node.keys:
            value = getattr(node, key, None)
            if isinstance(value, Node):
                waiting.append(value)
            elif isinstance(value, tuple | list):
                waiting += value
