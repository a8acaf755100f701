"""Events of the ads subgraph. It publishes none yet: what was shown and seen comes with ad tracking."""
