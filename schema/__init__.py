"""The API as files, and the commands that make and check them: `python -m schema export | compose | check | lint`.

subgraphs/*.graphql   the SDL of each subgraph, printed from its code
supergraph.graphql    what the router serves, composed from them
api.graphql           what clients see
operations/*.graphql  one saved operation per screen; the variables' defaults let each run as it is

The .graphql files of the first three are generated and committed: an API change is a visible diff.
"""
