"""The GraphiQL page and its files, served from this package so that it works without a network."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.resources import files

import orjson

# Only our own files run, and only this address is called. CodeMirror sets styles inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_ASSETS = {
    "react.production.min.js": "text/javascript; charset=utf-8",
    "react-dom.production.min.js": "text/javascript; charset=utf-8",
    "graphiql.min.js": "text/javascript; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "graphiql.min.css": "text/css; charset=utf-8",
    "start.css": "text/css; charset=utf-8",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{assets}graphiql.min.css">
<link rel="stylesheet" href="{assets}start.css">
</head>
<body>
<div id="graphiql"><p>Loading GraphiQL …</p></div>
<script type="application/json" id="graphiql-settings">{settings}</script>
<script src="{assets}react.production.min.js"></script>
<script src="{assets}react-dom.production.min.js"></script>
<script src="{assets}graphiql.min.js"></script>
<script src="{assets}start.js"></script>
</body>
</html>
"""


class GraphiQLPage:
    """The page, with the operations and headers that it opens with.

    Args:
        operations: Texts of the operations, one tab for each, the first in front; none opens GraphiQL's own welcome.
        headers: Asked for each page, so that they may hold a fresh token.
        query_plan: Show the query plan of each operation beside it.
    """

    def __init__(
        self, *, operations: Sequence[str], headers: Callable[[], Mapping[str, str]], query_plan: bool
    ) -> None:
        self._operations = list(operations)
        self._headers = headers
        self._query_plan = query_plan
        self._assets: dict[str, bytes] = {}

    def page(self, *, endpoint: str, assets: str) -> bytes:
        """Return the HTML. `endpoint` and `assets` are paths on this server; `assets` ends with a slash."""
        settings = orjson.dumps(
            {
                "endpoint": endpoint,
                "operations": self._operations,
                "headers": dict(self._headers()),
                "queryPlan": self._query_plan,
            }
        ).decode()
        # Inside a script element only "<" could end it; JSON may escape it.
        harmless = settings.replace("<", "\\u003c")
        return _PAGE.format(assets=escape(assets), settings=harmless).encode()

    def asset(self, name: str) -> tuple[bytes, str] | None:
        """Return content and type of a file of the page, None for any other name. Files are read once."""
        content_type = _ASSETS.get(name)
        if content_type is None:
            return None
        content = self._assets.get(name)
        if content is None:
            content = self._assets[name] = files("router.http").joinpath("static", "graphiql", name).read_bytes()
        return content, content_type
