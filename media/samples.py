"""The sample stream: a test picture and two tones as a real adaptive stream, encoded on this machine.

It stands in for every film of a seeded catalogue, so that playback can be tried from the signed link to the last
segment, with two languages to hear and to read. Real films go through `ingest`; from the encoding on it is the same.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from media.delivery import DASH_MANIFEST, MASTER_PLAYLIST, STREAMS_FOLDER
from media.errors import MediaError, MediaFault
from media.results import AudioStream, CaptionFile, Probe
from media.stream import Film, make_stream

SAMPLE_ASSET_ID = "sample"
SAMPLE_SECONDS = 12

_FACTS = "facts.json"
_WIDTH, _HEIGHT, _FRAMES_PER_SECOND = 1920, 1080, 24
_SAMPLE_RATE = 48_000
_TONES_HZ = {"en": 440, "hi": 660}
_CAPTIONS = {
    "en": "1\n00:00:00,500 --> 00:00:03,500\nThis is the sample film.\n\n"
    "2\n00:00:04,000 --> 00:00:08,000\nIn English you hear the lower tone.\n",
    "hi": "1\n00:00:00,500 --> 00:00:03,500\nयह नमूना फ़िल्म है।\n\n"
    "2\n00:00:04,000 --> 00:00:08,000\nहिन्दी में ऊँचा स्वर सुनाई देता है।\n",
}


@dataclass(frozen=True, slots=True)
class SampleStream:
    """A stream in the object store: its asset id, the qualities it has, lowest first (`P144`), and all that it has.

    `facts` is media.results.Ingested as JSON.
    """

    asset_id: str
    qualities: tuple[str, ...]
    facts: Mapping[str, Any]


class FfmpegMissingError(Exception):
    """There is nothing to encode with; the text says what to install."""

    def __init__(self, error: MediaError) -> None:
        super().__init__(f"There is no sample stream and nothing can be played: {error.message}")


class EncodingError(Exception):
    """A tool failed; the text ends with its last words."""


def ensure_sample(objects_dir: Path, *, seconds: int = SAMPLE_SECONDS) -> SampleStream:
    """Return the sample stream, encoding it first if the object store has none; a few seconds of CPU.

    It appears whole or not at all. One that an older version made, without all that this one makes, is replaced.

    Raises:
        FfmpegMissingError: It is not there and cannot be made.
        EncodingError: A tool failed.
    """
    place = objects_dir / STREAMS_FOLDER / SAMPLE_ASSET_ID
    if not all((place / name).is_file() for name in (MASTER_PLAYLIST, DASH_MANIFEST, _FACTS)):
        _make(place, seconds=seconds)
    facts = json.loads((place / _FACTS).read_text(encoding="utf-8"))
    return SampleStream(SAMPLE_ASSET_ID, tuple(each["quality"] for each in facts["renditions"]), facts)


def _make(place: Path, *, seconds: int) -> None:
    with TemporaryDirectory() as temporary:
        captions = []
        for language, text in _CAPTIONS.items():
            file = Path(temporary) / f"{language}.srt"
            file.write_text(text, encoding="utf-8")
            captions.append(CaptionFile(file, language))
        try:
            made = make_stream(_film(seconds), place, captions=captions, preset="ultrafast")
        except MediaError as error:
            if error.code is MediaFault.TOOL_MISSING:
                raise FfmpegMissingError(error) from error
            raise EncodingError(f"{error.message} {error.detail[-500:]}".strip()) from error
    (place / _FACTS).write_text(json.dumps(asdict(made), default=str), encoding="utf-8")


def _film(seconds: int) -> Film:
    picture = f"testsrc2=size={_WIDTH}x{_HEIGHT}:rate={_FRAMES_PER_SECOND}:duration={seconds}"
    tones = (f"sine=frequency={hertz}:sample_rate={_SAMPLE_RATE}:duration={seconds}" for hertz in _TONES_HZ.values())
    found = Probe(
        container="lavfi",
        size_bytes=0,
        duration_seconds=float(seconds),
        video_index=0,
        video_codec="rawvideo",
        width=_WIDTH,
        height=_HEIGHT,
        frame_rate=Fraction(_FRAMES_PER_SECOND),
        rotation=0,
        is_interlaced=False,
        is_hdr=False,
        audio=tuple(
            AudioStream(0, "pcm", language, 1, _SAMPLE_RATE, None, is_default=False, is_audio_description=False)
            for language in _TONES_HZ
        ),
    )
    inputs = [argument for source in (picture, *tones) for argument in ("-f", "lavfi", "-i", source)]
    return Film(found, inputs, video="0:v", sounds=[f"{number}:a" for number in range(1, 1 + len(_TONES_HZ))])
