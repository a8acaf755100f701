"""Judges that others wrote, run beside the project: a composer, an audit of gateways, audits of GraphQL over HTTP.

`python -m benchmarks.gateways.judges composition|audit|http`. What they need comes from npm into a folder outside
version control; the audit of gateways is started by hand.
"""
