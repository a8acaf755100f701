"""The ladder: in which sizes and bitrates a film is encoded.

A rung is a box that the picture is fitted into, lying or standing as the picture does. So a wide film of 1920x800 is
1080p as one of 1920x1080 is, and a phone's 1080x1920 too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

AUDIO_KBPS = 96
"""Bitrate of one sound track. It is part of each rung's bitrate: what a player must load per second."""

GROUP_SECONDS = 2
"""Length of a group of pictures and of a segment: players switch at each."""

_HIGHEST_FRAME_RATE = Fraction(60)
_USUAL_FRAME_RATES = tuple(
    Fraction(text) for text in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60")
)
# A picture a little smaller than a rung's box still counts as that rung, at its own size.
_NEARLY = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: the box of a lying picture in pixels, and the bitrate of picture and sound together."""

    width: int
    height: int
    bitrate_kbps: int

    @property
    def quality(self) -> str:
        """The name of the quality: `P720`."""
        return f"P{self.height}"

    @property
    def folder(self) -> str:
        """The rendition's folder: `p720`."""
        return f"p{self.height}"


RUNGS = (Rung(256, 144, 240), Rung(640, 360, 500), Rung(854, 480, 1000), Rung(1280, 720, 2500), Rung(1920, 1080, 5000))


@dataclass(frozen=True, slots=True)
class Step:
    """A rung for one film: the size in which its picture is encoded, both sides even."""

    rung: Rung
    width: int
    height: int


def choose_ladder(width: int, height: int, *, rungs: Sequence[Rung] = RUNGS) -> tuple[Step, ...]:
    """Return what to encode of a picture of this size (as shown), lowest first.

    Never upscales: rungs whose box the picture does not fill are left out. A picture smaller than the lowest rung gives
    one step, in its own size.
    """
    steps = [step for rung in rungs if (step := _fit(rung, width, height)) is not None]
    return tuple(steps) or (Step(rungs[0], _even(width), _even(height)),)


def _fit(rung: Rung, width: int, height: int) -> Step | None:
    box = (rung.width, rung.height) if width >= height else (rung.height, rung.width)
    scale = min(Fraction(box[0], width), Fraction(box[1], height))
    if scale > 1 / _NEARLY:
        return None
    scale = min(scale, Fraction(1))
    return Step(rung, _even(width * scale), _even(height * scale))


def _even(length: Fraction | int) -> int:
    """Return the nearest even length, not above its own if that would upscale an even one; at least 2."""
    return max(2, round(length / 2) * 2 if length % 2 != 1 else int(length) - 1)


def steady_frame_rate(rate: Fraction) -> Fraction:
    """Return the constant frame rate to encode at: the usual one that is meant, at most 60."""
    nearest = min(_USUAL_FRAME_RATES, key=lambda usual: abs(usual - rate))
    if abs(nearest - rate) <= nearest / 200:
        return nearest
    return min(rate, _HIGHEST_FRAME_RATE).limit_denominator(1001)


def frames_per_group(rate: Fraction) -> int:
    """Return how many pictures a group has: never shorter than GROUP_SECONDS, so each group is a segment."""
    return ceil(rate * GROUP_SECONDS)
