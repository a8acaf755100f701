"""Logs as JSON lines, and the correlation id that ties the lines of one request together.

No exporter lives here, and nothing that knows GraphQL.
"""

import logging
import os
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar, Token, copy_context
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson
import structlog

CORRELATION_HEADER = "x-correlation-id"

_NETS = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[email]"),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"(?<![\w.+])\+\d{8,15}(?!\d)"), "[phone]"),
)

_log = structlog.get_logger(__name__)

# Writes a line of the log that `configure_logging` set up; None until then.
_write_line: Callable[[bytes], None] | None = None

# What may be put into a header and a log line as it came: no spaces, quotes, line ends; short.
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}")


def correlation_id(sent: str | None) -> str:
    """Return the id that the client sent if it is 8–64 harmless characters, else a new random one."""
    if sent is not None and _SANE_ID.fullmatch(sent):
        return sent
    return os.urandom(16).hex()


def _correlation_variable() -> ContextVar[Any]:
    """Return the variable in which structlog keeps the correlation id of a context."""
    tokens = copy_context().run(structlog.contextvars.bind_contextvars, correlation_id="")
    variable: ContextVar[Any] = tokens["correlation_id"].var
    return variable


_correlation_id = _correlation_variable()


def bind_correlation_id(value: str) -> Token[Any]:
    """Have all further log lines of this context tell a correlation id; `unbind_correlation_id` ends that.

    At a tenth of the cost of structlog's own way, which looks for the variable each time.
    """
    return _correlation_id.set(value)


def unbind_correlation_id(token: Token[Any]) -> None:
    """Have further log lines tell what they told before."""
    _correlation_id.reset(token)


def log_request(event: str, fields: Mapping[str, Any]) -> None:
    """Write the one line that every request gets, at level info; `fields` hold its correlation id.

    Where `configure_logging` set up the log, this writes the same line without a processor per part of it; where a
    program has set up its own, the line goes there.
    """
    if _write_line is None:
        _log.info(event, **fields)
        return
    if "eyJ" in fields["correlation_id"]:  # the only one of these that a client words; nobody's token is to be logged
        fields = {**fields, "correlation_id": _scrubbed(fields["correlation_id"])}
    line = {**fields, "event": event, "level": "info", "timestamp": datetime.now(UTC)}
    _write_line(orjson.dumps(line, default=repr, option=orjson.OPT_UTC_Z))


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
    global _write_line  # of the process, as the configuration of structlog
    writes_requests = logging.getLevelNamesMapping()[level] <= logging.INFO
    _write_line = _writer(sys.stderr.buffer) if writes_requests else _drop


def _writer(file: BinaryIO) -> Callable[[bytes], None]:
    """Return what writes a line: in one piece, so that lines of other threads come before it or after it."""

    def write(line: bytes) -> None:
        file.write(line + b"\n")
        file.flush()

    return write


def _drop(_line: bytes) -> None:
    pass


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
