"""Signed delivery of streams: who may fetch which object of a stream, for how long and up to which quality.

The signature is part of the path, before the object's own: `/v/<expiry>/<quality>/<session>/<signature>/<asset>/…`.
Manifests name their segments relatively, so everything below a signed manifest inherits its signature, no playlist is
rewritten, and a CDN may strip the prefix from its cache key.

A stream is a folder of the object store: `streams/<asset>/master.m3u8` for HLS, `manifest.mpd` for DASH, and a folder
for each rendition, named after its quality: `p720/index.m3u8`, `p720/init.mp4`, `p720/segment_00001.m4s`. Sound,
subtitles and pictures of the film lie in folders beside them and are part of every link. HTTP is the server's affair.
"""

import base64
import hashlib
import hmac
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

LINK_LIFETIME = timedelta(hours=1)
CLOCK_SKEW = timedelta(seconds=30)
"""How long after its expiry a link still works, for clocks that differ between machines."""

STREAMS_FOLDER = "streams"
MASTER_PLAYLIST = "master.m3u8"
DASH_MANIFEST = "manifest.mpd"

_SEGMENT_CACHE = "public, max-age=86400, immutable"
_PLAYLIST_CACHE = "public, max-age=10"
_CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".mpd": "application/dash+xml",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
}
_ASSET = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SESSION = re.compile(r"[A-Za-z0-9-]{1,64}")
_QUALITY = re.compile(r"P([0-9]{3,4})")
_RENDITION_FOLDER = re.compile(r"p([0-9]{3,4})")
_SHARED_FOLDER = re.compile(r"(?:audio|text)-[a-z0-9-]{1,60}|storyboard|stills")
_MPD = "urn:mpeg:dash:schema:mpd:2011"
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[a-z0-9]{2,4}")
_FOLDER_IN_URI = re.compile(r'(?:^|URI=")p([0-9]{3,4})/')


class DeliveryError(Exception):
    """The object is not delivered. `status` is the HTTP status, the text is safe to send.

    DeliveryError
    ├── LinkInvalidError        the path was not signed by us, or was changed   403
    ├── LinkExpiredError        the hour is over                                403
    ├── QualityNotAllowedError  above the quality that was signed               403
    └── ObjectMissingError      signed, but there is no such object             404
    """

    status = 403


class LinkInvalidError(DeliveryError):
    """The path was not signed with our key, or was changed after signing."""

    def __init__(self) -> None:
        super().__init__("The link is not valid.")


class LinkExpiredError(DeliveryError):
    """The link was valid once."""

    def __init__(self) -> None:
        super().__init__("The link has expired. Ask for a new one.")


class QualityNotAllowedError(DeliveryError):
    """The rendition is above the quality that the link was signed for."""

    def __init__(self) -> None:
        super().__init__("The link does not cover this quality.")


class ObjectMissingError(DeliveryError):
    """The link is good, but nothing is stored under this name."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such object.")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link allows: one asset, up to one quality (`P720`), for one playback session, until a moment."""

    asset_id: str
    max_quality: str
    session_id: str
    expires_at: datetime

    @property
    def max_height(self) -> int:
        """The largest height in lines that the link covers."""
        return int(self.max_quality[1:])


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object to be sent as it lies in the store; ranges of it may be asked for."""

    path: Path
    content_type: str
    cache_control: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest made for this link: it names no rendition above the allowed quality."""

    text: str
    content_type: str
    cache_control: str


def sign_prefix(grant: Grant, *, key: str) -> str:
    """Return the signed path of the grant's stream, with a slash at its end: everything below it is allowed.

    Raises:
        ValueError: A part of the grant cannot stand in a path.
    """
    if not (
        _ASSET.fullmatch(grant.asset_id)
        and _SESSION.fullmatch(grant.session_id)
        and _QUALITY.fullmatch(grant.max_quality)
    ):
        raise ValueError(f"{grant!r} cannot be signed.")
    expiry = int(grant.expires_at.timestamp())
    signature = _signature(expiry, grant.max_quality, grant.session_id, grant.asset_id, key=key)
    return f"/v/{expiry}/{grant.max_quality}/{grant.session_id}/{signature}/{grant.asset_id}/"


def find_object(path: str, *, key: str, now: datetime, objects_dir: Path) -> StoredFile | Manifest:
    """Return what a signed path asks for.

    Args:
        path: The path after `/v/`, percent-decoded once.
        key: The secret that signed it.
        now: The present moment.
        objects_dir: The local object store.

    Raises:
        LinkInvalidError: Forged, changed, or not of our form (`..` among others).
        LinkExpiredError: More than 30 seconds past its expiry.
        QualityNotAllowedError: A rendition above the signed quality.
        ObjectMissingError: Nothing is stored there.
    """
    grant, inner = _verify(path, key=key, now=now)
    stream = objects_dir / STREAMS_FOLDER / grant.asset_id
    if len(inner) == 1 and inner[0] in (MASTER_PLAYLIST, DASH_MANIFEST):
        return _manifest_for(grant, stream / inner[0])
    if len(inner) != 2 or not _FILE.fullmatch(inner[1]):  # a folder and a file in it
        raise ObjectMissingError
    rendition = _RENDITION_FOLDER.fullmatch(inner[0])
    if rendition is None and not _SHARED_FOLDER.fullmatch(inner[0]):
        raise ObjectMissingError
    if rendition is not None and int(rendition[1]) > grant.max_height:
        raise QualityNotAllowedError
    return _stored(stream / inner[0] / inner[1], stream)


def filter_master(playlist: str, *, max_height: int) -> str:
    """Return a master playlist without the renditions above the height, and without their I-frame playlists."""
    kept: list[str] = []
    pending: str | None = None
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-STREAM-INF"):
            pending = line
            continue
        if line.startswith("#EXT-X-I-FRAME-STREAM-INF") or (line and not line.startswith("#")):
            height = _FOLDER_IN_URI.search(line)
            if height is None or int(height[1]) <= max_height:
                kept.extend([pending, line] if pending is not None else [line])
            pending = None
            continue
        kept.append(line)
    return "\n".join(kept) + "\n"


def filter_mpd(manifest: str, *, max_height: int) -> str:
    """Return a DASH manifest without the renditions above the height, and without the sets that were only of those."""
    ET.register_namespace("", _MPD)
    root = ET.fromstring(manifest)  # noqa: S314  # out of the object store, where the packager put it
    for period in root.iter(f"{{{_MPD}}}Period"):
        for adaptation in list(period.iter(f"{{{_MPD}}}AdaptationSet")):
            _filter_adaptation(adaptation, max_height)
            if adaptation.find(f"{{{_MPD}}}Representation") is None:
                period.remove(adaptation)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _filter_adaptation(adaptation: ET.Element, max_height: int) -> None:
    """Take away what is above the height, and say the largest sides of what is left."""
    removed = False
    for representation in adaptation.findall(f"{{{_MPD}}}Representation"):
        segments = representation.find(f"{{{_MPD}}}SegmentTemplate")
        folder = None if segments is None else _FOLDER_IN_URI.search(segments.get("initialization", ""))
        if folder is not None and int(folder[1]) > max_height:
            adaptation.remove(representation)
            removed = True
    for largest, side in (("maxWidth", "width"), ("maxHeight", "height")):
        sides = [int(each.get(side, "0")) for each in adaptation.findall(f"{{{_MPD}}}Representation")]
        if removed and largest in adaptation.attrib and sides:
            adaptation.set(largest, str(max(sides)))


def _signature(expiry: int, quality: str, session_id: str, asset_id: str, *, key: str) -> str:
    message = "\n".join(("reelgraph delivery 1", str(expiry), quality, session_id, asset_id))
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _verify(path: str, *, key: str, now: datetime) -> tuple[Grant, list[str]]:
    """Return the grant and the path inside the asset. The signature is checked before anything else is believed."""
    parts = path.split("/")
    if len(parts) < 6 or not parts[0].isascii() or not parts[0].isdigit() or len(parts[0]) > 12:
        raise LinkInvalidError
    expiry_text, quality, session_id, given, asset_id, *inner = parts
    expected = _signature(int(expiry_text), quality, session_id, asset_id, key=key)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise LinkInvalidError
    if not (_ASSET.fullmatch(asset_id) and _QUALITY.fullmatch(quality)):
        raise LinkInvalidError
    expires_at = datetime.fromtimestamp(int(expiry_text), UTC)
    if now > expires_at + CLOCK_SKEW:
        raise LinkExpiredError
    return Grant(asset_id, quality, session_id, expires_at), inner


def _manifest_for(grant: Grant, path: Path) -> Manifest:
    try:
        whole = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ObjectMissingError from error
    filtered = filter_mpd if path.name == DASH_MANIFEST else filter_master
    text = filtered(whole, max_height=grant.max_height)
    if "#EXT-X-STREAM-INF" not in text and 'contentType="video"' not in text:  # nothing in this quality
        raise ObjectMissingError
    return Manifest(text, _CONTENT_TYPES[path.suffix], _PLAYLIST_CACHE)


def _stored(path: Path, stream: Path) -> StoredFile:
    content_type = _CONTENT_TYPES.get(path.suffix)
    # Names were matched already; a symbolic link in the store must not lead out of it either.
    if content_type is None or not path.is_file() or not path.resolve().is_relative_to(stream.resolve()):
        raise ObjectMissingError
    return StoredFile(path, content_type, _PLAYLIST_CACHE if path.suffix == ".m3u8" else _SEGMENT_CACHE)
