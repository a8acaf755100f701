"""The feed of denied access tokens: a Valkey stream that every router follows (docs/adr/0011).

An entry names a value that access tokens carry in one of their claims (`id`): a session, a profile, an account. Tokens
with it are refused, all of them or those issued before a moment (`before`), until the last of them must have expired
(`until`); moments are seconds since 1970. Entries older than any token are trimmed as new ones come.
"""

from datetime import datetime, timedelta
from typing import Any

from redis.asyncio.client import Pipeline

from subgraphs.users.config import ACCESS_TOKEN_LIFETIME

_CLOCKS_MAY_DIFFER = timedelta(minutes=1)
_KEPT = ACCESS_TOKEN_LIFETIME + timedelta(minutes=5)


def add_denial(pipe: Pipeline, stream: str, claim: str, *, now: datetime, only_issued_before_now: bool = False) -> None:
    """Add a refusal of the access tokens with the claim to the pipeline: of all, or of those issued until now."""
    until = now + ACCESS_TOKEN_LIFETIME + _CLOCKS_MAY_DIFFER
    fields: dict[Any, Any] = {"id": claim, "until": str(int(until.timestamp()))}
    if only_issued_before_now:
        fields["before"] = str(now.timestamp())
    oldest = int((now - _KEPT).timestamp() * 1000)
    pipe.xadd(stream, fields, minid=oldest, approximate=True)
