"""PlaybackSession, and what playbackStart and playbackHeartbeat may answer instead of what was asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

from subgraphs.playback.config import HEARTBEAT_INTERVAL_SECONDS
from subgraphs.playback.context import Info
from subgraphs.playback.models.tables import StreamFormat
from subgraphs.playback.service.sessions import Stream
from subgraphs.playback.types.entities import Playable, Progress
from subgraphs.playback.types.streams import AudioTrack, Rendition, Storyboard, SubtitleTrack
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL, CountryCode, Locale
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently, encode_id
from subgraphs.shared.values import MaturityRating, Quality, Tier


@strawberry.federation.type(keys=["id"], description="One viewing of one playable; visible to its own profile only.")
class PlaybackSession:
    stream: strawberry.Private[Stream]

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the viewer's own running sessions; null for others."""
        global_ids = decode_ids_leniently([str(reference.get("id")) for reference in references], "PlaybackSession")
        wanted = list({each.uuid for each in global_ids if each is not None})
        streams = dict(zip(wanted, await info.context.loaders.stream_by_session.load_many(wanted), strict=True))
        found = (None if each is None else streams[each.uuid] for each in global_ids)
        return [None if stream is None else cls(stream=stream) for stream in found]

    @strawberry.field(description="Opaque global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id("PlaybackSession", self.stream.session.id))

    @strawberry.field(description="What is played.")
    def playable(self) -> Playable | None:
        return Playable(id=strawberry.ID(self.stream.session.playable_id))

    @strawberry.field(description="How the stream is packaged.")
    def format(self) -> StreamFormat:
        return self.stream.session.format

    @strawberry.field(
        description="Signed address of the manifest in this format; names no rendition above `maxQuality`. Whoever has "
        "it can play until `expiresAt`."
    )
    def manifest_url(self) -> URL:
        return URL(self.stream.manifest_url)

    @strawberry.field(description="The same stream in the other format, for players that cannot take this one.")
    def fallback_manifest_urls(self) -> list[URL]:
        return [URL(url) for url in self.stream.fallback_manifest_urls]

    @strawberry.field(description="Until when the address works: one hour, less if the right to play ends before.")
    def expires_at(self) -> datetime:
        return self.stream.expires_at

    @strawberry.field(description="Where to start; 0 after less than 15 s or more than 90 %.")
    def resume_position_seconds(self) -> int:
        return self.stream.session.resume_position_seconds

    @strawberry.field(description="Best quality in the manifest.")
    def max_quality(self) -> Quality:
        return self.stream.max_quality

    @strawberry.field(description="Every rendition in the manifest, the lowest first; empty if unknown.")
    def qualities(self) -> list[Rendition]:
        return [Rendition.of(each) for each in self.stream.renditions]

    @strawberry.field(description="The sound tracks, the stream's own default first; empty if unknown.")
    def audio_tracks(self) -> list[AudioTrack]:
        return [AudioTrack.of(each) for each in self.stream.contents.audio_tracks]

    @strawberry.field(description="The subtitles; empty if there are none.")
    def subtitle_tracks(self) -> list[SubtitleTrack]:
        base_url = self.stream.base_url
        return [SubtitleTrack.of(each, base_url=base_url) for each in self.stream.contents.subtitle_tracks]

    @strawberry.field(description="Small pictures for the seek bar; null if there are none.")
    def storyboard(self) -> Storyboard | None:
        known = self.stream.contents.storyboard
        return None if known is None else Storyboard.of(known, base_url=self.stream.base_url)

    @strawberry.field(
        description="Audio language to start with: the one chosen in this title last (playbackTracksChoose), else the "
        "profile's where there is one, else the title's; null if unknown."
    )
    def default_audio(self) -> Locale | None:
        return None if self.stream.defaults.audio is None else Locale(self.stream.defaults.audio)

    @strawberry.field(
        description="Subtitles to start with: what was chosen in this title last, else the profile's, else the "
        "viewer's language if the audio is in another; null for none."
    )
    def default_subtitle(self) -> Locale | None:
        return None if self.stream.defaults.subtitle is None else Locale(self.stream.defaults.subtitle)

    @strawberry.field(description="How often to call playbackHeartbeat, in seconds.")
    def heartbeat_interval_seconds(self) -> int:
        return HEARTBEAT_INTERVAL_SECONDS


@strawberry.type(description="It does not play before somebody signs in.")
class LoginRequired(UserError):  # noqa: N818  # a GraphQL type, no exception
    pass


@strawberry.type(description="It does not play without a subscription.")
class UpgradeRequired(UserError):  # noqa: N818  # a GraphQL type, no exception
    required_tier: Tier = strawberry.field(description="The tier that plays it.")


@strawberry.type(description="It is not licensed for the viewer's country.")
class GeoBlocked(UserError):  # noqa: N818  # a GraphQL type, no exception
    country: CountryCode = strawberry.field(description="The country of the request.")


@strawberry.type(description="It is above the maturity limit of the profile.")
class MaturityBlocked(UserError):  # noqa: N818  # a GraphQL type, no exception
    rating: MaturityRating | None = strawberry.field(description="Its rating; null when it is unrated.")


@strawberry.type(description="Its window opens later.")
class NotYetAvailable(UserError):  # noqa: N818  # a GraphQL type, no exception
    available_from: datetime | None = strawberry.field(description="When it can be played.")


@strawberry.type(description="Its window has closed.")
class TitleExpired(UserError):  # noqa: N818  # a GraphQL type, no exception
    pass


@strawberry.type(description="It is unknown, unpublished, or has no stream.")
class TitleNotAvailable(UserError):  # noqa: N818  # a GraphQL type, no exception
    pass


@strawberry.type(description="The session was stopped or belongs to somebody else. Start a new one.")
class SessionEnded(UserError):  # noqa: N818  # a GraphQL type, no exception
    pass


StartPlaybackResult = Annotated[
    PlaybackSession
    | LoginRequired
    | UpgradeRequired
    | GeoBlocked
    | MaturityBlocked
    | NotYetAvailable
    | TitleExpired
    | TitleNotAvailable,
    strawberry.union("StartPlaybackResult", description="A session, or why there is none."),
]
HeartbeatResult = Annotated[
    Progress | SessionEnded,
    strawberry.union("HeartbeatResult", description="The progress that counts now, or the end of the session."),
]
