"""Alembic migrations of the recommendations database, run by subgraphs.shared.postgres."""
