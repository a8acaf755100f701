"""activity: what a profile did and said: continue watching, history, watchlist, ratings.

Entities owned: none; contributes inWatchlist, myRating and upNext to Title, and the lists to Profile.
Stores used: MongoDB `activity` (everything, durably); Valkey (`activity:` read models of each profile, built again from
MongoDB when they are lost).
Events published: entries of the Valkey stream `activity:engagement`.
Events consumed, through workers: catalog.title_changed, the stream playback:heartbeats.
"""
