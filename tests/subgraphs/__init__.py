"""Tests of the subgraphs, one folder for each."""
