"""recommendations: which titles to show, in which row, in which order, and why.

Entities owned: Page, Tray. Contributed to: Title (similar, trend), Profile (recommendations).
Referred to: AdSlot, Collection.
Stores used: PostgreSQL `recommendations` (title features, plays, engagement, trends, tray definitions), Valkey (ranked
rows as ids, the viewer's tier; rebuilt from PostgreSQL on a miss).
Events published: recommendations.trending_computed, recommendations.trays_changed.
Events consumed, by workers through service: catalog.title_changed, catalog.collection_changed,
recommendations.trays_changed, billing.entitlement_changed, the streams
playback:heartbeats and activity:engagement.
"""
