"""Catalogues of others, read over a port of ours, and an index of search in a cluster.

catalogues  the port: `ExternalCatalogue`, what a row of one is, and how a configured adapter is found
calls       HTTP calls to a partner: with a timeout, a bound on what is read, and tries again where that is harmless
json_lines  a file of JSON lines, on a disk or over HTTP
pages       an HTTP API that answers page by page
search_cluster  calls to an OpenSearch or Elasticsearch
search_index    the index there: its fields, documents and queries

One more catalogue in one of these forms is configuration; in another form it is one more class with `rows`.
"""
