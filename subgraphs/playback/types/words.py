"""The enums of this subgraph with their descriptions."""

from enum import Enum

from subgraphs.playback.models.media import AssetStatus, MediaJobKind, MediaJobStatus
from subgraphs.playback.models.tables import StreamFormat
from subgraphs.playback.service.access import AccessReason
from subgraphs.shared.graphql.enums import describe_enum


class PlayerState(Enum):
    """What the player does at the moment of a heartbeat."""

    PLAYING = "PLAYING"
    PAUSED = "PAUSED"
    BUFFERING = "BUFFERING"


describe_enum(
    StreamFormat,
    "How the stream is packaged.",
    HLS="HTTP Live Streaming (RFC 8216) with fMP4 segments.",
    DASH="MPEG-DASH (ISO/IEC 23009-1) over the same segments.",
)
describe_enum(
    PlayerState,
    "What the player does at the moment of a heartbeat.",
    PLAYING="The picture runs; the time since the last heartbeat counts as watched.",
    PAUSED="The viewer paused.",
    BUFFERING="The player waits for data.",
)
describe_enum(
    AccessReason,
    "Why something plays, or why it does not.",
    FREE="Plays: it is free for everyone.",
    SUBSCRIPTION="Plays: the account has a subscription.",
    LOGIN_REQUIRED="Does not play before somebody signs in.",
    UPGRADE_REQUIRED="Does not play without a subscription.",
    GEO_BLOCKED="Is not licensed for the viewer's country.",
    MATURITY_BLOCKED="Is above the maturity limit of the profile; unrated counts as A.",
    NOT_AVAILABLE_YET="Its window opens later: at `expiresAt` of the decision.",
    EXPIRED="Its window has closed.",
    NOT_AVAILABLE="There is nothing to play.",
)
describe_enum(
    AssetStatus,
    "How far a film has come.",
    UPLOADED="It is there, and waits for a worker.",
    PROCESSING="A worker encodes it.",
    READY="It can be played. While it is packaged anew, with other captions, it stays so.",
    FAILED="It could not be encoded; its newest job says why.",
)
describe_enum(
    MediaJobKind,
    "Why a film is encoded.",
    ENCODE="It was sent, or is tried again.",
    CAPTIONS="It was given captions.",
)
describe_enum(
    MediaJobStatus,
    "How a job stands.",
    QUEUED="It waits for a worker.",
    RUNNING="A worker is at it.",
    SUCCEEDED="It is done.",
    FAILED="It could not be done.",
    CANCELLED="Nobody wanted it any more.",
)
