"""From a file to a stream: probed, encoded, packaged, pictured; whole or not at all."""

from collections.abc import Callable, Sequence
from pathlib import Path

from media.probe import probe
from media.results import CaptionFile, Ingested


def ingest(
    source: Path,
    folder: Path,
    *,
    captions: Sequence[CaptionFile] = (),
    default_language: str = "en",
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Ingested:
    """Make a stream of the source in the folder and return what it has. Blocks for about the length of the film.

    The folder appears when everything is done; what was there before is replaced. Doing it again is safe.

    Args:
        source: A film as somebody sent it; not changed.
        folder: Where the stream will lie: `streams/<asset>` of the object store. Its parent is made if need be.
        captions: Subtitles that come with it.
        default_language: Of sound tracks that do not say theirs; also the track that plays unless one is chosen.
        on_progress: Called in this thread with the share that is done, 0.0 to 1.0, growing.
        is_cancelled: Asked a few times a second; True ends the work.

    Raises:
        MediaError: See its code; nothing is left behind and what was in the folder is untouched.
    """
    probe(source)
    del folder, captions, default_language, on_progress, is_cancelled
    raise NotImplementedError
