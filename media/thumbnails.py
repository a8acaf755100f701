"""Pictures out of a film: the storyboard for the seek bar, and stills that could become its artwork.

The storyboard's sprite comes out of the encoding itself. Its small pictures also say where in the film a still is worth
taking: not where the screen is black or one flat colour.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil
from pathlib import Path

from PIL import Image, ImageStat

from media.captions import webvtt_time
from media.results import Still, Storyboard
from media.tools import find_tool, run_tool
from media.transcode import STORYBOARD_SPRITE, Tiles

STORYBOARD_FOLDER = "storyboard"
STILLS_FOLDER = "stills"
MOST_STILLS = 5

_STORYBOARD_VTT = "tiles.vtt"
_LONGER_SIDE = 160
_USUAL_INTERVAL_SECONDS, _SHORTEST_INTERVAL_SECONDS = 10.0, 0.25
_FEWEST_TILES, _MOST_TILES, _MOST_COLUMNS = 20, 400, 20
_STILL_TIMEOUT_SECONDS = 120.0
_STILL_BOX = (1280, 720)
# Mean luminance and its deviation, 0 to 255: below these a picture is black, or shows nothing.
_BLACK_BELOW, _FLAT_BELOW = 20.0, 6.0


def plan_tiles(width: int, height: int, *, duration_seconds: float) -> Tiles:
    """Return the sprite for a film of this size and length: a picture each ten seconds, in at most 400 tiles."""
    interval = min(_USUAL_INTERVAL_SECONDS, duration_seconds / _FEWEST_TILES)
    interval = max(interval, _SHORTEST_INTERVAL_SECONDS, duration_seconds / _MOST_TILES)
    interval = ceil(interval * 1000) / 1000
    count = max(1, ceil(duration_seconds / interval))
    columns = min(count, _MOST_COLUMNS)
    scale = _LONGER_SIDE / max(width, height)
    return Tiles(
        width=max(2, round(width * scale / 2) * 2),
        height=max(2, round(height * scale / 2) * 2),
        columns=columns,
        rows=ceil(count / columns),
        interval_seconds=interval,
    )


def write_storyboard(sprite: Path, folder: Path, *, tiles: Tiles, duration_seconds: float) -> Storyboard:
    """Move the sprite into the stream's folder and write the WebVTT file that says what of it is shown when."""
    place = folder / STORYBOARD_FOLDER
    place.mkdir()
    sprite.rename(place / STORYBOARD_SPRITE)
    interval_ms, end_ms = round(tiles.interval_seconds * 1000), ceil(duration_seconds * 1000)
    lines = ["WEBVTT", ""]
    for number in range(_count(tiles, duration_seconds)):
        left, top = _corner(tiles, number)
        start, stop = number * interval_ms, min((number + 1) * interval_ms, end_ms)
        lines += [
            f"{webvtt_time(start)} --> {webvtt_time(stop)}",
            f"{STORYBOARD_SPRITE}#xywh={left},{top},{tiles.width},{tiles.height}",
            "",
        ]
    (place / _STORYBOARD_VTT).write_text("\n".join(lines), encoding="utf-8")
    return Storyboard(
        vtt_path=f"{STORYBOARD_FOLDER}/{_STORYBOARD_VTT}",
        sprite_path=f"{STORYBOARD_FOLDER}/{STORYBOARD_SPRITE}",
        tile_width=tiles.width,
        tile_height=tiles.height,
        interval_ms=interval_ms,
    )


def choose_moments(sprite: Path, *, tiles: Tiles, duration_seconds: float, most: int = MOST_STILLS) -> list[float]:
    """Return moments in seconds, in order, at which the film shows something: one of each part of it, the liveliest.

    Fewer than asked for when little of the film is not black; none when all of it is.
    """
    with Image.open(sprite) as opened:
        whole = opened.convert("L")
    scores = [_score(whole, tiles, number) for number in range(_count(tiles, duration_seconds))]
    worthy = [number for number, score in enumerate(scores) if score > 0.0]
    parts = _parts(worthy, most)
    chosen = [max(part, key=lambda number: scores[number]) for part in parts]
    # A little later than the tile, which shows the first picture of its interval: it may be the edge of a cut.
    return [round(number * tiles.interval_seconds + min(0.04, tiles.interval_seconds / 4), 3) for number in chosen]


def take_stills(
    film: Path,
    moments: Sequence[float],
    folder: Path,
    *,
    width: int,
    height: int,
    is_cancelled: Callable[[], bool] | None = None,
) -> tuple[Still, ...]:
    """Write a JPEG for each moment into the stream's folder, at most 1280 by 720 (standing: 720 by 1280).

    Args:
        film: The picture in its best quality, as it was encoded: quicker to enter at a moment than what was sent.
        moments: Where, in seconds.
        folder: The stream's folder.
        width: Of that picture.
        height: Of that picture.
        is_cancelled: Asked a few times a second; True ends the work.

    Raises:
        MediaError: TOOL_MISSING, TOOL_FAILED, TOOL_TIMEOUT or CANCELLED.
    """
    (folder / STILLS_FOLDER).mkdir()
    box = _STILL_BOX if width >= height else (_STILL_BOX[1], _STILL_BOX[0])
    scale = min(1.0, box[0] / width, box[1] / height)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    stills = []
    for number, moment in enumerate(moments, start=1):
        path = f"{STILLS_FOLDER}/still_{number}.jpg"
        command = [
            *(find_tool("ffmpeg"), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
            *("-ss", f"{moment:.3f}", "-i", str(film), "-frames:v", "1"),
            *("-vf", f"scale={size[0]}:{size[1]}:out_range=full,format=yuvj420p", "-q:v", "3", path),
        ]
        run_tool(command, timeout_seconds=_STILL_TIMEOUT_SECONDS, folder=folder, is_cancelled=is_cancelled)
        if (folder / path).is_file():  # a moment behind the last picture gives none
            stills.append(Still(path, moment, *size))
    return tuple(stills)


def _score(whole: Image.Image, tiles: Tiles, number: int) -> float:
    """Return how much a tile shows; 0.0 for black and for flat ones."""
    left, top = _corner(tiles, number)
    tile = ImageStat.Stat(whole.crop((left, top, left + tiles.width, top + tiles.height)))
    mean, deviation = tile.mean[0], tile.stddev[0]
    if mean < _BLACK_BELOW or deviation < _FLAT_BELOW:
        return 0.0
    return float(deviation)


def _parts(numbers: Sequence[int], most: int) -> list[Sequence[int]]:
    """Return the numbers in at most so many parts of about one length."""
    count = min(most, len(numbers))
    edges = [len(numbers) * index // count for index in range(count + 1)] if count else []
    return [numbers[begin:end] for begin, end in pairwise(edges)]


def _count(tiles: Tiles, duration_seconds: float) -> int:
    return min(tiles.columns * tiles.rows, max(1, ceil(round(duration_seconds / tiles.interval_seconds, 6))))


def _corner(tiles: Tiles, number: int) -> tuple[int, int]:
    row, column = divmod(number, tiles.columns)
    return column * tiles.width, row * tiles.height
