"""Whether a server answers, asked in its own wire protocol and without its driver.

Used while servers start and by `reelgraph doctor`, where importing three drivers would cost more than the
question. A probe never raises and takes at most its timeout.
"""

import socket
import struct

from bson import decode, encode
from bson.errors import InvalidBSON

PROBE_TIMEOUT_SECONDS = 1.0
_POSTGRES_PROTOCOL_3 = 196608
_OP_MSG = 2013
_HEADER_BYTES = 16


def postgres_answers(host: str, port: int) -> bool:
    """Return whether PostgreSQL is past its start-up: it then asks for credentials or lets us in."""
    startup = struct.pack("!i", _POSTGRES_PROTOCOL_3) + b"user\0reelgraph\0database\0postgres\0\0"
    reply = _exchange(host, port, struct.pack("!i", len(startup) + 4) + startup, first_bytes=1)
    return reply[:1] == b"R"


def valkey_answers(host: str, port: int) -> bool:
    """Return whether Valkey or Redis takes commands; one that asks for a password does, one still loading does not."""
    reply = _exchange(host, port, b"PING\r\n", first_bytes=5)
    return reply.startswith((b"+PONG", b"-NOAU"))


def documents_answer(host: str, port: int) -> bool:
    """Return whether a server that speaks MongoDB's protocol answers `hello` as one that takes writes."""
    body = struct.pack("<I", 0) + b"\0" + encode({"hello": 1, "$db": "admin"})
    request = struct.pack("<iiii", _HEADER_BYTES + len(body), 1, 0, _OP_MSG) + body
    reply = _exchange(host, port, request, first_bytes=_HEADER_BYTES + 5, length_prefixed=True)
    try:
        answer = decode(reply[_HEADER_BYTES + 5 :])
    except InvalidBSON:
        return False
    return bool(answer.get("isWritablePrimary"))


def http_answers(host: str, port: int, path: str) -> bool:
    """Return whether GET of the path is answered with a 2xx status."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
    reply = _exchange(host, port, request, first_bytes=12)
    return reply.startswith(b"HTTP/1.1 2")


def _exchange(host: str, port: int, request: bytes, *, first_bytes: int, length_prefixed: bool = False) -> bytes:
    """Send the request and return at least its reply's first bytes, or nothing where the server did not give them."""
    wanted = first_bytes
    reply = b""
    try:
        with socket.create_connection((host, port), timeout=PROBE_TIMEOUT_SECONDS) as connection:
            connection.sendall(request)
            while len(reply) < wanted:
                part = connection.recv(65536)
                if not part:
                    return b""
                reply += part
                if length_prefixed and len(reply) >= _HEADER_BYTES:
                    wanted = struct.unpack_from("<i", reply)[0]
    except OSError:
        return b""
    return reply
