"""What Alembic runs: this subgraph's tables on the connection that is passed in."""

from subgraphs.shared.postgres import run_migrations
from subgraphs.users.models import Model

run_migrations(Model.metadata)
