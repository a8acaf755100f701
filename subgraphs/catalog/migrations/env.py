"""Alembic's entry: migrate the database that the caller is connected to."""

from subgraphs.catalog.models import Model
from subgraphs.shared.postgres import run_migrations

run_migrations(Model.metadata)
