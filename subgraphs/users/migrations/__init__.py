"""Alembic migrations of the users database, run by subgraphs.shared.postgres."""
