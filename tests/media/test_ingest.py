"""A whole stream out of a tiny film: what it has, how its manifests describe it, and that nothing is left half done."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from media import transcode
from media.errors import MediaError, MediaFault
from media.ingest import ingest
from media.ladder import AUDIO_KBPS
from media.results import AudioTrack, CaptionFile, Rendition, SubtitleTrack
from tests.media.conftest import Stream, run_ffmpeg
from tests.media.manifests import Segment, read_master, read_mpd, read_playlist

SOUND = AUDIO_KBPS * 1000


@pytest.mark.requirement("FR-CC-004.1")
def test_the_master_has_the_bandwidths_of_the_ladder_up_to_the_size_of_the_film(stream: Stream) -> None:
    master = read_master(stream.folder / "master.m3u8")

    assert [(each.bandwidth, each.resolution, each.uri) for each in master.variants] == [
        (240_000, "256x144", "p144/index.m3u8"),
        (500_000, "640x360", "p360/index.m3u8"),
    ]
    assert [(each.audio, each.subtitles) for each in master.variants] == [("audio", "text")] * 2
    assert all(each.codecs.startswith("avc1.") and each.codecs.endswith(",mp4a.40.2") for each in master.variants)


@pytest.mark.requirement("FR-CC-004.1")
def test_no_segment_takes_more_than_a_tenth_over_what_is_declared(stream: Stream) -> None:
    for quality, bandwidth in (("p144", 240_000), ("p360", 500_000)):
        folder = stream.folder / quality
        for segment in read_playlist(folder / "index.m3u8"):
            bits_per_second = (folder / segment.uri).stat().st_size * 8 / segment.seconds
            assert bits_per_second + SOUND <= bandwidth * 1.1


@pytest.mark.requirement("FR-VP-001.2")
def test_segments_begin_at_the_same_moments_in_every_quality_and_format(stream: Stream) -> None:
    playlists = [read_playlist(stream.folder / quality / "index.m3u8") for quality in ("p144", "p360")]
    timelines = [each.segments for each in read_mpd(stream.folder / "manifest.mpd").of("video")]

    expected = [Segment("segment_00001.m4s", 2.0, None), Segment("segment_00002.m4s", 2.0, None)]
    assert playlists == [expected, expected]
    assert timelines == [((0.0, 2.0), (2.0, 2.0))] * 2


@pytest.mark.requirement("FR-VP-001.2")
def test_there_is_an_iframe_playlist_for_every_quality(stream: Stream) -> None:
    assert read_master(stream.folder / "master.m3u8").iframes == ("p144/iframes.m3u8", "p360/iframes.m3u8")
    for quality in ("p144", "p360"):
        folder = stream.folder / quality
        frames = read_playlist(folder / "iframes.m3u8")
        assert [(each.uri, each.seconds) for each in frames] == [
            ("segment_00001.m4s", 2.0),
            ("segment_00002.m4s", 2.0),
        ]
        for frame in frames:
            length, _, offset = (frame.byte_range or "").partition("@")
            assert 0 < int(length) + int(offset) <= (folder / frame.uri).stat().st_size


@pytest.mark.requirement("FR-CC-005.1")
def test_sound_and_subtitles_are_groups_of_the_master(stream: Stream) -> None:
    tracks = read_master(stream.folder / "master.m3u8").tracks

    facts = [(each.kind, each.group, each.language, each.name, each.is_default, each.is_forced) for each in tracks]
    assert facts == [
        ("AUDIO", "audio", "en", "English", True, False),
        ("AUDIO", "audio", "hi", "हिन्दी", False, False),
        ("SUBTITLES", "text", "en", "English [CC]", False, False),
        ("SUBTITLES", "text", "hi", "हिन्दी", False, False),
        ("SUBTITLES", "text", "hi", "Signs in Hindi", False, True),
    ]
    assert [each.characteristics for each in tracks if each.kind == "SUBTITLES"] == [
        "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",
        None,
        None,
    ]


@pytest.mark.requirement("FR-CC-004.2", "FR-CC-005.1")
def test_the_dash_manifest_describes_the_same_tracks(stream: Stream) -> None:
    mpd = read_mpd(stream.folder / "manifest.mpd")

    assert mpd.duration == "PT4S"
    assert [(each.kind, each.language, each.roles, each.label) for each in mpd.sets] == [
        ("video", None, (), None),
        ("audio", "en", ("main",), None),
        ("audio", "hi", ("dub",), None),
        ("text", "en", ("caption",), "English [CC]"),
        ("text", "hi", ("subtitle",), "हिन्दी"),
        ("text", "hi", ("forced-subtitle",), "Signs in Hindi"),
    ]
    assert [(each.bandwidth + SOUND, each.width, each.height) for each in mpd.of("video")] == [
        (240_000, 256, 144),
        (500_000, 640, 360),
    ]
    assert [each.bandwidth for each in mpd.of("audio")] == [SOUND, SOUND]
    assert [each.base_url for each in mpd.of("text")] == [
        "text-en-cc/whole.vtt",
        "text-hi/whole.vtt",
        "text-hi-forced/whole.vtt",
    ]


@pytest.mark.requirement("FR-CC-004.2")
def test_both_formats_share_the_same_segments(stream: Stream) -> None:
    mpd = read_mpd(stream.folder / "manifest.mpd")

    named = {str(each.initialization).partition("/")[0] for each in [*mpd.of("video"), *mpd.of("audio")]}
    media = {path.parent.name for path in stream.folder.rglob("*.m4s")}
    assert named == media == {"p144", "p360", "audio-en", "audio-hi"}


@pytest.mark.requirement("FR-CMS-001.3")
def test_says_what_the_film_is_and_what_was_made_of_it(stream: Stream) -> None:
    ingested = stream.ingested

    assert (ingested.probe.duration_seconds, ingested.probe.width, ingested.probe.height) == (4.0, 640, 360)
    assert ingested.probe.frame_rate == Fraction(24)
    sizes = [sum(file.stat().st_size for file in (stream.folder / quality).iterdir()) for quality in ("p144", "p360")]
    assert ingested.renditions == (
        Rendition("P144", 256, 144, 240, "avc1.42c00c", sizes[0]),
        Rendition("P360", 640, 360, 500, "avc1.42c01e", sizes[1]),
    )
    assert ingested.audio_tracks == (
        AudioTrack("en", "English", 1, "mp4a.40.2", is_default=True, is_audio_description=False),
        AudioTrack("hi", "हिन्दी", 2, "mp4a.40.2", is_default=False, is_audio_description=False),
    )
    assert ingested.subtitle_tracks == (
        SubtitleTrack("en", "English [CC]", False, False, True, "text-en-cc/whole.vtt"),
        SubtitleTrack("hi", "हिन्दी", False, False, False, "text-hi/whole.vtt"),
        SubtitleTrack("hi", "Signs in Hindi", False, True, False, "text-hi-forced/whole.vtt"),
    )


def test_captions_are_written_whole_and_end_with_the_film(stream: Stream) -> None:
    whole = (stream.folder / "text-en-cc" / "whole.vtt").read_text(encoding="utf-8")
    cut = read_playlist(stream.folder / "text-en-cc" / "index.m3u8")

    assert whole == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.500\nHello <i>there</i>\n\n"
        "00:00:03.000 --> 00:00:04.000\nBye &amp; farewell\n"
    )
    assert [segment.uri for segment in cut] == ["segment_00001.vtt", "segment_00002.vtt"]


@pytest.mark.requirement("FR-CMS-001.3")
def test_stills_are_at_least_three_and_none_is_black(stream: Stream) -> None:
    stills = stream.ingested.stills

    assert len(stills) == 5
    assert all(1.0 <= still.at_seconds < 4.0 for still in stills)
    assert all(earlier.at_seconds < later.at_seconds for earlier, later in pairwise(stills))
    for still in stills:
        with Image.open(stream.folder / still.path) as picture:
            assert picture.size == (still.width, still.height) == (640, 360)
            assert ImageStat.Stat(picture.convert("L")).mean[0] > 60


@pytest.mark.requirement("FR-VP-002.1")
def test_the_storyboard_shows_each_moment_in_its_tile(stream: Stream) -> None:
    storyboard = stream.ingested.storyboard

    blocks = (stream.folder / storyboard.vtt_path).read_text(encoding="utf-8").split("\n\n")
    assert (storyboard.interval_ms, storyboard.tile_width, storyboard.tile_height) == (250, 160, 90)
    assert blocks[0] == "WEBVTT"
    assert blocks[1] == "00:00:00.000 --> 00:00:00.250\nsprite.jpg#xywh=0,0,160,90"
    assert blocks[16].strip() == "00:00:03.750 --> 00:00:04.000\nsprite.jpg#xywh=2400,0,160,90"
    assert len(blocks) == 17
    with Image.open(stream.folder / storyboard.sprite_path) as sprite:
        assert sprite.size == (2560, 90)
        tiles = [sprite.convert("L").crop((left, 0, left + 160, 90)) for left in range(0, 2560, 160)]
    is_black = [ImageStat.Stat(tile).mean[0] < 30 for tile in tiles]
    assert is_black == [True] * 4 + [False] * 12


def test_progress_grows_to_the_end(stream: Stream) -> None:
    assert all(earlier < later for earlier, later in pairwise(stream.progress))
    assert stream.progress[-2:] == [0.97, 1.0]


def test_a_standing_film_without_sound_keeps_its_shape_and_its_bandwidth(tmp_path: Path) -> None:
    source = tmp_path / "phone.mkv"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=270x480:rate=30000/1001:duration=1"),
        *("-c:v", "libx264", "-preset", "ultrafast", str(source)),
    )

    ingested = ingest(source, tmp_path / "stream", preset="ultrafast")

    master = read_master(tmp_path / "stream" / "master.m3u8")
    assert [(each.bandwidth, each.resolution, each.audio) for each in master.variants] == [(240_000, "144x256", None)]
    assert ingested.audio_tracks == ()
    assert ingested.renditions[0].quality == "P144"


def test_a_cancelled_ingest_leaves_what_was_there_and_nothing_else(film: Path, tmp_path: Path) -> None:
    place = tmp_path / "streams" / "film"
    place.mkdir(parents=True)
    (place / "master.m3u8").write_text("the stream before", encoding="utf-8")
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    with pytest.raises(MediaError) as refused:
        ingest(film, place, is_cancelled=is_cancelled, preset="veryslow")

    assert refused.value.code is MediaFault.CANCELLED
    assert [path.name for path in place.parent.iterdir()] == ["film"]
    assert (place / "master.m3u8").read_text(encoding="utf-8") == "the stream before"


def test_a_new_stream_takes_the_place_of_the_old_and_what_a_killed_run_left_is_cleared(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "film"
    (place / "p1080").mkdir(parents=True)
    (tmp_path / ".making-film-killed").mkdir()
    monkeypatch.setattr(transcode, "_QUALITY_FACTOR", 51)  # quick

    ingest(film, place, preset="ultrafast")

    assert [path.name for path in tmp_path.iterdir()] == ["film"]
    assert not (place / "p1080").exists()
    assert (place / "master.m3u8").is_file()


def test_bad_captions_are_refused_before_anything_is_encoded(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions = tmp_path / "captions.srt"
    captions.write_text("1\n00:00:02,000 --> 00:00:01,000\nBackwards\n", encoding="utf-8")
    monkeypatch.setattr(transcode, "find_tool", lambda _name: pytest.fail("something was encoded"))

    with pytest.raises(MediaError) as refused:
        ingest(film, tmp_path / "streams" / "film", captions=[CaptionFile(captions, "en")])
    with pytest.raises(MediaError) as untagged:
        ingest(film, tmp_path / "streams" / "film", captions=[CaptionFile(captions, "../en")])

    assert refused.value.code is MediaFault.CAPTIONS_INVALID
    assert refused.value.message == "The caption file cannot be used. Line 2: the cue ends before it begins."
    assert untagged.value.message == "The caption file cannot be used. '../en' is no language tag."
    assert not (tmp_path / "streams").exists()


def test_a_failing_tool_says_its_last_words_and_leaves_nothing(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcode, "AUDIO_KBPS", -1)

    with pytest.raises(MediaError) as refused:
        ingest(film, tmp_path / "film", preset="ultrafast")

    assert refused.value.code is MediaFault.TOOL_FAILED
    assert refused.value.message.startswith("ffmpeg ended with ")
    assert refused.value.detail
    assert not refused.value.is_fault_of_file
    assert list(tmp_path.iterdir()) == []
