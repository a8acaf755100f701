"""The shared kernel: what every subgraph needs and none owns. No rule of any one domain lives here.

errors      the tree of refusals and their stable codes
values      words that several subgraphs speak: maturity ratings, tiers, money, locales
identity    who asks: the viewer context, signed by the router
ids         opaque global ids
clock       the passed-in time
config      settings read from the environment
events      the envelope of domain events
outbox      events written in the transaction that caused them
streams     high-volume events, on Valkey streams
postgres    sessions, migrations, statement counting
listening   a connection that is told of commits
prepared    statements that every page runs, on the driver's own connections
mongo       the document store
redis       the Valkey client
live        news for open subscriptions, over Valkey
telemetry   logs with correlation ids, statement counters
graphql/    the Strawberry schema, app, scalars and pagination of a subgraph
"""
