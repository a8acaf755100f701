"""Alembic migrations of the billing database, run by subgraphs.shared.postgres."""
