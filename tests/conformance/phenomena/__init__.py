"""One small federation per phenomenon: exact data, exact errors, exact subgraph calls."""
