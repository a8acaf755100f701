"""Formatted descriptions: a small subset of HTML, made harmless before it is stored, and the plain text that it says.

What is allowed: paragraphs, line breaks, lists, quotes, bold, italic, and links to https addresses. Everything else is
taken out; of scripts and styles the content, too. Cleaning is left to nh3 (the Rust library ammonia), which parses as
browsers do: an allow-list by hand over a parser of another kind is how such filters fail.
"""

import html
import re
from html.parser import HTMLParser

import nh3

ALLOWED_TAGS = frozenset({"p", "br", "ul", "ol", "li", "blockquote", "strong", "b", "em", "i", "a"})
LONGEST_FORMATTED = 20_000
"""Characters of a cleaned text, its tags included."""

_BLOCKS = frozenset({"p", "ul", "ol", "li", "blockquote"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_GAPS = re.compile(r"\n{2,}")


def cleaned(given: str) -> str:
    """Return the text with nothing in it but the allowed subset; cleaning what is clean changes nothing."""
    return nh3.clean(
        _CONTROL.sub("", given),
        tags=set(ALLOWED_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"https"},
        clean_content_tags={"script", "style"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def plain(clean: str) -> str:
    """Return what a cleaned text says without its tags: blocks and breaks become lines."""
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return _GAPS.sub("\n", "\n".join(lines)).strip()


def formatted(text: str) -> str:
    """Return a plain text as HTML: a paragraph for each of its lines, empty for none."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line)


class _Reader(HTMLParser):
    """Collects the text of cleaned HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's way
        if tag == "br" or tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        # A line's end within a paragraph is only a gap between words.
        self.parts.append(data.replace("\n", " "))
