"""From a file that somebody sent to a stream that can be delivered."""

from collections.abc import Callable, Sequence
from pathlib import Path

from media.errors import MediaError, MediaFault
from media.languages import language_tag
from media.probe import INPUT_GUARDS, probe
from media.results import CaptionFile, Ingested
from media.stream import Film, make_stream

__all__ = ["CaptionFile", "Ingested", "MediaError", "MediaFault", "ingest"]


def ingest(
    source: Path,
    folder: Path,
    *,
    captions: Sequence[CaptionFile] = (),
    default_language: str | None = None,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    preset: str = "veryfast",
) -> Ingested:
    """Make a stream of the source in the folder and return what it has. Blocks for about the length of the film.

    The folder appears when everything is done; what was there before is replaced. Doing it again is safe, and clears
    away what a run that was killed left behind. One run at a time for one folder.

    Args:
        source: A film as somebody sent it; not changed.
        folder: Where the stream will lie. Its parent is made if need be, and holds the unfinished work meanwhile.
        captions: Subtitles that come with it.
        default_language: Of the sound track that plays unless another one is chosen, if there is one; English where
            nobody knows it. A track that does not say its language has it if it is the only one, else the tag `mis`.
        on_progress: Called in this thread with the share that is done, 0.0 to 1.0, growing.
        is_cancelled: Asked a few times a second; True ends the work.
        preset: What x264 spends on a picture: `ultrafast` to `veryslow`.

    Raises:
        MediaError: See its code; nothing is left behind and what was in the folder is untouched. A fault in a caption
            file is told before anything is encoded.
    """
    found = probe(source)
    film = Film(
        found=found,
        inputs=[*INPUT_GUARDS, "-i", str(source.resolve())],
        video=f"0:{found.video_index}",
        sounds=[f"0:{audio.index}" for audio in found.audio],
    )
    return make_stream(
        film,
        folder,
        captions=captions,
        default_language=None if default_language is None else language_tag(default_language),
        on_progress=on_progress,
        is_cancelled=is_cancelled,
        preset=preset,
    )
