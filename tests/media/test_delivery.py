"""Signed delivery: what a link allows, and everything that it does not."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media.delivery import (
    Grant,
    LinkExpiredError,
    LinkInvalidError,
    Manifest,
    ObjectMissingError,
    QualityNotAllowedError,
    StoredFile,
    filter_master,
    filter_mpd,
    find_object,
    sign_prefix,
)

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = "a key that is long enough to be used"
GRANT = Grant("sample", "P480", "5f0c7d5e-0000-4000-8000-000000000001", NOW + timedelta(hours=1))
DASH = "{urn:mpeg:dash:schema:mpd:2011}"
MASTER = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-STREAM-INF:BANDWIDTH=200000,RESOLUTION=256x144
p144/index.m3u8

#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=854x480
p480/index.m3u8

#EXT-X-STREAM-INF:BANDWIDTH=3500000,RESOLUTION=1920x1080
p1080/index.m3u8

#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,URI="p1080/iframes.m3u8"
"""
MPD = """<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period id="0">
<AdaptationSet id="1" contentType="video" maxWidth="1920" maxHeight="1080">
<Representation id="0" bandwidth="144000" width="256" height="144"><SegmentTemplate initialization="p144/init.mp4"/>
</Representation>
<Representation id="1" bandwidth="904000" width="854" height="480"><SegmentTemplate initialization="p480/init.mp4"/>
</Representation>
<Representation id="2" bandwidth="4904000" width="1920" height="1080"><SegmentTemplate initialization="p1080/init.mp4"/>
</Representation>
</AdaptationSet>
<AdaptationSet id="2" contentType="audio" lang="en">
<Representation id="3" bandwidth="96000"><SegmentTemplate initialization="audio-en/init.mp4"/></Representation>
</AdaptationSet>
<AdaptationSet contentType="text" lang="hi">
<Representation id="text-hi" bandwidth="1000" mimeType="text/vtt"><BaseURL>text-hi/whole.vtt</BaseURL></Representation>
</AdaptationSet>
</Period></MPD>
"""


@pytest.fixture
def objects_dir(tmp_path: Path) -> Path:
    stream = tmp_path / "objects" / "streams" / "sample"
    for height in (144, 480, 1080):
        folder = stream / f"p{height}"
        folder.mkdir(parents=True)
        (folder / "index.m3u8").write_text("#EXTM3U\n", encoding="utf-8")
        (folder / "segment_000.m4s").write_bytes(b"0123456789")
    for name in ("audio-en/segment_00001.m4s", "text-hi/whole.vtt", "storyboard/sprite.jpg", "stills/still_1.jpg"):
        (stream / name).parent.mkdir()
        (stream / name).write_bytes(b"0123456789")
    (stream / "facts.json").write_text("{}", encoding="utf-8")
    (stream / "master.m3u8").write_text(MASTER, encoding="utf-8")
    (stream / "manifest.mpd").write_text(MPD, encoding="utf-8")
    (tmp_path / "objects" / "secret.mp4").write_bytes(b"secret")
    return tmp_path / "objects"


def signed(rest: str = "master.m3u8", *, grant: Grant = GRANT) -> str:
    """Return the path after /v/ of an object under the grant's signature."""
    return sign_prefix(grant, key=KEY).removeprefix("/v/") + rest


def find(path: str, objects_dir: Path, *, now: datetime = NOW) -> StoredFile | Manifest:
    return find_object(path, key=KEY, now=now, objects_dir=objects_dir)


def test_the_signature_is_a_prefix_of_the_path() -> None:
    expiry, quality, session, signature, *rest = sign_prefix(GRANT, key=KEY).removeprefix("/v/").split("/")

    assert (expiry, quality, session) == (str(int(NOW.timestamp()) + 3600), "P480", GRANT.session_id)
    assert len(signature) == 43
    assert rest == ["sample", ""]


@pytest.mark.requirement("IN-B-06")
def test_the_master_playlist_names_nothing_above_the_quality(objects_dir: Path) -> None:
    master = find(signed(), objects_dir)

    assert isinstance(master, Manifest)
    assert [line for line in master.text.splitlines() if "p" in line and not line.startswith("#")] == [
        "p144/index.m3u8",
        "p480/index.m3u8",
    ]
    assert "1080" not in master.text
    assert (master.content_type, master.cache_control) == ("application/vnd.apple.mpegurl", "public, max-age=10")


@pytest.mark.requirement("IN-B-06")
def test_the_dash_manifest_names_nothing_above_the_quality(objects_dir: Path) -> None:
    manifest = find(signed("manifest.mpd"), objects_dir)

    assert isinstance(manifest, Manifest)
    root = ET.fromstring(manifest.text)
    representations = [(each.get("id"), each.get("bandwidth")) for each in root.iter(f"{DASH}Representation")]
    assert representations == [("0", "144000"), ("1", "904000"), ("3", "96000"), ("text-hi", "1000")]
    video = root.find(f".//{DASH}AdaptationSet[@contentType='video']")
    assert video is not None
    assert (video.get("maxWidth"), video.get("maxHeight")) == ("854", "480")
    assert "1080" not in manifest.text
    assert (manifest.content_type, manifest.cache_control) == ("application/dash+xml", "public, max-age=10")


def test_filtering_dash_keeps_everything_when_everything_is_allowed() -> None:
    before, after = ET.fromstring(MPD), ET.fromstring(filter_mpd(MPD, max_height=1080))

    assert ET.canonicalize(ET.tostring(after)) == ET.canonicalize(ET.tostring(before))


@pytest.mark.parametrize("manifest", ["master.m3u8", "manifest.mpd"])
def test_a_stream_with_nothing_in_the_quality_is_missing(objects_dir: Path, manifest: str) -> None:
    low = Grant("sample", "P100", "s", GRANT.expires_at)

    with pytest.raises(ObjectMissingError):
        find(signed(manifest, grant=low), objects_dir)


@pytest.mark.parametrize(
    ("rest", "content_type"),
    [
        ("audio-en/segment_00001.m4s", "video/iso.segment"),
        ("text-hi/whole.vtt", "text/vtt"),
        ("storyboard/sprite.jpg", "image/jpeg"),
        ("stills/still_1.jpg", "image/jpeg"),
    ],
)
def test_sound_subtitles_and_pictures_are_part_of_every_link(objects_dir: Path, rest: str, content_type: str) -> None:
    found = find(signed(rest), objects_dir)

    assert isinstance(found, StoredFile)
    assert (found.content_type, found.path.read_bytes()) == (content_type, b"0123456789")


def test_filtering_keeps_everything_when_everything_is_allowed() -> None:
    assert filter_master(MASTER, max_height=1080) == MASTER


def test_segments_may_be_cached_for_a_day_and_playlists_shortly(objects_dir: Path) -> None:
    segment = find(signed("p480/segment_000.m4s"), objects_dir)
    playlist = find(signed("p480/index.m3u8"), objects_dir)

    assert isinstance(segment, StoredFile)
    assert isinstance(playlist, StoredFile)
    assert segment.path.read_bytes() == b"0123456789"
    assert segment.cache_control == "public, max-age=86400, immutable"
    assert playlist.cache_control == "public, max-age=10"


def test_a_rendition_above_the_quality_is_refused(objects_dir: Path) -> None:
    with pytest.raises(QualityNotAllowedError) as refused:
        find(signed("p1080/segment_000.m4s"), objects_dir)

    assert refused.value.status == 403


@pytest.mark.parametrize("part", range(5))
def test_changing_any_part_of_the_link_breaks_it(objects_dir: Path, part: int) -> None:
    parts = signed().split("/")
    others = [str(int(NOW.timestamp()) + 7200), "P1080", "another-session", "A" * 43, "other"]
    parts[part] = others[part]

    with pytest.raises(LinkInvalidError) as refused:
        find("/".join(parts), objects_dir)

    assert refused.value.status == 403


def test_another_key_breaks_the_link(objects_dir: Path) -> None:
    with pytest.raises(LinkInvalidError):
        find_object(signed(), key=KEY + "!", now=NOW, objects_dir=objects_dir)


@pytest.mark.parametrize("path", ["", "/", "a/b/c/d/e/f", "1/2/3", "-1/P480/s/x/sample/master.m3u8", "²/P480/s/x/y/z"])
def test_what_is_no_link_at_all_is_invalid(objects_dir: Path, path: str) -> None:
    with pytest.raises(LinkInvalidError):
        find(path, objects_dir)


def test_a_link_lives_until_its_expiry_and_thirty_seconds_of_clock_skew(objects_dir: Path) -> None:
    last = GRANT.expires_at + timedelta(seconds=30)

    assert isinstance(find(signed(), objects_dir, now=last), Manifest)
    with pytest.raises(LinkExpiredError) as refused:
        find(signed(), objects_dir, now=last + timedelta(seconds=1))
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "rest",
    [
        "../../secret.mp4",
        "p480/../../../secret.mp4",
        "p480/..",
        "p480//segment_000.m4s",
        "p480/.hidden.mp4",
        "p480/segment_000.m4s/",
        "p480/segment\x00.m4s",
        "..\\secret.mp4",
        "p480/segment_999.m4s",
        "p480/notes.txt",
        "p480",
        "facts.json",
        "audio-/x.m4s",
        "originals/film.mp4",
    ],
)
def test_nothing_outside_the_stream_is_reachable(objects_dir: Path, rest: str) -> None:
    with pytest.raises(ObjectMissingError):
        find(signed(rest), objects_dir)


def test_a_link_in_the_store_does_not_lead_out_of_it(objects_dir: Path) -> None:
    (objects_dir / "streams" / "sample" / "p144" / "out.mp4").symlink_to(objects_dir / "secret.mp4")

    with pytest.raises(ObjectMissingError):
        find(signed("p144/out.mp4"), objects_dir)


def test_an_asset_without_files_is_missing(objects_dir: Path) -> None:
    with pytest.raises(ObjectMissingError):
        find(signed(grant=Grant("other", "P480", "s", GRANT.expires_at)), objects_dir)


@pytest.mark.parametrize("asset", ["../x", "", "UPPER", "a/b"])
def test_an_asset_that_cannot_stand_in_a_path_is_not_signed(asset: str) -> None:
    with pytest.raises(ValueError):
        sign_prefix(Grant(asset, "P480", "s", NOW), key=KEY)
