"""The last net under the logs: whatever in a log line looks like an address, a number or a token is blotted out.

Code passes no personal values to logs in the first place (tests/privacy reads it for that); this is for the words of
others, a driver's error for example, which quote what they were given.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

_NETS = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[email]"),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"(?i)(bearer|basic) [\w+/=.~-]{8,}"), r"\1 [token]"),
    (re.compile(r"(?<![\w.+])\+\d{8,15}(?!\d)"), "[phone]"),
    # Loopback stays: it names our own servers.
    (re.compile(r"(?<![\d.])(?!127\.)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"), "[ip]"),
    # What a database adds to its errors: the values of the row or key, and of the parameters.
    (re.compile(r"Key \([^)]*\)=\((?:[^()]|\([^()]*\))*\)"), "Key [values]"),
    (re.compile(r"Failing row contains \(.*?\)\."), "Failing row contains [values]."),
)


def scrub(text: str) -> str:
    """Return the text with everything that looks personal blotted out."""
    for net, blot in _NETS:
        text = net.sub(blot, text)
    return text


def scrub_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Scrub every text of a log event; a structlog processor, to stand right before the renderer."""
    return {name: _scrubbed(value) for name, value in event.items()}


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {name: _scrubbed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in value]
    if isinstance(value, BaseException):
        return scrub(repr(value))
    return value
