"""playback: may this viewer play it, where is the stream, and how far have they come.

Entities owned: PlaybackSession. Contributes progress and access to Title and Playable.
Stores used: PostgreSQL `playback` (projections of rights and entitlements, assets, sessions); MongoDB `playback` (the
durable progress); Valkey (`playback:` progress read model and running sessions).
Events published: entries of the Valkey stream `playback:heartbeats`.
Events consumed, through workers: catalog.title_changed, billing.entitlement_changed, its own heartbeats.
"""
