"""What a stream consists of: pictures in several qualities, sounds, subtitles, small pictures for seeking."""

from typing import Self

import strawberry

from media import results
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

    @classmethod
    def of(cls, made: results.Rendition) -> Self:
        """Return the GraphQL form of a rendition."""
        return cls(
            quality=Quality(made.quality),
            width=made.width,
            height=made.height,
            bitrate_kbps=made.bitrate_kbps,
            codec=made.codec,
            size_bytes=float(made.size_bytes),
        )


@strawberry.type(description="A sound track of a film.")
class AudioTrack:
    language: Locale = strawberry.field(description="Its language.")
    label: str = strawberry.field(description="What players show.")
    channels: int = strawberry.field(description="How many channels it has.")
    is_default: bool = strawberry.field(description="Whether it plays unless another one is chosen.")
    is_audio_description: bool = strawberry.field(description="Whether it describes the picture.")

    @classmethod
    def of(cls, made: results.AudioTrack) -> Self:
        """Return the GraphQL form of a sound track."""
        return cls(
            language=Locale(made.language),
            label=made.label,
            channels=made.channels,
            is_default=made.is_default,
            is_audio_description=made.is_audio_description,
        )


@strawberry.type(description="Subtitles of a film.")
class SubtitleTrack:
    language: Locale = strawberry.field(description="Their language.")
    label: str = strawberry.field(description="What players show.")
    is_default: bool = strawberry.field(description="Whether they are shown unless others are chosen.")
    is_forced: bool = strawberry.field(description="Whether they are shown to those who chose none, too.")
    is_closed_caption: bool = strawberry.field(description="Whether they tell of sounds.")
    vtt_url: URL | None = strawberry.field(description="Signed address of the whole text as WebVTT, for an hour.")

    @classmethod
    def of(cls, made: results.SubtitleTrack, *, base_url: str) -> Self:
        """Return the GraphQL form of subtitles; `base_url` is the signed address of the stream."""
        return cls(
            language=Locale(made.language),
            label=made.label,
            is_default=made.is_default,
            is_forced=made.is_forced,
            is_closed_caption=made.is_closed_caption,
            vtt_url=URL(base_url + made.vtt_path),
        )


@strawberry.type(description="Small pictures of a whole film, for seeking.")
class Storyboard:
    vtt_url: URL = strawberry.field(description="Signed address of the WebVTT file that says which is where.")
    sprite_url: URL = strawberry.field(description="Signed address of the one picture that they all are in.")
    tile_width: int = strawberry.field(description="Width of one in pixels.")
    tile_height: int = strawberry.field(description="Height of one in pixels.")
    interval_ms: int = strawberry.field(description="Time from one to the next, in milliseconds.")

    @classmethod
    def of(cls, made: results.Storyboard, *, base_url: str) -> Self:
        """Return the GraphQL form of a storyboard; `base_url` is the signed address of the stream."""
        return cls(
            vtt_url=URL(base_url + made.vtt_path),
            sprite_url=URL(base_url + made.sprite_path),
            tile_width=made.tile_width,
            tile_height=made.tile_height,
            interval_ms=made.interval_ms,
        )
