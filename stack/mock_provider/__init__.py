"""A sign-in provider for one machine: Google's and Facebook's protocols with invented people, to try the flows by hand.

people  who can be signed in as
codes   authorization codes: bound to client, address and PKCE challenge, good once
pages   the page that asks who one is
app     the endpoints of both, as an ASGI application on a port of its own

It asks nobody for a password. `reelgraph up` starts it where the demo is on and no real credentials are set; it is part
of no deployment.
"""
