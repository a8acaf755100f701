"""Files on their way in: who may send what, in which parts, and when all of it is there.

An upload is opened, its parts come over plain HTTP to signed addresses (or straight to an object store), and it is
completed with their etags. Asking again for the same upload shows what has arrived, so that a sender goes on where it
broke off.
"""

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from media.storage import ObjectStore, Part, PartMissingError, UploadGoneError
from subgraphs.playback.config import (
    MOST_CAPTION_BYTES,
    MOST_OPEN_UPLOADS,
    MOST_PARTS,
    UPLOAD_LIFETIME,
    Settings,
)
from subgraphs.playback.errors import MediaRefusedError
from subgraphs.playback.models.media import Upload, UploadKind
from subgraphs.playback.repository import uploads
from subgraphs.shared.postgres import ReadSession, WriteSession

CONTENT_TYPES = {
    "video/mp4": UploadKind.VIDEO,
    "video/quicktime": UploadKind.VIDEO,
    "video/x-matroska": UploadKind.VIDEO,
    "video/webm": UploadKind.VIDEO,
    "video/mp2t": UploadKind.VIDEO,
    "text/vtt": UploadKind.CAPTIONS,
    "application/x-subrip": UploadKind.CAPTIONS,
}
LONGEST_FILE_NAME = 255

_SHA256 = re.compile("[0-9a-f]{64}")
_NOT_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f]")
_FORGOTTEN_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What somebody wants to send. `sha256` is the digest of the whole file, in hexadecimal digits, if they know it."""

    user_id: str
    file_name: str
    size_bytes: int
    content_type: str
    sha256: str | None
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class OfferedPart:
    """A part of an upload: where it goes, how large it is, and its etag if it has arrived."""

    number: int
    size_bytes: int
    address: str
    etag: str | None


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload and what its sender needs to know to go on."""

    upload: Upload
    parts: Sequence[OfferedPart]

    @property
    def received_bytes(self) -> int:
        """The size of the parts that have arrived."""
        return sum(part.size_bytes for part in self.parts if part.etag is not None)


async def open_upload(
    session: WriteSession, store: ObjectStore, request: UploadRequest, *, now: datetime, config: Settings
) -> OpenUpload:
    """Return a place for the file. The same key of the same account, come again, returns the upload that it made.

    Raises:
        MediaRefusedError: FILE_NAME_INVALID, CONTENT_TYPE_NOT_ALLOWED, FILE_EMPTY, FILE_TOO_LARGE, SHA256_INVALID,
            TOO_MANY_UPLOADS, IDEMPOTENCY_KEY_REUSED.
    """
    new = _checked(request, now=now, config=config)
    known = await uploads.upload_by_key(session, new.creation_key_hash)
    if known is None:
        if await uploads.count_open(session, request.user_id, now=now) >= MOST_OPEN_UPLOADS:
            raise MediaRefusedError("TOO_MANY_UPLOADS", f"An account has at most {MOST_OPEN_UPLOADS} open uploads.")
        is_new = await uploads.insert_upload(session, new)
        # Else the same request came at the same time.
        known = new if is_new else await uploads.upload_by_key(session, new.creation_key_hash)
    if known is None or _wanted(known) != _wanted(new):
        raise MediaRefusedError(
            "IDEMPOTENCY_KEY_REUSED", "The idempotency key came with another file before.", "idempotencyKey"
        )
    if known.completed_at is None:
        await asyncio.to_thread(store.begin, str(known.id))
    return await describe(store, known)


async def find_upload(session: ReadSession, store: ObjectStore, own: UUID, *, user_id: str) -> OpenUpload | None:
    """Return the upload with what has arrived of it; None where the account opened none of that id."""
    known = await uploads.upload_of(session, own, user_id=user_id)
    return None if known is None else await describe(store, known)


async def describe(store: ObjectStore, upload: Upload) -> OpenUpload:
    """Return the upload with its parts, those that have arrived with their etags."""
    name = str(upload.id)
    arrived = {part.number: part for part in await asyncio.to_thread(store.parts, name)}
    etags = dict(enumerate(upload.etags or (), start=1))
    return OpenUpload(
        upload,
        [
            OfferedPart(
                number,
                size,
                store.sign_part(name, number, size_bytes=size, expires_at=upload.expires_at),
                etags.get(number) or _etag_of(arrived.get(number), size),
            )
            for number, size in enumerate(sizes_of(upload), start=1)
        ],
    )


def sizes_of(upload: Upload) -> list[int]:
    """Return the sizes of its parts, in order: all equal but the last."""
    whole, rest = divmod(upload.size_bytes, upload.part_size_bytes)
    return [upload.part_size_bytes] * whole + ([rest] if rest else [])


async def complete(
    session: WriteSession, store: ObjectStore, upload: Upload, etags: Sequence[str], *, now: datetime
) -> None:
    """Take the parts with these etags, in their order, for the file. The upload must be locked and still open.

    Raises:
        MediaRefusedError: UPLOAD_EXPIRED, PART_COUNT, PART_MISSING, ETAG_MISMATCH; what has arrived stays.
    """
    if now >= upload.expires_at:
        raise MediaRefusedError("UPLOAD_EXPIRED", "The upload took parts until its time was over.", "id")
    sizes = sizes_of(upload)
    if len(etags) != len(sizes):
        raise MediaRefusedError("PART_COUNT", f"The file has {len(sizes)} parts, not {len(etags)}.", "etags")
    arrived = {part.number: part for part in await asyncio.to_thread(store.parts, str(upload.id))}
    for number, (etag, size) in enumerate(zip(etags, sizes, strict=True), start=1):
        place = ("etags", str(number - 1))
        found = _etag_of(arrived.get(number), size)
        if found is None:
            raise MediaRefusedError("PART_MISSING", f"Part {number} has not arrived.", *place)
        if found != etag.strip('"'):
            raise MediaRefusedError("ETAG_MISMATCH", f"What arrived as part {number} has another etag.", *place)
    plain = [etag.strip('"') for etag in etags]
    try:
        await asyncio.to_thread(store.complete, str(upload.id), plain)
    except PartMissingError as error:
        place = ("etags", str(error.number - 1))
        raise MediaRefusedError("ETAG_MISMATCH", f"Part {error.number} was sent anew meanwhile.", *place) from error
    except UploadGoneError as error:
        raise MediaRefusedError("UPLOAD_UNKNOWN", "You have opened no such upload.", "id") from error
    await uploads.complete_upload(session, upload.id, etags=plain, now=now)


async def forget(session: WriteSession, store: ObjectStore, *, now: datetime) -> int:
    """Delete uploads whose time was over a day ago, and captions that were replaced; return how many."""
    gone = await uploads.forget_expired(session, before=now - UPLOAD_LIFETIME, limit=_FORGOTTEN_AT_ONCE)
    gone += await uploads.forget_unused(session, before=now - UPLOAD_LIFETIME, limit=_FORGOTTEN_AT_ONCE)
    for own in gone:
        await asyncio.to_thread(store.discard, str(own))
    return len(gone)


def _etag_of(part: Part | None, size_bytes: int) -> str | None:
    return part.etag if part is not None and part.size_bytes == size_bytes else None


def _checked(request: UploadRequest, *, now: datetime, config: Settings) -> Upload:
    name = unicodedata.normalize("NFC", request.file_name).strip()
    if not 1 <= len(name) <= LONGEST_FILE_NAME or _NOT_IN_NAMES.search(name) or not _is_encodable(name):
        message = f"A file's name has 1 to {LONGEST_FILE_NAME} characters, none of them a slash or a control character."
        raise MediaRefusedError("FILE_NAME_INVALID", message, "fileName")
    kind = CONTENT_TYPES.get(request.content_type)
    if kind is None:
        message = f"Content types are {', '.join(sorted(CONTENT_TYPES))}."
        raise MediaRefusedError("CONTENT_TYPE_NOT_ALLOWED", message, "contentType")
    most = config.upload_max_bytes if kind is UploadKind.VIDEO else MOST_CAPTION_BYTES
    if request.size_bytes < 1:
        raise MediaRefusedError("FILE_EMPTY", "A file has at least one byte.", "sizeBytes")
    if request.size_bytes > most:
        raise MediaRefusedError("FILE_TOO_LARGE", f"Such a file has at most {most:,} bytes.", "sizeBytes")
    if request.sha256 is not None and not _SHA256.fullmatch(request.sha256):
        message = "A SHA-256 digest is 64 hexadecimal digits, in small letters."
        raise MediaRefusedError("SHA256_INVALID", message, "sha256")
    key = f"{request.user_id}:{request.idempotency_key}".encode("utf-8", "surrogatepass")
    return Upload(
        id=uuid4(),
        kind=kind.value,
        file_name=name,
        content_type=request.content_type,
        size_bytes=request.size_bytes,
        part_size_bytes=max(config.upload_part_bytes, -(-request.size_bytes // MOST_PARTS)),
        sha256=request.sha256,
        created_by=request.user_id,
        creation_key_hash=hashlib.sha256(key).hexdigest(),
        created_at=now,
        expires_at=now + UPLOAD_LIFETIME,
    )


def _is_encodable(text: str) -> bool:
    """Whether it is Unicode: half a surrogate pair can be stored nowhere."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wanted(upload: Upload) -> tuple[object, ...]:
    return (upload.file_name, upload.content_type, upload.size_bytes, upload.sha256)
