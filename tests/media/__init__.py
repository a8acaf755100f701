"""Tests of the media library."""
