"""Tests of the billing subgraph."""
