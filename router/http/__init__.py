"""Serves an engine over HTTP: GraphQL over HTTP, identity, protection of browsers, GraphiQL, health.

`create_app` is the door.
"""

from router.http.app import RouterApp
from router.http.build import create_app
from router.http.engines import ConfigurationError

__all__ = ["ConfigurationError", "RouterApp", "create_app"]
