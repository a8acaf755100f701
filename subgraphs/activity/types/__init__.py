"""GraphQL types of the activity subgraph.

titles    Title and Playable as activity knows them
lists     continue watching, history and watchlist: items, edges, connections
figures   TitleAnalytics
profiles  Profile as activity knows it
payloads  what mutations answer
"""

from subgraphs.activity.types.payloads import RatePayload, WatchlistPayload
from subgraphs.activity.types.profiles import Profile
from subgraphs.activity.types.titles import Playable, Title

__all__ = ["Playable", "Profile", "RatePayload", "Title", "WatchlistPayload"]
