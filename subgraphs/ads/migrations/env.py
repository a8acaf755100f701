"""What Alembic runs: this subgraph's tables on the connection that is passed in."""

from subgraphs.ads.models import Model
from subgraphs.shared.postgres import run_migrations

run_migrations(Model.metadata)
