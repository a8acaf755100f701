"""Logs as JSON lines, and the correlation id that ties the lines of one request together.

No exporter lives here, and nothing that knows GraphQL.
"""

import logging
import re
import secrets
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson
import structlog

CORRELATION_HEADER = "x-correlation-id"

_NETS = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[email]"),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"(?<![\w.+])\+\d{8,15}(?!\d)"), "[phone]"),
)

# What may be put into a header and a log line as it came: no spaces, quotes, line ends; short.
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}")


def correlation_id(sent: str | None) -> str:
    """Return the id that the client sent if it is 8–64 harmless characters, else a new random one."""
    if sent is not None and _SANE_ID.fullmatch(sent):
        return sent
    return secrets.token_hex(16)


def configure_logging(level: str) -> None:
    """Write every log event of level `level` and above to standard error as one JSON object per line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _scrub,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out what looks like an address, a number or a token: errors of others quote what they were given."""
    return {name: _scrubbed(value) for name, value in event.items()}


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        for net, blot in _NETS:
            value = net.sub(blot, value)
        return value
    if isinstance(value, Mapping):
        return {name: _scrubbed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in value]
    return value


def _dumps(event: Any, **_: Any) -> bytes:
    """Serialise a log event; what JSON cannot say is written as its repr, because a log line must not fail."""
    return orjson.dumps(event, default=repr)
