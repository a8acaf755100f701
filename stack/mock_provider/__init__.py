"""A sign-in provider for one machine: Google's and Facebook's protocols with invented people, to try the flows by hand.

people    who can be signed in as
codes     authorization codes: bound to client, address and PKCE challenge, good once
pages     the page that asks who one is
app       the endpoints of both, as an ASGI application on a port of its own
try_page  /dev/sign-in at the platform's address: starts each way to sign in, as a client would

It asks nobody for a password. `reelgraph up` starts it where the demo is on and no real credentials are set; it is part
of no deployment.
"""

import json

PATH = "/dev/sign-in"
CLIENT_ID = "reelgraph-on-this-machine"
CLIENT_SECRET = "not-a-secret"  # noqa: S105 - the provider listens on this machine only, and lets everybody in
PAGE_VARIABLE = "DEV_SIGN_IN"
"""Set to 1 where /dev/sign-in exists."""


def mock_provider_settings(public_url: str, provider_url: str) -> dict[str, str]:
    """Return the settings with which the platform takes the mock for Google and Facebook."""
    return {
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "GOOGLE_ISSUER": f"{provider_url}/google",
        "FACEBOOK_CLIENT_ID": CLIENT_ID,
        "FACEBOOK_CLIENT_SECRET": CLIENT_SECRET,
        "FACEBOOK_DIALOG_URL": f"{provider_url}/facebook/dialog/oauth",
        "FACEBOOK_GRAPH_URL": f"{provider_url}/facebook/graph",
        "FACEBOOK_EMAIL_IS_VERIFIED": "true",
        "PROVIDER_REDIRECT_URIS": json.dumps([public_url + PATH]),
        PAGE_VARIABLE: "1",
    }
