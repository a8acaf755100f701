"""ads: campaigns, creatives, where a video breaks for ads, and which ad fills a slot on a page.

Entities owned: AdSlot (identified by whoever lays out the page). Contributes to Playable: adSchedule.
Stores used: PostgreSQL database `ads`.
Events published: none. Events consumed: billing.entitlement_changed (service.project_entitlements) and
users.consent_changed about TARGETED_ADS (service.project_targeting_consents).
"""
