"""The OAuth 2.1 authorization server: rules without HTTP.

clients         registered programs, and how they prove who they are
authorization   what a client may ask for; codes, bound to client, address and PKCE challenge
exchange        codes and refresh tokens for tokens; introspection and revocation

Access and refresh tokens are those of a session like any other, with a grant: see `sessions` and `tokens`.
"""
