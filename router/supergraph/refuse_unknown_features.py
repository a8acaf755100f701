"""Refuses a supergraph that relies on a feature which this router does not implement.

A feature linked `for: SECURITY` or `for: EXECUTION` changes what may be answered or how; to ignore one would be wrong.
Features without a purpose are only metadata and are ignored.
"""

from __future__ import annotations

from graphql import SchemaDefinitionNode, value_from_ast_untyped

from router.errors import UnsupportedFeatureError

_SPECS = "https://specs.apollo.dev/"

SUPPORTED_FEATURES: frozenset[str] = frozenset(
    {
        *(f"{_SPECS}join/v0.{minor}" for minor in range(1, 6)),
        *(f"{_SPECS}link/v1.{minor}" for minor in range(2)),
        *(f"{_SPECS}core/v0.{minor}" for minor in range(1, 3)),
        *(f"{_SPECS}inaccessible/v0.{minor}" for minor in range(1, 3)),
        *(f"{_SPECS}tag/v0.{minor}" for minor in range(1, 4)),
        f"{_SPECS}authenticated/v0.1",
        f"{_SPECS}requiresScopes/v0.1",
        f"{_SPECS}policy/v0.1",
        f"{_SPECS}context/v0.1",
        # It says which entries of a cache of replies to throw away; this router keeps no replies.
        f"{_SPECS}cacheTag/v0.1",
    }
)
"""Features that are honoured when they have a purpose."""


def refuse_unknown_features(schema: SchemaDefinitionNode) -> None:
    """Return if every linked feature with a purpose is supported.

    Raises:
        UnsupportedFeatureError: Names the first one that is not.
    """
    for directive in schema.directives or ():
        if directive.name.value not in {"link", "core"}:
            continue
        arguments = {
            argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()
        }
        url = str(arguments.get("url") or arguments.get("feature") or "").rstrip("/")
        purpose = arguments.get("for")
        if purpose is not None and url not in SUPPORTED_FEATURES:
            raise UnsupportedFeatureError(url=url, purpose=str(purpose))
