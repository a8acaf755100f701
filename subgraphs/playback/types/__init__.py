"""GraphQL types of the playback subgraph.

words     enums
access    AccessDecision
entities  Title, Playable and Progress as playback knows them
media     Upload, VideoAsset and MediaJob, for editors
streams   what a stream consists of
sessions  PlaybackSession, and what starting and reporting may answer instead
"""

from subgraphs.playback.types.access import AccessDecision
from subgraphs.playback.types.entities import Playable, Progress, Title
from subgraphs.playback.types.media import VideoAsset
from subgraphs.playback.types.sessions import (
    GeoBlocked,
    HeartbeatResult,
    LoginRequired,
    MaturityBlocked,
    NotYetAvailable,
    PlaybackSession,
    SessionEnded,
    StartPlaybackResult,
    TitleExpired,
    TitleNotAvailable,
    UpgradeRequired,
)

__all__ = [
    "AccessDecision",
    "GeoBlocked",
    "HeartbeatResult",
    "LoginRequired",
    "MaturityBlocked",
    "NotYetAvailable",
    "Playable",
    "PlaybackSession",
    "Progress",
    "SessionEnded",
    "StartPlaybackResult",
    "Title",
    "TitleExpired",
    "TitleNotAvailable",
    "UpgradeRequired",
    "VideoAsset",
]
