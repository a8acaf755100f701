"""Tests of composition, in the order of its stages; `compositions.py` composes small SDL given by subgraph name."""
