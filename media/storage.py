"""Where the bytes of films lie: the port, and the local folder that stands behind it by default.

A film comes in parts, each sent to a signed address, in any order, as often as it takes. `complete` freezes them;
`original` gives them as one file; `publish` lets a finished stream be delivered. How a stream is then read is said in
`delivery`. Everything here blocks: callers with an event loop use threads.

The local folder:
    uploads/<upload>/<number>-<sha-256>   parts of an upload that is open
    originals/<upload>/…                  the same parts once it is complete, then `whole-<sha-256>` in their place
    streams/<name>/…                      what is delivered
"""

import hashlib
import hmac
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self
from uuid import uuid4

from media.delivery import STREAMS_FOLDER

PART_PATH = "/uploads"
"""The beginning of the paths to which parts are sent."""

_UPLOADS, _ORIGINALS = "uploads", "originals"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_STORED_PART = re.compile(r"([0-9]{5})-([0-9a-f]{64})")
_WHOLE = re.compile(r"whole-([0-9a-f]{64})")
_COPY_BYTES = 1024 * 1024


class StorageError(Exception):
    """The store cannot do it.

    StorageError
    ├── UploadGoneError    there is no such upload, or it takes nothing any more
    └── PartMissingError   a part has not arrived, or is another one by now; `number` says which
    """


class UploadGoneError(StorageError):
    """There is no such upload, or it takes nothing any more."""


class PartMissingError(StorageError):
    """A part has not arrived, or what arrived last is another one."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Part {number} is not there.")
        self.number = number


@dataclass(frozen=True, slots=True)
class Part:
    """A part that has arrived. `etag` recognises its bytes; what it is made of is the store's affair."""

    number: int
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class PartAddress:
    """What an address was signed for: one part, of exactly this size, until a moment in seconds since 1970."""

    upload: str
    number: int
    size_bytes: int
    expiry: int


@dataclass(frozen=True, slots=True)
class Original:
    """A film as it was sent."""

    path: Path
    size_bytes: int
    sha256: str


class ObjectStore(Protocol):
    """What the platform asks of a store. Names of uploads and streams are short: small letters, digits, hyphens."""

    def begin(self, upload: str) -> None:
        """Take parts of the upload from now on; doing it again changes nothing."""

    def sign_part(self, upload: str, number: int, *, size_bytes: int, expires_at: datetime) -> str:
        """Return the address to which the part is PUT: whole, or a path at the platform's own address."""

    def parts(self, upload: str) -> list[Part]:
        """Return the parts that have arrived, by number; none of an upload that was never begun."""

    def complete(self, upload: str, etags: Sequence[str]) -> None:
        """Keep exactly these parts, in this order, and take no more; doing it again changes nothing.

        Raises:
            PartMissingError: One of them is not there; nothing was changed.
            UploadGoneError: There is no such upload.
        """

    def discard(self, upload: str) -> None:
        """Delete whatever is kept of the upload; nothing being there is no error."""

    def original(self, upload: str) -> Original:
        """Return a complete upload as one file.

        Raises:
            UploadGoneError: There is no such upload, or it is not complete.
        """

    def publish(self, folder: Path, name: str) -> None:
        """Let the folder's files be delivered as the stream of that name, in place of what it had; the folder goes."""


class LocalStore:
    """A folder of this machine. Addresses of parts are paths that only this store's key signs."""

    def __init__(self, objects_dir: Path, *, key: str) -> None:
        self._objects_dir = objects_dir
        self._key = key

    def begin(self, upload: str) -> None:
        """Make the upload's folder."""
        self._place(_UPLOADS, upload).mkdir(mode=0o700, parents=True, exist_ok=True)

    def sign_part(self, upload: str, number: int, *, size_bytes: int, expires_at: datetime) -> str:
        """Return the signed path of the part."""
        address = PartAddress(upload, number, size_bytes, int(expires_at.timestamp()))
        return f"{PART_PATH}/{upload}/{number}/{size_bytes}/{address.expiry}/{self._signature(address)}"

    def is_signed(self, address: PartAddress, signature: str, *, now: datetime) -> bool:
        """Return whether this store gave out the address, and it holds still."""
        expected = self._signature(address)
        return now.timestamp() < address.expiry and hmac.compare_digest(signature.encode(), expected.encode())

    def receive(self, upload: str, number: int) -> "Receiving":
        """Return what takes the bytes of a part.

        Raises:
            UploadGoneError: The upload is not open.
        """
        return Receiving(self._place(_UPLOADS, upload), number)

    def parts(self, upload: str) -> list[Part]:
        """Return what lies in the upload's folder, wherever that is; of two of one number the newer one."""
        found: dict[int, tuple[float, Part]] = {}
        for path in _entries(self._place(_UPLOADS, upload)) or _entries(self._place(_ORIGINALS, upload)):
            name = _STORED_PART.fullmatch(path.name)
            if name is None:
                continue
            try:
                status = path.stat()
            except FileNotFoundError:  # replaced meanwhile
                continue
            part = Part(int(name[1]), status.st_size, name[2])
            if part.number not in found or found[part.number][0] < status.st_mtime:
                found[part.number] = (status.st_mtime, part)
        return [part for _, (_, part) in sorted(found.items())]

    def complete(self, upload: str, etags: Sequence[str]) -> None:
        """Move the folder, in one step, to where no part can be added."""
        open_folder, done = self._place(_UPLOADS, upload), self._place(_ORIGINALS, upload)
        names = [_part_name(number, etag) for number, etag in enumerate(etags, start=1)]
        folder = open_folder if open_folder.is_dir() else done
        if not folder.is_dir():
            raise UploadGoneError("There is no such upload.")
        for number, name in enumerate(names, start=1):
            if not _STORED_PART.fullmatch(name) or not (folder / name).is_file():
                raise PartMissingError(number)
        if folder == done:  # whoever completed it could not say so any more
            return
        done.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        open_folder.rename(done)
        for path in _entries(done):
            if path.name not in names:
                path.unlink(missing_ok=True)

    def discard(self, upload: str) -> None:
        """Delete both folders that it may have."""
        for kind in (_UPLOADS, _ORIGINALS):
            shutil.rmtree(self._place(kind, upload), ignore_errors=True)

    def original(self, upload: str) -> Original:
        """Return the one file, joined from the parts the first time; that reads and writes the whole film."""
        folder = self._place(_ORIGINALS, upload)
        try:
            return _joined(folder)
        except FileNotFoundError:  # a worker that was thought dead joined them meanwhile, and deleted the parts
            return _joined(folder)

    def publish(self, folder: Path, name: str) -> None:
        """Move the folder to its place; what was there goes afterwards."""
        place = self._place(STREAMS_FOLDER, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        old = place.parent / f".old-{name}-{uuid4().hex}"
        if place.exists():
            place.rename(old)
        folder.rename(place)
        shutil.rmtree(old, ignore_errors=True)

    def _place(self, kind: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an object.")
        return self._objects_dir / kind / name

    def _signature(self, address: PartAddress) -> str:
        facts = (address.upload, str(address.number), str(address.size_bytes), str(address.expiry))
        message = "\n".join(("reelgraph part 1", *facts))
        return hmac.new(self._key.encode(), message.encode(), hashlib.sha256).hexdigest()


class Receiving:
    """A part on its way in: a context manager. Without `keep` nothing of it stays."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number
        self._path = folder / f".{uuid4().hex}"
        self._digest = hashlib.sha256()
        self._size = 0
        try:
            self._file: IO[bytes] = self._path.open("xb")
        except FileNotFoundError as error:
            raise UploadGoneError("There is no such upload.") from error

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete what was not kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def keep(self) -> Part:
        """Return the part, which is there from now on, in place of one of its number.

        Raises:
            UploadGoneError: The upload was completed or discarded meanwhile.
        """
        self._file.close()
        part = Part(self._number, self._size, self._digest.hexdigest())
        name = _part_name(part.number, part.etag)
        try:
            self._path.replace(self._folder / name)
        except FileNotFoundError as error:
            raise UploadGoneError("The upload was completed.") from error
        for other in self._folder.glob(f"{part.number:05}-*"):
            if other.name != name:
                other.unlink(missing_ok=True)
        return part


def _part_name(number: int, etag: str) -> str:
    return f"{number:05}-{etag}"


def _entries(folder: Path) -> list[Path]:
    """Return what lies in the folder; nothing where there is none."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _joined(folder: Path) -> Original:
    """Return the one file of a complete upload; FileNotFoundError where somebody else joined its parts meanwhile."""
    entries = _entries(folder)
    for path in entries:
        if whole := _WHOLE.fullmatch(path.name):
            _remove_others(entries, path)
            return Original(path, path.stat().st_size, whole[1])
    parts = sorted(path for path in entries if _STORED_PART.fullmatch(path.name))
    if not parts:
        raise UploadGoneError("There is no such upload.")
    unfinished = folder / f".whole-{uuid4().hex}"
    digest = hashlib.sha256()
    with unfinished.open("wb") as whole_file:
        for part in parts:
            with part.open("rb") as file:
                while data := file.read(_COPY_BYTES):
                    digest.update(data)
                    whole_file.write(data)
    joined = unfinished.replace(folder / f"whole-{digest.hexdigest()}")
    _remove_others(entries, joined)
    return Original(joined, joined.stat().st_size, digest.hexdigest())


def _remove_others(entries: Sequence[Path], kept: Path) -> None:
    for path in entries:
        if path != kept:
            path.unlink(missing_ok=True)
