"""Where a video breaks for ads."""

from dataclasses import dataclass

from subgraphs.ads.config import LAST_BREAK_BEFORE_END_SECONDS, MID_ROLL_EVERY_SECONDS, MID_ROLLS_ONLY_ABOVE_SECONDS
from subgraphs.ads.models import AdBreakKind


@dataclass(frozen=True, slots=True)
class AdBreak:
    """A break at `offset_seconds` from the start."""

    kind: AdBreakKind
    offset_seconds: int


def ad_breaks(duration_seconds: int | None) -> list[AdBreak]:
    """Return the breaks of a video, in order.

    Always one before it. In one of more than 30 minutes also one every 15 minutes, the last at least two minutes
    before the end. A video of unknown length has only the first.
    """
    breaks = [AdBreak(AdBreakKind.PRE_ROLL, 0)]
    if duration_seconds is not None and duration_seconds > MID_ROLLS_ONLY_ABOVE_SECONDS:
        last_offset = duration_seconds - LAST_BREAK_BEFORE_END_SECONDS
        offsets = range(MID_ROLL_EVERY_SECONDS, last_offset + 1, MID_ROLL_EVERY_SECONDS)
        breaks.extend(AdBreak(AdBreakKind.MID_ROLL, offset) for offset in offsets)
    return breaks
