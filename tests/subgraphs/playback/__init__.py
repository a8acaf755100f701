"""Tests of the playback subgraph."""
