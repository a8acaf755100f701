"""Runs query plans: calls subgraphs, merges what they return and enforces the API schema on the result.

Planning and HTTP live elsewhere; `Engine` in `engine.py` is the door.
"""
