"""What a letter says: subject, text and HTML, from the templates of its kind in the reader's language.

A template has the blocks `subject`, `title`, `text`, and `link` with `action` where there is something to open; the
frames `frame.txt` and `frame.html` put them together. Everything is escaped in HTML; a line break in a subject is
refused by the message itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from subgraphs.users.events import MailKind

LANGUAGES = ("en", "hi")
_TEMPLATES = Path(__file__).parent / "templates"
_INDIA = timezone(timedelta(hours=5, minutes=30))


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name letters are written, and where their links lead."""

    address: str
    web_url: str
    message_domain: str = "reelgraph.example"


class LetterWriter:
    """Writes letters; compiled templates are kept."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["moment"] = _moment

    def write(
        self, kind: MailKind, *, mail_id: UUID, recipient: str, locale: str, data: Mapping[str, str], now: datetime
    ) -> EmailMessage:
        """Return the letter, in Hindi for a Hindi locale and in English for every other.

        Raises:
            jinja2.UndefinedError: The data lack something that the kind's template needs.
        """
        language = "hi" if locale.partition("-")[0] == "hi" else "en"
        values = {**data, "web_url": self._sender.web_url.rstrip("/"), "language": language}
        letter = EmailMessage()
        letter["From"] = self._sender.address
        letter["To"] = recipient
        letter["Subject"] = self._block(kind, language, "subject", values)
        letter["Date"] = format_datetime(now)
        letter["Message-ID"] = f"<{mail_id}@{self._sender.message_domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Reelgraph-Kind"] = kind.value
        letter.set_content(self._frame(kind, language, "txt", values))
        letter.add_alternative(self._frame(kind, language, "html", values), subtype="html")
        letter["Content-Language"] = language  # last: set_content drops what describes other contents
        return letter

    def _block(self, kind: MailKind, language: str, block: str, values: Mapping[str, str]) -> str:
        template = self._environment.get_template(f"{language}/{kind.value.lower()}.txt")
        return "".join(template.blocks[block](template.new_context(dict(values)))).strip()

    def _frame(self, kind: MailKind, language: str, form: str, values: Mapping[str, str]) -> str:
        blocks = self._environment.get_template(f"{language}/{kind.value.lower()}.txt").blocks
        parts = {
            name: self._block(kind, language, name, values) if name in blocks else ""
            for name in ("title", "text", "link", "action")
        }
        paragraphs = [each.strip() for each in parts["text"].split("\n\n") if each.strip()]
        frame = self._environment.get_template(f"{language}/frame.{form}")
        return frame.render(**parts, paragraphs=paragraphs, language=language)


def _moment(text: str) -> str:
    """Return an ISO 8601 moment as people in India read it: `03-03-2026, 15:00 IST`.

    Raises:
        jinja2.UndefinedError: The data have no such moment.
    """
    return datetime.fromisoformat(str(text)).astimezone(_INDIA).strftime("%d-%m-%Y, %H:%M IST")
