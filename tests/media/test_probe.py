"""What ffprobe is asked, what is made of its answer, and every file that is no film."""

from fractions import Fraction
from pathlib import Path

import pytest

from media.errors import MediaError, MediaFault
from media.probe import probe
from media.results import AudioStream
from tests.media.conftest import run_ffmpeg


def refusal(source: Path) -> MediaError:
    """Return why the file is refused."""
    with pytest.raises(MediaError) as refused:
        probe(source)
    return refused.value


@pytest.mark.requirement("FR-CMS-001.3")
def test_a_film_is_described_with_each_of_its_sound_tracks(film: Path) -> None:
    found = probe(film)

    assert (found.width, found.height, found.duration_seconds) == (640, 360, 4.0)
    assert (found.frame_rate, found.rotation, found.video_codec) == (Fraction(24), 0, "h264")
    assert (found.is_interlaced, found.is_hdr, found.size_bytes) == (False, False, film.stat().st_size)
    assert found.audio == (
        AudioStream(1, "aac", "hi", 6, 48_000, None, is_default=True, is_audio_description=False),
        AudioStream(2, "aac", "en", 1, 48_000, None, is_default=False, is_audio_description=False),
    )


@pytest.mark.parametrize(("turned", "rotation"), [("90", 270), ("-90", 90)])
def test_a_turned_film_has_the_size_that_is_shown(film: Path, tmp_path: Path, turned: str, rotation: int) -> None:
    source = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation", turned, "-i", str(film), "-map", "0:v", "-c", "copy", str(source))

    found = probe(source)

    assert (found.width, found.height, found.rotation) == (360, 640, rotation)


def test_pixels_that_are_not_square_are_reckoned_in(film: Path, tmp_path: Path) -> None:
    source = tmp_path / "wide.mkv"
    run_ffmpeg("-i", str(film), "-map", "0:v", "-c", "copy", "-aspect", "64:27", str(source))

    found = probe(source)

    assert (found.width, found.height) == (853, 360)


def test_the_first_part_of_an_upload_is_truncated(film: Path, tmp_path: Path) -> None:
    whole = film.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])

    assert refusal(cut).code is MediaFault.TRUNCATED
    assert refusal(cut).is_fault_of_file


def test_a_film_without_its_index_is_truncated(film: Path, tmp_path: Path) -> None:
    source, cut = tmp_path / "index-last.mp4", tmp_path / "cut.mp4"
    run_ffmpeg("-i", str(film), "-map", "0", "-c", "copy", str(source))
    cut.write_bytes(source.read_bytes()[:-20_000])

    assert refusal(cut).code is MediaFault.TRUNCATED


def test_half_of_a_matroska_file_is_truncated(film: Path, tmp_path: Path) -> None:
    source, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    run_ffmpeg("-i", str(film), "-map", "0", "-c", "copy", str(source))
    cut.write_bytes(source.read_bytes()[: source.stat().st_size // 2])

    assert probe(source).width == 640
    assert refusal(cut).code is MediaFault.TRUNCATED


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("noise.mp4", bytes(range(7, 256)) * 200),
        ("letter.mp4", b"Dear sir or madam, " * 100),
        ("letter.txt", b"Dear sir or madam, " * 100),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfilm.mp4\n#EXT-X-ENDLIST\n"),
        ("list", b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfilm.mp4\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile film.mp4\n"),
    ],
)
def test_rubbish_and_lists_of_other_files_are_no_media(film: Path, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    (tmp_path / name).write_bytes(content)

    refused = refusal(tmp_path / name)

    assert refused.code is MediaFault.NOT_MEDIA
    assert str(tmp_path) not in refused.message


def test_a_recording_that_does_not_say_its_length_is_as_long_as_it_is(film: Path, tmp_path: Path) -> None:
    source = tmp_path / "recording.mkv"
    run_ffmpeg("-i", str(film), "-map", "0", "-c", "copy", "-f", "matroska", "-live", "1", str(source))

    assert probe(source).duration_seconds == 4.0


def coloured(path: Path, transfer: str) -> Path:
    """Make a film of a few pictures whose brightness is coded in that way."""
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=256x144:rate=24:duration=1"),
        *("-vf", f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc,format=yuv420p10le"),
        *("-c:v", "libx264", "-preset", "ultrafast", str(path)),
    )
    return path


def test_hdr_that_would_look_washed_out_is_unsupported(tmp_path: Path) -> None:
    assert refusal(coloured(tmp_path / "pq.mkv", "smpte2084")).code is MediaFault.UNSUPPORTED


def test_hdr_that_shows_as_sdr_is_taken(tmp_path: Path) -> None:
    assert probe(coloured(tmp_path / "hlg.mkv", "arib-std-b67")).is_hdr


def test_sound_alone_has_no_video(film: Path, tmp_path: Path) -> None:
    source = tmp_path / "sound.m4a"
    run_ffmpeg("-i", str(film), "-map", "0:a:0", "-c", "copy", str(source))

    assert refusal(source).code is MediaFault.NO_VIDEO


def test_a_missing_file_is_nobodys_fault_but_ours(tmp_path: Path) -> None:
    refused = refusal(tmp_path / "film.mp4")

    assert refused.code is MediaFault.SOURCE_MISSING
    assert not refused.is_fault_of_file
