"""What can go wrong with a file that somebody gave us, and with the tools that handle it."""

from enum import StrEnum


class MediaFault(StrEnum):
    """Stable codes of `MediaError`. The first group is the file's fault, the second one is not."""

    NOT_MEDIA = "NOT_MEDIA"
    """No container that is taken: rubbish, a text, a playlist, an empty file."""
    NO_VIDEO = "NO_VIDEO"
    """Sound only, or a still picture."""
    TRUNCATED = "TRUNCATED"
    """It ends before its own end: an upload that broke off."""
    UNSUPPORTED = "UNSUPPORTED"
    """A film, but in a codec that cannot be read, too large or too long."""
    CAPTIONS_INVALID = "CAPTIONS_INVALID"
    """A caption file that is neither SubRip nor WebVTT, or whose cues make no sense; the message names the line."""

    SOURCE_MISSING = "SOURCE_MISSING"
    """There is no such file."""
    TOOL_MISSING = "TOOL_MISSING"
    """FFmpeg, ffprobe or Shaka Packager is not installed."""
    TOOL_FAILED = "TOOL_FAILED"
    """A tool failed in a way that the file does not explain."""
    TOOL_TIMEOUT = "TOOL_TIMEOUT"
    """A tool was not done in its time and was ended."""
    CANCELLED = "CANCELLED"
    """The caller wanted no more."""


_OF_THE_FILE = frozenset(
    {
        MediaFault.NOT_MEDIA,
        MediaFault.NO_VIDEO,
        MediaFault.TRUNCATED,
        MediaFault.UNSUPPORTED,
        MediaFault.CAPTIONS_INVALID,
    }
)


class MediaError(Exception):
    """A file was not handled.

    Attributes:
        code: Which fault it is: stable, to be shown to clients.
        message: What happened, in a sentence for whoever sent the file. Names no path of this machine.
        detail: Last words of the tool, for the log; empty where none ran.
    """

    def __init__(self, code: MediaFault, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail

    @property
    def is_fault_of_file(self) -> bool:
        """Whether trying again with the same file is pointless."""
        return self.code in _OF_THE_FILE
