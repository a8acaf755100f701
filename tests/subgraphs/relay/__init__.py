"""Tests of the relay subgraph."""
