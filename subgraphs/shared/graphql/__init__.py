"""What a subgraph's GraphQL rooms share: the schema class, the ASGI app, scalars, enums, pagination and error payloads.

schema      FederatedSchema: batch entity resolution, caches, quiet error handling
app         SubgraphApp: one subgraph over HTTP or called in memory, by one code path
failures    GraphQL errors with stable codes; unexpected ones are masked and logged
kept        decorators of types whose answers stand from one request to the next
scalars     DateTime, Date, URL, Locale, CountryCode and the shared enums
enums       descriptions for enums of rooms without GraphQL
pagination  opaque keyset cursors, PageInfo, page sizes
payloads    UserError and OkPayload
refusals    refusals as members of result unions
"""
