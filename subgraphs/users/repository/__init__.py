"""Everything that the users subgraph asks of its stores.

accounts  accounts and profiles in PostgreSQL; whose rows the viewer may see is part of each statement
audit     the audit log
identities  identities at providers, phone numbers
oauth     registered OAuth clients in PostgreSQL, authorization codes in Valkey
one_time  values in Valkey that are taken once
pairings  devices that wait for approval, in Valkey
phone_codes  codes by text message, in Valkey
sessions  sessions of refresh tokens in Valkey
"""
