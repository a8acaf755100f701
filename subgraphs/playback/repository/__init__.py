"""Every statement of the playback subgraph.

stores        the three stores, opened together
rights        PostgreSQL: projections of titles, entitlements and assets
sessions      PostgreSQL: playback sessions
read_model    Valkey: progress and running sessions, and the script of the heartbeat
durable       MongoDB: the progress behind the read model
"""
