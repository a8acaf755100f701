"""What Alembic runs: this subgraph's tables on the connection that is passed in."""

from subgraphs.playback.models import media as _media  # noqa: F401  # adds its tables
from subgraphs.playback.models.tables import Model
from subgraphs.shared.postgres import run_migrations

run_migrations(Model.metadata)
