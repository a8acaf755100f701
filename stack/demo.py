"""The demo viewer in GraphiQL: a fresh access token, so that the home page has somebody to greet.

Only where the environment says so, which `reelgraph up` does for a seeded platform; a deployed one has no demo.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from stack.environment import DEMO_VARIABLE


def demo_headers() -> Callable[[], Mapping[str, str]] | None:
    """Return what makes the headers of a GraphiQL page, None where there is no demo."""
    key_file = os.environ.get("ACCESS_TOKEN_KEY_FILE")
    if os.environ.get(DEMO_VARIABLE) != "1" or not key_file:
        return None
    # The seed's people and the signing of tokens: only a demo needs them.
    from stack.seed.accounts import demo_viewer
    from subgraphs.users.service.tokens import TokenSigner, mint_access_token

    signer = TokenSigner.load(
        Path(key_file), issuer=os.environ["ACCESS_TOKEN_ISSUER"], audience=os.environ["ACCESS_TOKEN_AUDIENCE"]
    )
    viewer = demo_viewer()
    return lambda: {"Authorization": f"Bearer {mint_access_token(signer, viewer, now=datetime.now(UTC))}"}
