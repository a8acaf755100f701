"""Packaging: encoded files become segments (CMAF) with the manifests of both kinds over them, HLS and DASH.

Shaka Packager cuts and describes; the bitrates that the manifests declare are the ladder's. Subtitles are cut for HLS;
for DASH, whose players all take a whole WebVTT file, they are added here.

The folder: `master.m3u8`, `manifest.mpd`, `p720/…` for each quality, `audio-<language>/…` and `text-<language>/…` for
each track. In each of them `index.m3u8`, segments, and for pictures `iframes.m3u8`; in a text folder `whole.vtt` too.
"""

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media.delivery import DASH_MANIFEST, MASTER_PLAYLIST
from media.ladder import AUDIO_KBPS, GROUP_SECONDS, Rung
from media.tools import find_tool, run_tool

WHOLE_TEXT = "whole.vtt"

_TIMEOUT_SECONDS = 1800.0
_CACHE_BYTES = 1024 * 1024
_NO_LANGUAGE = "zxx"  # no text track is shown unless somebody wants it
_MPD = "urn:mpeg:dash:schema:mpd:2011"
_ROLES = "urn:mpeg:dash:role:2011"
_AUDIO_PURPOSES = "urn:tva:metadata:cs:AudioPurposeCS:2007"
_DESCRIBES_VIDEO = "public.accessibility.describes-video"
_CLOSED_CAPTIONS = "public.accessibility.transcribes-spoken-dialog;public.accessibility.describes-music-and-sound"
_TEXT_KBPS = 1
_CODECS = re.compile(r'^#EXT-X-STREAM-INF:.*?CODECS="([^",]+).*\n(p[0-9]+)/', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture track."""

    file: Path
    rung: Rung
    kbps: int


@dataclass(frozen=True, slots=True)
class Voice:
    """An encoded sound track; exactly one of a stream is the default."""

    file: Path
    folder: str
    language: str
    label: str
    is_default: bool
    is_audio_description: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A WebVTT file to package."""

    file: Path
    folder: str
    language: str
    label: str
    is_forced: bool
    is_closed_caption: bool


def package(
    folder: Path,
    *,
    pictures: Sequence[Picture],
    voices: Sequence[Voice],
    texts: Sequence[Text],
    is_cancelled: Callable[[], bool] | None = None,
) -> dict[str, str]:
    """Write segments and manifests of the tracks into the folder, in their order; return the codec of each quality.

    Codecs are as RFC 6381 writes them, `avc1.64001f`.

    Raises:
        MediaError: TOOL_MISSING, TOOL_FAILED, TOOL_TIMEOUT or CANCELLED.
    """
    default = next((voice.language for voice in voices if voice.is_default), _NO_LANGUAGE)
    command = [
        find_tool("packager"),
        *(_of_picture(each, folder) for each in pictures),
        *(_of_voice(each, folder) for each in voices),
        *(_of_text(each, folder) for each in texts),
        *("--quiet", "--segment_duration", str(GROUP_SECONDS), "--generate_static_live_mpd"),
        *("--default_language", default, "--default_text_language", _NO_LANGUAGE),
        *("--hls_master_playlist_output", MASTER_PLAYLIST, "--mpd_output", DASH_MANIFEST),
        *("--io_cache_size", str(_CACHE_BYTES)),
    ]
    run_tool(command, timeout_seconds=_TIMEOUT_SECONDS, folder=folder, is_cancelled=is_cancelled)
    _add_texts(folder, texts)
    master = (folder / MASTER_PLAYLIST).read_text(encoding="utf-8")
    return {quality.upper(): codec for codec, quality in _CODECS.findall(master)}


def _of_picture(picture: Picture, folder: Path) -> str:
    return _descriptor(
        _seen_from(folder, picture.file),
        "video",
        picture.rung.folder,
        iframe_playlist_name=f"{picture.rung.folder}/iframes.m3u8",
        bandwidth=str(picture.kbps * 1000),
    )


def _of_voice(voice: Voice, folder: Path) -> str:
    accessibility = {"hls_characteristics": _DESCRIBES_VIDEO, "dash_accessibilities": f"{_AUDIO_PURPOSES}=1"}
    return _descriptor(
        _seen_from(folder, voice.file),
        "audio",
        voice.folder,
        lang=voice.language,
        hls_group_id="audio",
        hls_name=voice.label,
        bandwidth=str(AUDIO_KBPS * 1000),
        dash_roles="description" if voice.is_audio_description else "main" if voice.is_default else "dub",
        **(accessibility if voice.is_audio_description else {}),
    )


def _of_text(text: Text, folder: Path) -> str:
    return _descriptor(
        _seen_from(folder, text.file),
        "text",
        text.folder,
        lang=text.language,
        hls_group_id="text",
        hls_name=text.label,
        hls_only="1",
        **({"forced_subtitle": "1"} if text.is_forced else {}),
        **({"hls_characteristics": _CLOSED_CAPTIONS} if text.is_closed_caption else {}),
    )


def _descriptor(file: str, stream: str, folder: str, **fields: str) -> str:
    """Return the packager's words for a track. Commas and equals signs separate them, so no label may have any."""
    ending = "vtt" if stream == "text" else "m4s"
    all_fields = {
        "in": file,
        "stream": stream,
        **({} if stream == "text" else {"init_segment": f"{folder}/init.mp4"}),
        "segment_template": f"{folder}/segment_$Number%05d$.{ending}",
        "playlist_name": f"{folder}/index.m3u8",
        **fields,
    }
    return ",".join(f"{name}={value.replace(',', ' ')}" for name, value in all_fields.items())


def _seen_from(folder: Path, file: Path) -> str:
    """Return the file's relative path: nothing of where the store lies gets among the packager's words."""
    return os.path.relpath(file, folder)


def _add_texts(folder: Path, texts: Sequence[Text]) -> None:
    """Name the whole text of each track in the DASH manifest."""
    if not texts:
        return
    ET.register_namespace("", _MPD)
    path = folder / DASH_MANIFEST
    tree = ET.parse(path)  # noqa: S314  # the packager wrote it
    period = tree.getroot().find(f"{{{_MPD}}}Period")
    if period is None:
        return
    for text in texts:
        adaptation = ET.SubElement(period, f"{{{_MPD}}}AdaptationSet", contentType="text", lang=text.language)
        ET.SubElement(adaptation, f"{{{_MPD}}}Role", schemeIdUri=_ROLES, value=_role(text))
        ET.SubElement(adaptation, f"{{{_MPD}}}Label").text = text.label
        representation = ET.SubElement(
            adaptation,
            f"{{{_MPD}}}Representation",
            id=text.folder,
            bandwidth=str(_TEXT_KBPS * 1000),
            mimeType="text/vtt",
        )
        ET.SubElement(representation, f"{{{_MPD}}}BaseURL").text = f"{text.folder}/{WHOLE_TEXT}"
    ET.indent(tree)
    tree.write(path, encoding="UTF-8", xml_declaration=True)


def _role(text: Text) -> str:
    if text.is_forced:
        return "forced-subtitle"
    return "caption" if text.is_closed_caption else "subtitle"
