"""What a stream consists of: pictures in several qualities, sounds, subtitles, small pictures for seeking."""

import strawberry

from subgraphs.shared.graphql.scalars import URL, Locale
from subgraphs.shared.values import Quality


@strawberry.type(description="The picture of a film in one quality.")
class Rendition:
    quality: Quality = strawberry.field(description="Its quality.")
    width: int = strawberry.field(description="Width in pixels.")
    height: int = strawberry.field(description="Height in pixels.")
    bitrate_kbps: int = strawberry.field(description="Most that it takes for long, sound included, in kbit/s.")
    codec: str = strawberry.field(description="Its codec, as RFC 6381 writes it.")
    size_bytes: float | None = strawberry.field(description="Size of all its segments.")


@strawberry.type(description="A sound track of a film.")
class AudioTrack:
    language: Locale = strawberry.field(description="Its language.")
    label: str = strawberry.field(description="What players show.")
    channels: int = strawberry.field(description="How many channels it has.")
    is_default: bool = strawberry.field(description="Whether it plays unless another one is chosen.")
    is_audio_description: bool = strawberry.field(description="Whether it describes the picture.")


@strawberry.type(description="Subtitles of a film.")
class SubtitleTrack:
    language: Locale = strawberry.field(description="Their language.")
    label: str = strawberry.field(description="What players show.")
    is_default: bool = strawberry.field(description="Whether they are shown unless others are chosen.")
    is_forced: bool = strawberry.field(description="Whether they are shown to those who chose none, too.")
    is_closed_caption: bool = strawberry.field(description="Whether they tell of sounds.")
    vtt_url: URL | None = strawberry.field(description="Signed address of the whole text as WebVTT, for an hour.")


@strawberry.type(description="Small pictures of a whole film, for seeking.")
class Storyboard:
    vtt_url: URL = strawberry.field(description="Signed address of the WebVTT file that says which is where.")
    sprite_url: URL = strawberry.field(description="Signed address of the one picture that they all are in.")
    tile_width: int = strawberry.field(description="Width of one in pixels.")
    tile_height: int = strawberry.field(description="Height of one in pixels.")
    interval_ms: int = strawberry.field(description="Time from one to the next, in milliseconds.")
