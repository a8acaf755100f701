"""Tests of the activity subgraph."""
