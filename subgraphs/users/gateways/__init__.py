"""Services of others that the users subgraph calls, each behind a port of ours and with a timeout.

providers  the port of sign-in providers, and what both adapters share
google     OpenID Connect
facebook   OAuth and the Graph API
sms        text messages
"""
