"""Events of the users subgraph. It publishes none yet: no other domain keeps a copy of accounts or profiles."""
