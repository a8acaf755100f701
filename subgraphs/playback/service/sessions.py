"""A viewing from start to stop: the session, its signed stream, its heartbeats.

The caller opens and commits what is written to PostgreSQL. A heartbeat gets the database instead of a session: it
opens one only if Valkey has lost something.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from media.delivery import DASH_MANIFEST, LINK_LIFETIME, MASTER_PLAYLIST, Grant, sign_prefix
from media.results import Rendition
from subgraphs.playback.config import Settings
from subgraphs.playback.errors import SessionEndedError, TitleNotAvailableError, TrackUnknownError
from subgraphs.playback.models.contents import Contents
from subgraphs.playback.models.rows import ChosenTracks, Playing, Progress
from subgraphs.playback.models.tables import PlaybackSession, StreamFormat
from subgraphs.playback.repository import sessions as sessions_repository
from subgraphs.playback.repository.read_model import Outcome, ReadModel, Report
from subgraphs.playback.service.access import AccessDecision, decide_access, refusal_of
from subgraphs.playback.service.progress import build_read_model, progress_of, resume_position
from subgraphs.playback.service.tracks import Defaults, audio_languages, choose_defaults, subtitle_languages
from subgraphs.shared.errors import ConflictError, ForbiddenError
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database, ReadSession, WriteSession
from subgraphs.shared.values import DeviceType, Quality

_MANIFESTS = {StreamFormat.HLS: MASTER_PLAYLIST, StreamFormat.DASH: DASH_MANIFEST}


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What a player asks for. The same idempotency key of the same profile gives the same session."""

    playable_id: str
    device_type: DeviceType
    format: StreamFormat
    start_over: bool
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Stream:
    """A session as its owner sees it. All of the stream lies below `base_url`, which is good until `expires_at`."""

    session: PlaybackSession
    base_url: str
    expires_at: datetime
    max_quality: Quality
    contents: Contents
    defaults: Defaults

    @property
    def manifest_url(self) -> str:
        """Address of the manifest in the format that was asked for."""
        return self.base_url + _MANIFESTS[self.session.format]

    @property
    def fallback_manifest_urls(self) -> list[str]:
        """Addresses of the manifests in other formats, as far as the stream is known to have them."""
        others = [name for format_, name in _MANIFESTS.items() if format_ is not self.session.format]
        return [self.base_url + name for name in others] if self.contents.renditions else []

    @property
    def renditions(self) -> list[Rendition]:
        """Those that the manifest names."""
        return [each for each in self.contents.renditions if Quality(each.quality).height <= self.max_quality.height]


async def start(
    session: WriteSession,
    read_model: ReadModel,
    *,
    request: StartRequest,
    viewer: Viewer,
    now: datetime,
    config: Settings,
) -> Stream:
    """Open a session for the viewer and return it with its stream.

    Anonymous viewers may start what is free for everyone; nothing of theirs is remembered, nor their idempotency key.

    Raises:
        ForbiddenError: Signed in without a profile: whose limit and progress would count?
        PlaybackRefusedError: The viewer may not play it; the subclass says why.
        ConflictError: The idempotency key was used for another playable.
    """
    if not viewer.is_anonymous:
        viewer.require_profile()
    playing = await sessions_repository.find_playing(
        session, request.playable_id, profile_id=viewer.profile_id, user_id=viewer.user_id
    )
    if playing is None:
        raise TitleNotAvailableError
    licence = playing.licence
    decision = decide_access(licence, viewer, now=now)
    rights = licence.rights
    if not decision.can_play or decision.max_quality is None or rights is None:
        raise refusal_of(decision, rights, viewer)
    resume_at = 0 if request.start_over else await _resume_position(read_model, viewer, rights.playable_id)
    stored = await sessions_repository.insert_or_find(
        session,
        PlaybackSession(
            id=uuid4(),
            user_id=viewer.user_id,
            profile_id=viewer.profile_id,
            playable_id=rights.playable_id,
            title_id=rights.title_id,
            duration_seconds=rights.duration_seconds,
            device_type=request.device_type,
            format=request.format,
            max_quality=decision.max_quality,
            country=viewer.country,
            resume_position_seconds=resume_at,
            idempotency_key=None if viewer.is_anonymous else _stored_key(request.idempotency_key),
            started_at=now,
        ),
    )
    if stored.playable_id != request.playable_id:
        raise ConflictError("The idempotency key was used for another playable.")
    await read_model.remember_session(stored, now=now)
    return _stream(stored, playing, decision, viewer, now=now, config=config)


async def own_streams(
    session: ReadSession, ids: Sequence[UUID], *, viewer: Viewer, now: datetime, config: Settings
) -> dict[UUID, Stream]:
    """Return the viewer's own sessions among the ids, each with a fresh link.

    A session that has ended, or whose playable the viewer may no longer play, is left out.
    """
    found = await sessions_repository.find_sessions(session, ids, profile_id=viewer.profile_id, user_id=viewer.user_id)
    streams: dict[UUID, Stream] = {}
    for stored, playing in found.values():
        decision = decide_access(playing.licence, viewer, now=now)
        if stored.ended_at is None and decision.can_play:
            streams[stored.id] = _stream(stored, playing, decision, viewer, now=now, config=config)
    return streams


async def choose_tracks(
    session: WriteSession, *, session_id: UUID, chosen: ChosenTracks, viewer: Viewer, now: datetime
) -> None:
    """Remember for the title what the viewer switched to; for an anonymous one nothing is remembered.

    Raises:
        SessionEndedError: The session is not the viewer's.
        TrackUnknownError: The stream has no such track.
    """
    found = await sessions_repository.find_sessions(
        session, [session_id], profile_id=viewer.profile_id, user_id=viewer.user_id
    )
    if session_id not in found:
        raise SessionEndedError
    stored, playing = found[session_id]
    rights = playing.licence.rights
    if rights is None or chosen.audio not in audio_languages(playing.contents, rights):
        raise TrackUnknownError(chosen.audio, "audio")
    if chosen.subtitle is not None and chosen.subtitle not in subtitle_languages(playing.contents, rights):
        raise TrackUnknownError(chosen.subtitle, "subtitle")
    if viewer.profile_id is not None:
        await sessions_repository.set_chosen(
            session, chosen, profile_id=viewer.profile_id, title_id=stored.title_id, now=now
        )


async def report(
    database: Database, read_model: ReadModel, *, session_id: UUID, given: Report, viewer: Viewer, now: datetime
) -> Progress:
    """Apply a player's report and return the progress that counts now.

    One round trip to Valkey and nothing else, unless Valkey lost the session or the read model. What is out of order
    changes nothing. An anonymous viewer's progress is computed but stored nowhere.

    Raises:
        SessionEndedError: It was stopped, or is not the viewer's.
    """
    if viewer.profile_id is None:
        return await _report_anonymously(
            database, read_model, session_id=session_id, given=given, viewer=viewer, now=now
        )
    outcome, progress = await read_model.report(viewer.profile_id, session_id, given, now=now)
    if outcome is Outcome.UNKNOWN_SESSION:
        await _restore(database, read_model, session_id=session_id, viewer=viewer, now=now)
        outcome, progress = await read_model.report(viewer.profile_id, session_id, given, now=now)
    if outcome is Outcome.NO_READ_MODEL:
        await build_read_model(read_model, viewer.profile_id)
        outcome, progress = await read_model.report(viewer.profile_id, session_id, given, now=now)
    if progress is None or outcome is Outcome.ENDED:
        raise SessionEndedError
    return progress


async def stop(
    session: WriteSession,
    read_model: ReadModel,
    *,
    session_id: UUID,
    position_seconds: int | None,
    viewer: Viewer,
    now: datetime,
) -> None:
    """End the viewer's session, at the position if one is given. Stopping again changes nothing.

    Raises:
        SessionEndedError: It is not the viewer's.
    """
    if not await sessions_repository.end_session(session, session_id, profile_id=viewer.profile_id, now=now):
        raise SessionEndedError
    if viewer.profile_id is None:
        await read_model.end_anonymous_session(session_id)
        return
    final = Report(position_seconds, duration_seconds=0, is_playing=True, seq=None, ends=True)
    outcome, _ = await read_model.report(viewer.profile_id, session_id, final, now=now)
    if outcome is Outcome.UNKNOWN_SESSION and await _restore_ending(
        session, read_model, session_id=session_id, viewer=viewer, now=now
    ):
        outcome, _ = await read_model.report(viewer.profile_id, session_id, final, now=now)
    if outcome is Outcome.NO_READ_MODEL:
        await build_read_model(read_model, viewer.profile_id)
        await read_model.report(viewer.profile_id, session_id, final, now=now)


async def _resume_position(read_model: ReadModel, viewer: Viewer, playable_id: str) -> int:
    if viewer.profile_id is None:
        return 0
    known = await progress_of(read_model, viewer.profile_id, ids=[playable_id])
    return resume_position(known.get(playable_id))


async def _restore(
    database: Database, read_model: ReadModel, *, session_id: UUID, viewer: Viewer, now: datetime
) -> None:
    """Bring a session back into Valkey from PostgreSQL.

    Raises:
        SessionEndedError: It has ended, or is not the viewer's.
    """
    async with database.reading() as session:
        found = await sessions_repository.find_sessions(
            session, [session_id], profile_id=viewer.profile_id, user_id=viewer.user_id
        )
    if session_id not in found or found[session_id][0].ended_at is not None:
        raise SessionEndedError
    await read_model.remember_session(found[session_id][0], now=now)


async def _restore_ending(
    session: WriteSession, read_model: ReadModel, *, session_id: UUID, viewer: Viewer, now: datetime
) -> bool:
    """Bring back a session that ends at this moment, so that its last position counts; False if it ended before."""
    found = await sessions_repository.find_sessions(
        session, [session_id], profile_id=viewer.profile_id, user_id=viewer.user_id
    )
    if session_id not in found or found[session_id][0].ended_at != now:
        return False
    await read_model.remember_session(found[session_id][0].model_copy(update={"ended_at": None}), now=now)
    return True


async def _report_anonymously(
    database: Database, read_model: ReadModel, *, session_id: UUID, given: Report, viewer: Viewer, now: datetime
) -> Progress:
    if not viewer.is_anonymous:
        raise ForbiddenError("Choose a profile first (profileSwitch).")
    known = await read_model.anonymous_session(session_id)
    if known is None:
        await _restore(database, read_model, session_id=session_id, viewer=viewer, now=now)
        known = await read_model.anonymous_session(session_id)
    if known is None or known[1]:
        raise SessionEndedError
    facts = known[0]
    duration = int(str(facts["duration_seconds"] or given.duration_seconds))
    position = max(0, given.position_seconds or 0)
    position = min(position, duration) if duration > 0 else position
    return Progress(
        playable_id=str(facts["playable_id"]),
        title_id=str(facts["title_id"]),
        position_seconds=position,
        duration_seconds=duration,
        watched=False,
        updated_at=now,
    )


def _stream(
    stored: PlaybackSession,
    playing: Playing,
    decision: AccessDecision,
    viewer: Viewer,
    *,
    now: datetime,
    config: Settings,
) -> Stream:
    rights = playing.licence.rights
    if decision.max_quality is None or rights is None:
        raise TitleNotAvailableError
    quality = min(stored.max_quality, decision.max_quality, key=lambda each: each.height)
    hour_later = now + LINK_LIFETIME
    expires_at = hour_later if decision.expires_at is None else min(hour_later, decision.expires_at)
    grant = Grant(rights.asset_id, quality.value, str(stored.id), expires_at)
    return Stream(
        session=stored,
        base_url=config.streams_base_url + sign_prefix(grant, key=config.media_signing_key),
        expires_at=expires_at,
        max_quality=quality,
        contents=playing.contents,
        defaults=choose_defaults(playing.contents, rights, viewer, chosen=playing.chosen),
    )


def _stored_key(idempotency_key: str | None) -> str | None:
    """Return the key as it is kept: of one length, so that any text of a client fits the index."""
    if idempotency_key is None:
        return None
    return hashlib.sha256(idempotency_key.encode("utf-8", "surrogatepass")).hexdigest()
