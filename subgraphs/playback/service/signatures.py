"""How files of the kinds that are taken begin: finds what was sent by mistake. What a film really is, probing says."""

import re
from collections.abc import Callable

LONGEST_BEGINNING = 1024
"""How many bytes are looked at."""

# ISO base media: the size of the first box, then its kind. Files of old cameras begin without `ftyp`.
_ISO_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_EBML = b"\x1a\x45\xdf\xa3"
_TS_PACKET_BYTES, _TS_SYNC = 188, 0x47
_BOM = b"\xef\xbb\xbf"
_SUBRIP = re.compile(rb"\s*\d+[ \t]*\r?\n\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->")


def _is_iso(data: bytes) -> bool:
    return data[4:8] in _ISO_BOXES


def _is_transport_stream(data: bytes) -> bool:
    return bool(data) and all(byte == _TS_SYNC for byte in data[::_TS_PACKET_BYTES])


_BEGINNINGS: dict[str, Callable[[bytes], bool]] = {
    "video/mp4": _is_iso,
    "video/quicktime": _is_iso,
    "video/x-matroska": lambda data: data.startswith(_EBML),
    "video/webm": lambda data: data.startswith(_EBML),
    "video/mp2t": _is_transport_stream,
    "text/vtt": lambda data: data.removeprefix(_BOM).startswith(b"WEBVTT"),
    "application/x-subrip": lambda data: _SUBRIP.match(data.removeprefix(_BOM)) is not None,
}


def fits(beginning: bytes, content_type: str) -> bool:
    """Return whether a file that begins so can be of that type; the type must be one that is taken."""
    return _BEGINNINGS[content_type](beginning)
