"""What clients find out by themselves: RFC 8414, OpenID Connect Discovery, and the public keys."""

from typing import Any

from subgraphs.users.service.oauth.authorization import SCOPES


def server_metadata(issuer: str) -> dict[str, Any]:
    """Return the discovery document; the same for OAuth and for OpenID Connect."""
    proofs = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", *proofs],
        "revocation_endpoint_auth_methods_supported": ["none", *proofs],
        "introspection_endpoint_auth_methods_supported": proofs,
        "authorization_response_iss_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "auth_time", "nonce", "email", "email_verified", "name", "locale", "picture"],
    }
