"""Tests of the recommendations subgraph."""
