"""playback: may this viewer play it, where is the stream, and how far have they come.

Entities owned: PlaybackSession, VideoAsset. Contributes progress and access to Title and Playable.
Stores used: PostgreSQL `playback` (projections of rights and entitlements, assets, sessions, uploads and encodings of
films); the object store; MongoDB `playback` (the durable progress); Valkey (`playback:` progress read model and
running sessions).
Events published: playback.asset_uploaded; entries of the Valkey stream `playback:heartbeats`.
Events consumed, through workers: catalog.title_changed, billing.entitlement_changed, its own heartbeats.
"""
