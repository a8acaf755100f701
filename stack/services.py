"""Which parts the platform consists of, and how each one is started.

The only list of the subgraphs outside the schema: the supervisor, `reelgraph serve`, migrations and the Docker
files all go by it.
"""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from stack.home import PROJECT

DEFAULT_ROUTER_PORT = 4000


@dataclass(frozen=True)
class Subgraph:
    """One subgraph: its name is also that of its package, its schema file and its database."""

    name: str
    owns_database: bool
    plain_prefixes: tuple[str, ...] = ()
    """Beginnings of the paths, beside GraphQL, that it answers at the platform's address."""
    context_prefixes: tuple[str, ...] = ()
    """Those of them that want to know from where a request comes: it carries the router's signed viewer context."""

    @property
    def app_module(self) -> str:
        """The module whose `create_app` returns the ASGI application."""
        return f"subgraphs.{self.name}.app"

    @property
    def migrations(self) -> Path:
        """The folder of its Alembic migrations."""
        return PROJECT / "subgraphs" / self.name / "migrations"

    def is_installed(self) -> bool:
        """Return whether its package has an application."""
        return find_spec(f"subgraphs.{self.name}") is not None and find_spec(self.app_module) is not None


SUBGRAPHS = (
    Subgraph(
        "users",
        owns_database=True,
        plain_prefixes=("/.well-known/", "/exports/", "/oauth/"),
        context_prefixes=("/oauth/",),
    ),
    Subgraph("catalog", owns_database=True, plain_prefixes=("/artwork/", "/imports/", "/catalog-exports/")),
    Subgraph("playback", owns_database=True, plain_prefixes=("/v/", "/uploads/")),
    Subgraph("activity", owns_database=False),
    Subgraph("billing", owns_database=True),
    Subgraph("ads", owns_database=True),
    Subgraph("recommendations", owns_database=True),
    Subgraph("relay", owns_database=False),
)
ROUTER = "router"
WORKER = "worker"
STAND_INS = "stand-ins"
"""What stands in for the outside world on one machine, a mail server and sign-in providers; no part of the platform."""
PARTS = (*(subgraph.name for subgraph in SUBGRAPHS), ROUTER, WORKER)
"""What `reelgraph serve` can start, each as a process or container of its own."""


def migration_folders() -> dict[str, Path]:
    """Return the migrations of every subgraph that owns a database, by database name."""
    return {subgraph.name: subgraph.migrations for subgraph in SUBGRAPHS if subgraph.owns_database}


def migrations_digest() -> str:
    """Return a digest of all migrations: while it is the same, there is nothing new to run."""
    digest = hashlib.sha256()
    for name, folder in migration_folders().items():
        for path in sorted((folder / "versions").glob("*.py")):
            digest.update(f"{name}/{path.name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
