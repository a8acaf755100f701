"""The environment that services get on one machine: the only place where the stack's settings are put together.

Whatever the user has set already wins, so that any store or key can be replaced by a variable. In production none
of this runs: the variables come from the platform, and docs/configuration.md lists them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from stack.home import Home
from stack.keys import Keys
from stack.mail_catcher import FOLDER_VARIABLE
from stack.mock_provider import mock_provider_settings
from stack.partners import partner_catalogues
from stack.servers.process import LOOPBACK

STORE_VARIABLES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL", "documents": "MONGODB_URL"}
"""The variable that names a server of each role; unset, an embedded one is started."""
DEMO_VARIABLE = "DEMO_VIEWER"
"""Set to 1 where GraphiQL may open as the demo viewer."""
TOKEN_ISSUER = "reelgraph"  # noqa: S105 - a name inside tokens, no secret
TOKEN_AUDIENCE = "reelgraph"  # noqa: S105 - a name inside tokens, no secret


@dataclass(frozen=True)
class Addresses:
    """Where everything listens."""

    stores: Mapping[str, str]
    """URL of each store, by role."""
    router_port: int
    subgraph_ports: Mapping[str, int]
    """Port of each subgraph that is a server of its own; empty when router and subgraphs share processes."""
    mail_port: int | None = None
    """Where letters are caught; None when the user named a mail server, or nobody catches them."""
    provider_port: int | None = None
    """Where the mock sign-in provider listens; None when there is none."""


def build_environment(home: Home, keys: Keys, addresses: Addresses, *, has_demo: bool = False) -> dict[str, str]:
    """Return the whole environment for the services, ours filled in where the user's says nothing.

    Args:
        home: Where objects and schedules are kept.
        keys: The secrets.
        addresses: Where everything listens.
        has_demo: Whether GraphiQL may open as the demo viewer.
    """
    ours = {
        **{STORE_VARIABLES[role]: url for role, url in addresses.stores.items()},
        # A connection costs the server 4-8 MB, and each process holds this many per database. Three answered no more.
        "DATABASE_POOL_SIZE": "2",
        "OBJECTS_DIR": str(home.objects),
        "BEAT_SCHEDULE_FILE": str(home.beat_schedule),
        "PUBLIC_URL": f"http://{LOOPBACK}:{addresses.router_port}",
        "WEB_URL": f"http://{LOOPBACK}:{addresses.router_port}",
        # Browsers keep a Secure cookie of plain HTTP from nobody but themselves: on one machine it must go without.
        "SESSION_COOKIE_SECURE": "false",
        "VIEWER_CONTEXT_KEY": keys.viewer_context_key,
        "MEDIA_SIGNING_KEY": keys.media_signing_key,
        "PERSONAL_DATA_KEYS": keys.personal_data_keys,
        "PERSONAL_DATA_LOOKUP_KEY": keys.personal_data_lookup_key,
        "ACCESS_TOKEN_KEY_FILE": str(keys.access_token_key_file),
        "ACCESS_TOKEN_ISSUER": TOKEN_ISSUER,
        "ACCESS_TOKEN_AUDIENCE": TOKEN_AUDIENCE,
        **_router_settings(keys, addresses),
    }
    if addresses.mail_port is not None:
        caught = f"smtp://{LOOPBACK}:{addresses.mail_port}"
        ours |= {"SMTP_URL": caught, "SMS_MAIL_URL": caught, FOLDER_VARIABLE: str(home.mail)}
    if addresses.provider_port is not None:
        ours |= mock_provider_settings(ours["PUBLIC_URL"], f"http://{LOOPBACK}:{addresses.provider_port}")
    if has_demo:
        ours |= {DEMO_VARIABLE: "1", "EXTERNAL_CATALOGUES": json.dumps(partner_catalogues())}
    user = dict(os.environ)
    if user.get("VIEWER_CONTEXT_KEY"):
        # Two names, one secret: the router signs with it what subgraphs check.
        ours["ROUTER_CONTEXT_KEY"] = user["VIEWER_CONTEXT_KEY"]
    if user.get("REDIS_URL"):
        ours["ROUTER_RATE_LIMIT_URL"] = ours["ROUTER_DENIED_TOKENS_URL"] = user["REDIS_URL"]
    return ours | {name: value for name, value in user.items() if value or name not in ours}


def _router_settings(keys: Keys, addresses: Addresses) -> dict[str, str]:
    settings = {
        "ROUTER_JWKS": str(keys.jwks_file),
        "ROUTER_JWT_ISSUER": TOKEN_ISSUER,
        "ROUTER_JWT_AUDIENCE": TOKEN_AUDIENCE,
        "ROUTER_CONTEXT_KEY": keys.viewer_context_key,
        "ROUTER_DEFAULT_COUNTRY": "IN",
        "ROUTER_RATE_LIMIT_URL": addresses.stores["valkey"],
        "ROUTER_DENIED_TOKENS_URL": addresses.stores["valkey"],
        "ROUTER_MUTATION_REQUEST_HEADERS": json.dumps({"users": ["cookie", "user-agent", "x-session-mode"]}),
        "ROUTER_MUTATION_RESPONSE_HEADERS": json.dumps({"users": ["set-cookie"]}),
    }
    if addresses.subgraph_ports:
        settings["ROUTER_SUBGRAPH_URLS"] = json.dumps(
            {name: f"http://{LOOPBACK}:{port}/graphql" for name, port in addresses.subgraph_ports.items()}
        )
    return settings
