"""Every statement of the playback subgraph.

stores        the three stores, opened together
rights        PostgreSQL: projections of titles, entitlements and assets
sessions      PostgreSQL: playback sessions
uploads       PostgreSQL: files that are sent in parts
media         PostgreSQL: films that were sent, and the jobs that encode them
read_model    Valkey: progress and running sessions, and the script of the heartbeat
durable       MongoDB: the progress behind the read model
"""
