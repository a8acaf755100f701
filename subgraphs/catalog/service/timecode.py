"""SMPTE timecodes: how an editor's tools name a moment, `HH:MM:SS:FF`.

A label counts frames. Where a second does not hold a whole number of them, labels and the clock drift apart; at 29.97
and 59.94 frames the drop-frame count, written with `;`, leaves out labels (two or four in each minute but every tenth)
and so keeps up with the clock. At 23.976 frames no label is left out.
"""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class _Rate:
    frames_per_second: Fraction
    labels_per_second: int
    dropped_per_minute: int = 0


class FrameRate(Enum):
    """Frames per second of a picture."""

    F23_976 = "F23_976"
    F24 = "F24"
    F25 = "F25"
    F29_97 = "F29_97"
    F30 = "F30"
    F50 = "F50"
    F59_94 = "F59_94"
    F60 = "F60"


_RATES = {
    FrameRate.F23_976: _Rate(Fraction(24000, 1001), 24),
    FrameRate.F24: _Rate(Fraction(24), 24),
    FrameRate.F25: _Rate(Fraction(25), 25),
    FrameRate.F29_97: _Rate(Fraction(30000, 1001), 30, 2),
    FrameRate.F30: _Rate(Fraction(30), 30),
    FrameRate.F50: _Rate(Fraction(50), 50),
    FrameRate.F59_94: _Rate(Fraction(60000, 1001), 60, 4),
    FrameRate.F60: _Rate(Fraction(60), 60),
}


def timecode(milliseconds: int, rate: FrameRate) -> str:
    """Return the label of the frame that is shown at the moment; hours beyond 24 go on counting."""
    facts = _RATES[rate]
    label = int(Fraction(milliseconds, 1000) * facts.frames_per_second)
    if facts.dropped_per_minute:
        label += _dropped_before(label, facts)
    seconds, frame = divmod(label, facts.labels_per_second)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    mark = ";" if facts.dropped_per_minute else ":"
    return f"{hour:02}:{minute:02}:{second:02}{mark}{frame:02}"


def _dropped_before(frame: int, facts: _Rate) -> int:
    """Return how many labels were left out before the frame: none in the first minute of each ten."""
    dropped = facts.dropped_per_minute
    per_minute = facts.labels_per_second * 60 - dropped
    tens, rest = divmod(frame, per_minute * 10 + dropped)
    return dropped * (9 * tens + max(0, (rest - dropped) // per_minute))
