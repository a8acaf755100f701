"""Services of others that the users subgraph calls, each behind a port of ours and with a timeout.

providers       the port of sign-in providers
provider_calls  what both adapters call them with
google          OpenID Connect
facebook        OAuth and the Graph API
sms             text messages
smtp            the mail server
"""
