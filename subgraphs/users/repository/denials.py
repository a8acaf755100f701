"""The feed of denied access tokens: a Valkey stream that every router follows (docs/adr/0009).

An entry names a session (`id`) whose access tokens are refused from now on, and until when any of them could live
(`until`, seconds since 1970). Entries older than any token are trimmed as new ones come.
"""

from datetime import datetime, timedelta

from redis.asyncio.client import Pipeline

from subgraphs.users.config import ACCESS_TOKEN_LIFETIME

_CLOCKS_MAY_DIFFER = timedelta(minutes=1)
_KEPT = ACCESS_TOKEN_LIFETIME + timedelta(minutes=5)


def add_denial(pipe: Pipeline, stream: str, session_id: str, *, now: datetime) -> None:
    """Add the refusal of a session's access tokens to the pipeline."""
    until = now + ACCESS_TOKEN_LIFETIME + _CLOCKS_MAY_DIFFER
    oldest = int((now - _KEPT).timestamp() * 1000)
    pipe.xadd(stream, {"id": session_id, "until": str(int(until.timestamp()))}, minid=oldest, approximate=True)
