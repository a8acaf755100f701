"""The API as files, and the commands that make and check them: `python -m schema export | compose | check | lint`.

subgraphs/*.graphql   the SDL of each subgraph, printed from its code
supergraph.graphql    what the router serves, composed from them
api.graphql           what clients see
known-operations.json what the router asks of the subgraphs for the saved operations: compiled when they start
operations/*.graphql  one saved operation per screen; the variables' defaults let each run as it is

All but the last are generated and committed: an API change is a visible diff.
"""
