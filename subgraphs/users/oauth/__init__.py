"""The HTTP side of the OAuth 2.1 server, beside GraphQL: clients and browsers speak to it directly.

forms      bodies, query strings and credentials as the protocol has them
runtime    what a request needs of the started subgraph
browsers   who signed in on these pages, and that a form came from one of them
signing_in signing in on the pages
pages      the three small pages, with their security headers
authorize  /oauth/authorize: sign in, allow or refuse
device     /oauth/device: approve a television by its code
tokens     /oauth/token, /oauth/revoke, /oauth/introspect, /oauth/userinfo
metadata   the discovery documents and /.well-known/jwks.json
routes     all of it as routes
"""
