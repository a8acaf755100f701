"""Everything that the users subgraph asks of its stores.

accounts  accounts and profiles in PostgreSQL; whose rows the viewer may see is part of each statement
audit     the audit log
sessions  sessions of refresh tokens in Valkey
"""
