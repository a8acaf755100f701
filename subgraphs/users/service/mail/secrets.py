"""What of a letter opens something: tokens and links, sealed from the request for the letter until it is written.

Nobody who reads an outbox, a backup of one or a queue can use them.
"""

from collections.abc import Mapping

import orjson

from subgraphs.users.service.crypto import PersonalData


def seal_secrets(sealer: PersonalData, secrets: Mapping[str, str], *, dedup_key: str) -> str:
    """Return the values sealed for the letter with the key, for `MailRequested.sealed`."""
    return sealer.seal(orjson.dumps(dict(secrets)).decode(), purpose=_purpose(dedup_key))


def open_secrets(sealer: PersonalData, sealed: str | None, *, dedup_key: str) -> dict[str, str]:
    """Return the values; none for a letter without any.

    Raises:
        SealedValueError: Their key is gone, or they belong to another letter.
    """
    if sealed is None:
        return {}
    opened: dict[str, str] = orjson.loads(sealer.open(sealed, purpose=_purpose(dedup_key)))
    return opened


def _purpose(dedup_key: str) -> str:
    return f"letter:{dedup_key}"
