"""Caught letters as files, one each: written by the catcher, read by every process that shows the page."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

MOST_KEPT = 500
_NAME = re.compile(r"\d{14}-\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class CaughtLetter:
    """A letter as it was taken. `html` and `text` are empty where it has no such part."""

    letter_id: str
    sender: str
    recipient: str
    subject: str
    kind: str
    caught_at: str
    text: str
    html: str


class LetterFolder:
    """The folder of caught letters; the newest 500 are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, content: bytes, *, at: datetime) -> str:
        """Keep the letter, complete or not at all, and return its id."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        letter_id = f"{at:%Y%m%d%H%M%S-%f}-{secrets.token_hex(4)}"
        unfinished = self._folder / f"{letter_id}.part"
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.rename(self._path(letter_id))
        for forgotten in self.ids()[MOST_KEPT:]:
            self._path(forgotten).unlink(missing_ok=True)
        return letter_id

    def ids(self) -> list[str]:
        """Return the letters' ids, newest first."""
        return sorted((path.stem for path in self._folder.glob("*.eml")), reverse=True)

    def read(self, letter_id: str) -> CaughtLetter | None:
        """Return the letter; None for an id that there is not, whatever it looks like."""
        if not _NAME.fullmatch(letter_id):
            return None
        try:
            content = self._path(letter_id).read_bytes()
        except FileNotFoundError:
            return None
        letter = BytesParser(policy=default).parsebytes(content)
        assert isinstance(letter, EmailMessage)  # what the policy makes
        moment = datetime.strptime(letter_id[:21] + "+0000", "%Y%m%d%H%M%S-%f%z")
        return CaughtLetter(
            letter_id=letter_id,
            sender=str(letter["From"] or ""),
            recipient=str(letter["To"] or ""),
            subject=str(letter["Subject"] or ""),
            kind=str(letter["X-Reelgraph-Kind"] or ""),
            caught_at=moment.isoformat(timespec="seconds"),
            text=_part(letter, "plain"),
            html=_part(letter, "html"),
        )

    def _path(self, letter_id: str) -> Path:
        return self._folder / f"{letter_id}.eml"


def _part(letter: EmailMessage, form: str) -> str:
    body = letter.get_body((form,))
    return str(body.get_content()) if body is not None else ""
