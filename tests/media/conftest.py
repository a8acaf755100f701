"""A tiny film with all that real ones have, and a stream made of it; each made once."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from media.ingest import ingest
from media.results import CaptionFile, Ingested
from media.tools import find_tool

ENGLISH = "1\n00:00:00,500 --> 00:00:02,500\nHello <i>there</i>\n\n2\n00:00:03,000 --> 00:00:09,000\nBye & farewell\n"
HINDI = "WEBVTT\n\n00:00.500 --> 00:02.500\nनमस्ते\n"


@dataclass(frozen=True)
class Stream:
    """A stream that was made of the tiny film, with every share of progress that was told."""

    folder: Path
    ingested: Ingested
    progress: Sequence[float]


def run_ffmpeg(*arguments: str) -> None:
    """Run FFmpeg to make a source."""
    command = [find_tool("ffmpeg"), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, timeout=60, capture_output=True)  # our own arguments


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 640x360, the first of them black, with English and Hindi sound: `film.mp4`."""
    path = tmp_path_factory.mktemp("source") / "film.mp4"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=black:size=640x360:rate=24:duration=1"),
        *("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=24:duration=3"),
        *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=4"),
        *("-f", "lavfi", "-i", "sine=frequency=660:sample_rate=48000:duration=4"),
        *("-filter_complex", "[0:v][1:v]concat[v];[3:a]aformat=channel_layouts=5.1[hi]"),
        *("-map", "[v]", "-map", "[hi]", "-map", "2:a", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"),
        *("-metadata:s:a:0", "language=hin", "-metadata:s:a:1", "language=eng"),
        *("-movflags", "+faststart", str(path)),
    )
    return path


@pytest.fixture(scope="session")
def stream(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Stream:
    """The stream of the film, with closed captions in English, and subtitles and forced ones in Hindi."""
    folder = tmp_path_factory.mktemp("streams")
    english, hindi = folder / "english.srt", folder / "hindi.vtt"
    english.write_text(ENGLISH, encoding="utf-8")
    hindi.write_text(HINDI, encoding="utf-8")
    captions = [
        CaptionFile(english, "en", is_closed_caption=True),
        CaptionFile(hindi, "hi"),
        CaptionFile(hindi, "hi", is_forced=True, label="Signs, in Hindi"),
    ]
    progress: list[float] = []
    ingested = ingest(film, folder / "film", captions=captions, on_progress=progress.append, preset="ultrafast")
    return Stream(folder / "film", ingested, progress)
