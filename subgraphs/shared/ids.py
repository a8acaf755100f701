"""Opaque global ids: `Movie:<uuid>` in base64url without padding.

The type prefix serves node(id) and the checks of arguments.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from subgraphs.shared.errors import InvalidIdError

ReadUUID = Callable[[str], UUID]

_REMEMBERED_IDS = 16_384
"""About 6 MB in each process when full."""
_LONGEST_REMEMBERED = 128
"""Characters; no id of ours is that long, and what else comes in its place may be of any length."""


@dataclass(frozen=True, slots=True)
class GlobalId:
    """An entity's type name and its uuid."""

    type_name: str
    uuid: UUID

    def __str__(self) -> str:
        return encode_id(self.type_name, self.uuid)


# A page names the same few hundred entities in every request; remembering their ids is a tenth of some requests' time.
@lru_cache(maxsize=_REMEMBERED_IDS)
def encode_id(type_name: str, uuid: UUID) -> str:
    """Return the global id of an entity."""
    return base64.urlsafe_b64encode(f"{type_name}:{uuid}".encode()).rstrip(b"=").decode()


@lru_cache(maxsize=_REMEMBERED_IDS)
def decode_id(text: str, *expected: str) -> GlobalId:
    """Return the parts of a global id.

    Args:
        text: What the client sent.
        expected: Type names that are accepted; none given accepts any.

    Raises:
        InvalidIdError: Not an id, or of another type. Whether the entity exists is not looked up.
    """
    wanted = " or ".join(expected) or "known type"
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        type_name, _, uuid_text = raw.partition(":")
        global_id = GlobalId(type_name, UUID(uuid_text))
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InvalidIdError(text, expected=wanted) from error
    if str(global_id) != text or (expected and type_name not in expected):
        raise InvalidIdError(text, expected=wanted)
    return global_id


def decode_ids_leniently(texts: Iterable[str], *expected: str, read_uuid: ReadUUID = UUID) -> list[GlobalId | None]:
    """Return the parts of each id in order, None for what is no id: entity references must keep their length.

    An id has one spelling only: where there are parts, the text itself is the global id. `read_uuid` is for who looks
    up many of them: Python's own class takes eight times as long to be found in a dictionary as the database driver's.
    """
    return [
        _remembered(text, expected, read_uuid)
        if len(text) <= _LONGEST_REMEMBERED
        else _decoded(text, expected, read_uuid)
        for text in texts
    ]


def _decoded(text: str, expected: tuple[str, ...], read_uuid: ReadUUID) -> GlobalId | None:
    try:
        found = decode_id.__wrapped__(text, *expected)
    except InvalidIdError:
        return None
    return found if read_uuid is UUID else GlobalId(found.type_name, read_uuid(str(found.uuid)))


_remembered = lru_cache(maxsize=_REMEMBERED_IDS)(_decoded)
