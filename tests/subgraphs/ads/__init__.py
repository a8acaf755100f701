"""Tests of the ads subgraph."""
