"""Planning: a validated client operation and a supergraph become a query plan.

Pure functions of their inputs. No input or output, no composition, no execution.
"""
