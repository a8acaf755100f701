"""Formats, qualities, sound and subtitles of a session: what there is, and which of it a viewing begins with."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from media.results import AudioTrack, Rendition, Storyboard, SubtitleTrack
from subgraphs.playback.service import Asset
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.playback.conftest import PlaybackWorld, make_viewer

START = """
mutation($input: PlaybackStartInput!) {
  playbackStart(input: $input) {
    ... on PlaybackSession {
      id format manifestUrl fallbackManifestUrls maxQuality defaultAudio defaultSubtitle
      qualities { quality width height bitrateKbps codec sizeBytes }
      audioTracks { language label channels isDefault isAudioDescription }
      subtitleTracks { language label isDefault isForced isClosedCaption vttUrl }
      storyboard { vttUrl spriteUrl tileWidth tileHeight intervalMs }
    }
  }
}
"""
CHOOSE = """
mutation($id: ID!, $audio: Locale!, $subtitle: Locale) {
  playbackTracksChoose(sessionId: $id, audio: $audio, subtitle: $subtitle) { ok errors { code path } }
}
"""
READ = "query($id: ID!) { playbackSession(id: $id) { defaultAudio defaultSubtitle } }"
DONE = {"ok": True, "errors": []}

SIZES = {"P144": (256, 144, 240), "P360": (640, 360, 500), "P720": (1280, 720, 2500), "P1080": (1920, 1080, 5000)}
FACTS: Mapping[str, Any] = {
    "probe": {"container": "mp4"},
    "renditions": [asdict(Rendition(name, *size, "avc1.64001f", 4096)) for name, size in SIZES.items()],
    "audio_tracks": [
        asdict(AudioTrack("en", "English", 2, "mp4a.40.2", is_default=True, is_audio_description=False)),
        asdict(AudioTrack("hi", "हिन्दी", 2, "mp4a.40.2", is_default=False, is_audio_description=False)),
    ],
    "subtitle_tracks": [
        asdict(SubtitleTrack("en", "English [CC]", False, False, True, "text-en-cc/whole.vtt")),
        asdict(SubtitleTrack("hi", "हिन्दी", False, False, False, "text-hi/whole.vtt")),
        asdict(SubtitleTrack("ta", "தமிழ்", False, True, False, "text-ta-forced/whole.vtt")),
    ],
    "stills": [],
    "storyboard": asdict(Storyboard("storyboard/tiles.vtt", "storyboard/sprite.jpg", 160, 90, 10_000)),
}
MPD = """<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet contentType="video">
<Representation id="0"><SegmentTemplate initialization="p720/init.mp4"/></Representation>
<Representation id="1"><SegmentTemplate initialization="p1080/init.mp4"/></Representation>
</AdaptationSet></Period></MPD>"""


@pytest.fixture
async def world(world: PlaybackWorld) -> PlaybackWorld:
    """The subgraph with a stream whose tracks are known."""
    await world.batches.register_asset(Asset("sample", list(SIZES), FACTS))
    return world


async def start(world: PlaybackWorld, viewer: Viewer, playable_id: str, **options: Any) -> dict[str, Any]:
    """Return the session of a start that succeeds."""
    given = {"playableId": playable_id, "deviceType": "WEB", **options}
    session: dict[str, Any] = (await world.ask(viewer, START, input=given))["playbackStart"]
    return session


async def defaults(world: PlaybackWorld, viewer: Viewer, playable_id: str) -> tuple[str | None, str | None]:
    """Return the languages in which a new viewing begins."""
    session = await start(world, viewer, playable_id)
    return session["defaultAudio"], session["defaultSubtitle"]


async def choose(world: PlaybackWorld, viewer: Viewer, session_id: str, audio: str, subtitle: str | None) -> Any:
    """Return the answer of playbackTracksChoose."""
    data = await world.ask(viewer, CHOOSE, id=session_id, audio=audio, subtitle=subtitle)
    return data["playbackTracksChoose"]


@pytest.mark.requirement("FR-CC-004.2", "FR-VP-001.1")
async def test_the_manifest_is_of_the_format_that_was_asked_for_and_the_other_one_is_the_fallback(
    world: PlaybackWorld,
) -> None:
    film = await world.film()

    hls = await start(world, ANONYMOUS, film.playable_id)
    dash = await start(world, ANONYMOUS, film.playable_id, format="DASH")

    assert (hls["format"], dash["format"]) == ("HLS", "DASH")
    assert hls["manifestUrl"].endswith("/sample/master.m3u8")
    assert hls["fallbackManifestUrls"] == [hls["manifestUrl"].replace("master.m3u8", "manifest.mpd")]
    assert dash["manifestUrl"].endswith("/sample/manifest.mpd")
    assert dash["fallbackManifestUrls"] == [dash["manifestUrl"].replace("manifest.mpd", "master.m3u8")]


@pytest.mark.requirement("IN-B-06")
@pytest.mark.parametrize("packaging", ["HLS", "DASH"])
async def test_free_viewers_get_nothing_above_720p_in_either_format(world: PlaybackWorld, packaging: str) -> None:
    film = await world.film()
    stream = Path(world.settings.objects_dir) / "streams" / "sample"
    for quality in ("p720", "p1080"):
        (stream / quality).mkdir(parents=True)
        (stream / quality / "init.mp4").write_bytes(b"init")
    variants = "".join(f"#EXT-X-STREAM-INF:BANDWIDTH=1\n{quality}/index.m3u8\n" for quality in ("p720", "p1080"))
    (stream / "master.m3u8").write_text(f"#EXTM3U\n{variants}", encoding="utf-8")
    (stream / "manifest.mpd").write_text(MPD, encoding="utf-8")
    premium = make_viewer()
    await world.subscribe(premium)

    free = await start(world, make_viewer(), film.playable_id, format=packaging)
    paid = await start(world, premium, film.playable_id, format=packaging)
    transport = httpx.ASGITransport(app=world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://media.test") as client:
        free_manifest, paid_manifest = [(await client.get(each["manifestUrl"])).text for each in (free, paid)]
        above = await client.get(httpx.URL(free["manifestUrl"]).join("p1080/init.mp4"))
        paid_above = await client.get(httpx.URL(paid["manifestUrl"]).join("p1080/init.mp4"))

    assert (free["maxQuality"], paid["maxQuality"]) == ("P720", "P1080")
    assert ("p720" in free_manifest, "p1080" in free_manifest) == (True, False)
    assert ("p720" in paid_manifest, "p1080" in paid_manifest) == (True, True)
    assert (above.status_code, paid_above.status_code) == (403, 200)
    assert [each["quality"] for each in free["qualities"]] == ["P144", "P360", "P720"]
    assert [each["quality"] for each in paid["qualities"]] == ["P144", "P360", "P720", "P1080"]


@pytest.mark.requirement("FR-CC-005.1", "FR-VP-002.1")
async def test_a_session_has_what_the_selectors_of_a_player_show(world: PlaybackWorld) -> None:
    film = await world.film()

    session = await start(world, make_viewer(), film.playable_id)

    base = session["manifestUrl"].removesuffix("master.m3u8")
    assert session["qualities"][0] == {
        "quality": "P144",
        "width": 256,
        "height": 144,
        "bitrateKbps": 240,
        "codec": "avc1.64001f",
        "sizeBytes": 4096.0,
    }
    assert [(each["language"], each["label"], each["isDefault"]) for each in session["audioTracks"]] == [
        ("en", "English", True),
        ("hi", "हिन्दी", False),
    ]
    subtitles = [
        (each["language"], each["isForced"], each["isClosedCaption"], each["vttUrl"])
        for each in session["subtitleTracks"]
    ]
    assert subtitles == [
        ("en", False, True, f"{base}text-en-cc/whole.vtt"),
        ("hi", False, False, f"{base}text-hi/whole.vtt"),
        ("ta", True, False, f"{base}text-ta-forced/whole.vtt"),
    ]
    assert session["storyboard"] == {
        "vttUrl": f"{base}storyboard/tiles.vtt",
        "spriteUrl": f"{base}storyboard/sprite.jpg",
        "tileWidth": 160,
        "tileHeight": 90,
        "intervalMs": 10_000,
    }


async def test_of_a_stream_whose_tracks_are_unknown_nothing_is_promised(world: PlaybackWorld) -> None:
    await world.batches.register_asset(Asset("sample", ["P720"]))
    film = await world.film(audio_languages=["ta"])

    session = await start(world, make_viewer(), film.playable_id)

    lists = ("qualities", "audioTracks", "subtitleTracks", "fallbackManifestUrls")
    assert [session[name] for name in lists] == [[], [], [], []]
    assert (session["storyboard"], session["defaultAudio"]) == (None, "ta")


@pytest.mark.requirement("FR-CC-005.2")
@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        ({}, ("hi", None)),  # nobody knows what the viewer speaks: the title's own language
        ({"profile_locale": "en"}, ("en", None)),
        ({"profile_locale": "hi-Latn"}, ("hi", None)),
        ({"profile_locale": "hi", "audio_languages": ("ta", "en")}, ("en", None)),
        ({"profile_locale": "en", "audio_languages": ("hi",), "subtitle_language": "en"}, ("hi", "en")),
        ({"profile_locale": "en", "subtitle_language": "kn"}, ("en", None)),
        ({"profile_locale": "en", "subtitle_language": "ta"}, ("en", None)),  # there are forced ones only
        ({"profile_locale": "kn"}, ("hi", "en")),  # understands neither: subtitles help
        ({"profile_locale": "kn", "subtitle_language": "hi"}, ("hi", "hi")),
    ],
)
async def test_a_viewing_begins_in_the_languages_of_the_profile_else_of_the_title(
    world: PlaybackWorld, viewer: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    film = await world.film(audio_languages=["hi", "en"], subtitle_languages=["en", "hi"])

    assert await defaults(world, make_viewer(**viewer), film.playable_id) == expected


async def test_of_sound_that_does_not_say_its_language_the_catalogue_does(world: PlaybackWorld) -> None:
    track = AudioTrack("mis", "Unknown language", 2, "mp4a.40.2", is_default=True, is_audio_description=False)
    await world.batches.register_asset(Asset("sample", ["P144"], {**FACTS, "audio_tracks": [asdict(track)]}))
    film = await world.film(audio_languages=["ta"])

    assert await defaults(world, make_viewer(profile_locale="ta"), film.playable_id) == ("ta", None)
    assert await defaults(world, make_viewer(profile_locale="hi"), film.playable_id) == ("ta", "hi")


@pytest.mark.requirement("FR-CC-005.2")
async def test_a_show_remembers_what_each_profile_chose_in_it(world: PlaybackWorld) -> None:
    _show, (first, second) = await world.show(MaturityRating.U, MaturityRating.U)
    film = await world.film()
    viewer, other = make_viewer(profile_locale="en"), make_viewer(profile_locale="en")
    session = await start(world, viewer, first)

    chosen = await choose(world, viewer, session["id"], "hi", "en")

    assert chosen == DONE
    assert await defaults(world, viewer, second) == ("hi", "en")
    assert (await world.ask(viewer, READ, id=session["id"]))["playbackSession"] == {
        "defaultAudio": "hi",
        "defaultSubtitle": "en",
    }
    assert await defaults(world, viewer, film.playable_id) == ("en", None)
    assert await defaults(world, other, second) == ("en", None)


@pytest.mark.requirement("FR-CC-005.2")
async def test_the_last_choice_counts_and_no_subtitles_is_one(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer(profile_locale="en", subtitle_language="hi")
    session = await start(world, viewer, film.playable_id)
    before = await defaults(world, viewer, film.playable_id)

    await choose(world, viewer, session["id"], "hi", "en")
    world.clock.advance(seconds=1)
    await choose(world, viewer, session["id"], "en", None)

    assert before == ("en", "hi")
    assert await defaults(world, viewer, film.playable_id) == ("en", None)


@pytest.mark.requirement("FR-CC-005.2")
async def test_a_choice_that_the_stream_no_longer_has_gives_way(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer(profile_locale="en")
    session = await start(world, viewer, film.playable_id)
    await choose(world, viewer, session["id"], "hi", "hi")

    await world.batches.register_asset(Asset("sample", ["P144"], {**FACTS, "subtitle_tracks": []}))

    assert await defaults(world, viewer, film.playable_id) == ("en", None)


@pytest.mark.parametrize(
    ("audio", "subtitle", "path"), [("ta", None, "audio"), ("en", "kn", "subtitle"), ("en", "ta", "subtitle")]
)
async def test_a_track_that_is_not_there_is_refused_and_nothing_is_remembered(
    world: PlaybackWorld, audio: str, subtitle: str | None, path: str
) -> None:
    film = await world.film()
    viewer = make_viewer(profile_locale="hi")
    session = await start(world, viewer, film.playable_id)

    refused = await choose(world, viewer, session["id"], audio, subtitle)

    assert refused == {"ok": False, "errors": [{"code": "TRACK_UNKNOWN", "path": [path]}]}
    assert await defaults(world, viewer, film.playable_id) == ("hi", None)


async def test_nobody_chooses_in_the_session_of_another(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer, stranger = make_viewer(profile_locale="hi"), make_viewer(profile_locale="hi")
    session = await start(world, viewer, film.playable_id)

    refused = [await choose(world, each, session["id"], "en", None) for each in (stranger, ANONYMOUS)]

    assert refused == [{"ok": False, "errors": [{"code": "SESSION_ENDED", "path": ["sessionId"]}]}] * 2
    assert await defaults(world, viewer, film.playable_id) == ("hi", None)
    assert await defaults(world, stranger, film.playable_id) == ("hi", None)


async def test_anonymous_viewers_choose_without_being_remembered(world: PlaybackWorld) -> None:
    film = await world.film()
    session = await start(world, ANONYMOUS, film.playable_id)

    assert await choose(world, ANONYMOUS, session["id"], "hi", "hi") == DONE
    assert await defaults(world, ANONYMOUS, film.playable_id) == ("en", None)


async def test_a_choice_goes_with_its_profile(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer, other = make_viewer(profile_locale="en"), make_viewer(profile_locale="en")
    for each in (viewer, other):
        await choose(world, each, (await start(world, each, film.playable_id))["id"], "hi", "hi")

    await world.batches.forget_profiles([str(viewer.profile_id)])

    assert await defaults(world, viewer, film.playable_id) == ("en", None)
    assert await defaults(world, other, film.playable_id) == ("hi", "hi")


async def test_all_that_a_session_shows_costs_one_statement_and_a_choice_two(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    session = await start(world, viewer, film.playable_id)
    database = f"postgres:{world.settings.playback_database}"

    with count_statements() as reading:
        await world.ask(viewer, READ, id=session["id"])
    with count_statements() as choosing:
        await choose(world, viewer, session["id"], "hi", None)

    assert reading == {database: 1}
    assert choosing == {database: 2}
