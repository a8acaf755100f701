"""Tests of the mail server of one machine."""
