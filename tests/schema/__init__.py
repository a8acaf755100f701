"""Tests of the API's files."""
