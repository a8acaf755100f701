"""Judges that others wrote, run beside the project: a composer, gateways, audits of gateways and of GraphQL over HTTP.

`python -m benchmarks.gateways.judges composition|peers|audit|http`. What they need comes from npm into a folder outside
version control; the audit of gateways is started by hand.
"""
