"""Field and argument types as the text they have in SDL (`[Title!]!`), and the few questions asked of it.

Text compares, hashes and prints for free, which is all that composition does with a wrapped type.
"""

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode


def text_of(node: TypeNode) -> str:
    """Return the text of a parsed type."""
    if isinstance(node, NamedTypeNode):
        return node.name.value
    if isinstance(node, NonNullTypeNode):
        return text_of(node.type) + "!"
    assert isinstance(node, ListTypeNode)
    return f"[{text_of(node.type)}]"


def named_type(type_text: str) -> str:
    """Return the innermost name: `Title` of `[Title!]!`."""
    return type_text.strip("[]!")


def is_non_null(type_text: str) -> bool:
    """Whether the outermost type refuses null."""
    return type_text.endswith("!")


def nullable(type_text: str) -> str:
    """Return the type without its outermost `!`."""
    return type_text.removesuffix("!")


def is_list(type_text: str) -> bool:
    """Whether the type, `!` aside, is a list."""
    return type_text.startswith("[")


def item_type(type_text: str) -> str:
    """Return the type of a list's items: `Title!` of `[Title!]!`."""
    return nullable(type_text)[1:-1]
