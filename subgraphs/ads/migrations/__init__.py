"""Alembic migrations of the ads database, run by subgraphs.shared.postgres."""
