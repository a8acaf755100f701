"""Films as Media RSS (MRSS 1.5 in RSS 2.0), as partners publish and take them; an item is a film, `guid` its id.
What an item does not say stays as it is where it amends a title of ours.

Read with the interpreter's own expat, which streams. A document type is refused: it is the only place that could
declare entities, so neither swelling nor outside ones can come, and no further package is needed. Items, their depth
and their texts are bounded.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.service.columns import ROLES, ColumnAmendment, checked_columns, columns_of, film_of_columns
from subgraphs.catalog.service.importing import BadRow, ImportFileError, RowError
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.shared.ids import encode_id

_SOURCE = "mrss"
_MEDIA = "http://search.yahoo.com/mrss"
_TERMS = "http://purl.org/dc/terms"
_MOST_ELEMENTS = 2_000
_MOST_CHARACTERS = 1_000_000
_DEEPEST = 40
_TAG = re.compile(r"<[^>]*>")
_PERIOD = re.compile(r"\s*(start|end)\s*=\s*([^;\s]+)\s*")
_PRIVATE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no way to write."""

_COLUMN_OF_ROLE = {role.value.lower(): column for column, role in ROLES.items()}


@dataclass(slots=True)
class _Element:
    """An element of an item: its namespace and name as `namespace name`, `name` without one."""

    name: str
    attributes: dict[str, str]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, as one line."""
        said = "".join(self.texts)
        if self.attributes.get("type") == "html":
            said = html.unescape(_TAG.sub(" ", said))
        return " ".join(said.split())


def read_mrss(
    chunks: Iterable[bytes], *, published_at: datetime, source: str = _SOURCE
) -> Iterator[TitleRecord | ColumnAmendment | BadRow]:
    """Yield for each item, counted from 1, a film's record, what it amends, or what is wrong with it.

    Args:
        chunks: The file, in pieces of any size.
        published_at: When new films are published.
        source: Keeps the ids of one partner's items apart from those of another's.

    Raises:
        ImportFileError: It is no RSS (FILE_FORMAT), has a document type (FILE_UNSAFE) or breaks off (FILE_DAMAGED).
    """
    items, seen, number = _Items(), set[str](), 0
    for chunk in chunks:
        items.feed(chunk)
        for item in items.finished():
            number += 1
            yield _read(item, number, source=source, seen=seen, published_at=published_at)
    items.end()


def mrss_head(*, title: str, link: str) -> bytes:
    """Return what comes before the items of a file that we write."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rss version="2.0" xmlns:media="{_MEDIA}/" xmlns:dcterms="{_TERMS}/">\n'
        f"<channel><title>{_escaped(title)}</title><link>{_escaped(link)}</link>"
        f"<description>{_escaped(title)}</description>\n"
    ).encode()


def mrss_item(record: TitleRecord) -> bytes:
    """Return a title as an item. Where it plays is not said: players ask for that."""
    columns = columns_of(record)
    parts = [
        f'<guid isPermaLink="false">{encode_id(TYPE_NAMES[record.kind], record.id)}</guid>',
        f"<title>{_escaped(columns['title'])}</title>",
        _optional("description", columns["description"]),
        _optional("dcterms:issued", columns["release_date"] or columns["release_year"]),
        _period(columns["available_from"], columns["available_until"]),
        *(_tag("media:category", each) for each in _entries(columns["genres"])),
        *(_tag("media:credit", each, role=role) for role, each in _people(columns)),
        *(_tag("media:rating", each, scheme="urn:cbfc") for each in _entries(columns["maturity_rating"])),
        _countries(columns["countries"]),
        '<media:price type="subscription"/>' if columns["tier"] == "PREMIUM" else "",
        *(_tag("media:subTitle", "", lang=each) for each in _entries(columns["subtitle_languages"])),
        *_contents(columns["audio_languages"], columns["duration_seconds"]),
    ]
    return f"<item>{''.join(parts)}</item>\n".encode()


def mrss_tail() -> bytes:
    """Return what comes after the items."""
    return b"</channel></rss>\n"


class _Items:
    """Collects the elements of each item while the parser goes through the file."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._say
        self._open: list[_Element] = []
        self._item: list[_Element] | None = None
        self._item_depth = 0
        self._size = 0
        self._finished: list[list[_Element] | None] = []
        self._has_root = False

    def feed(self, chunk: bytes) -> None:
        """Read on."""
        try:
            self._parser.Parse(chunk, False)  # noqa: FBT003  # expat takes it by position
        except expat.ExpatError as error:
            self._fail(error)

    def end(self) -> None:
        """Make sure that the file is whole."""
        try:
            self._parser.Parse(b"", True)  # noqa: FBT003  # expat takes it by position
        except expat.ExpatError as error:
            self._fail(error)

    def finished(self) -> Sequence[list[_Element] | None]:
        """Return the items that ended since the last call; None for one that is too large."""
        found, self._finished = self._finished, []
        return found

    def _fail(self, error: expat.ExpatError) -> NoReturn:
        reason = f"{expat.ErrorString(error.code)}, line {error.lineno}"
        if self._has_root:
            raise ImportFileError(f"The XML breaks off: {reason}.", code="FILE_DAMAGED") from error
        raise ImportFileError(f"It is no XML: {reason}.") from error

    def _refuse_doctype(self, *_declared: object) -> None:
        raise ImportFileError("A document type is not taken.", code="FILE_UNSAFE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._has_root:
            if name != "rss":
                raise ImportFileError("It is no RSS.")
            self._has_root = True
        if len(self._open) >= _DEEPEST:
            raise ImportFileError(f"Elements lie more than {_DEEPEST} deep.")
        namespace, _, local = name.rpartition(" ")
        element = _Element(f"{namespace.rstrip('/')} {local}" if namespace else local, attributes)
        self._open.append(element)
        if self._item is None and element.name == "item":
            self._item, self._item_depth, self._size = [], len(self._open), 0
        elif self._item is not None and len(self._item) <= _MOST_ELEMENTS:
            self._item.append(element)
            self._size += sum(map(len, attributes.values()))

    def _say(self, text: str) -> None:
        if self._item is not None and self._size <= _MOST_CHARACTERS:
            self._open[-1].texts.append(text)
            self._size += len(text)

    def _end(self, _name: str) -> None:
        if self._item is not None and len(self._open) == self._item_depth:
            is_whole = len(self._item) <= _MOST_ELEMENTS and self._size <= _MOST_CHARACTERS
            self._finished.append(self._item if is_whole else None)
            self._item = None
        self._open.pop()


def _read(
    item: list[_Element] | None, number: int, *, source: str, seen: set[str], published_at: datetime
) -> TitleRecord | ColumnAmendment | BadRow:
    key = None
    try:
        if item is None:
            raise RowError("It is too large.")
        row = checked_columns(_columns(item))
        row = {name: text for name, text in row.items() if text or name in ("id", "title")}
        key = row["id"][:100] or None
        return film_of_columns(row, line=number, source=source, seen=seen, published_at=published_at)
    except RowError as error:
        return BadRow(number, str(error), error.code, key)


def _columns(item: list[_Element]) -> dict[str, str]:
    """Return what the item says, as columns; empty where it says nothing."""
    columns = {
        "id": _first(item, "guid"),
        "title": _first(item, f"{_MEDIA} title", "title"),
        "description": _first(item, f"{_MEDIA} description", "description"),
        **_released(_first(item, f"{_TERMS} issued")),
        **_window(_first(item, f"{_TERMS} valid")),
        "genres": _joined(each.text for each in item if each.name == f"{_MEDIA} category"),
        "maturity_rating": _first(item, f"{_MEDIA} rating").upper(),
        "countries": _allowed(item),
        "tier": "PREMIUM" if _says(item, f"{_MEDIA} price", "type", "subscription") else "",
        "subtitle_languages": _joined(each.attributes.get("lang", "") for each in _named(item, f"{_MEDIA} subTitle")),
        "audio_languages": _joined(each.attributes.get("lang", "") for each in _named(item, f"{_MEDIA} content")),
        "duration_seconds": next(filter(None, map(_duration, _named(item, f"{_MEDIA} content"))), ""),
    }
    people = dict.fromkeys(ROLES, "")
    for credit in _named(item, f"{_MEDIA} credit"):
        column = _COLUMN_OF_ROLE.get(credit.attributes.get("role", "").lower())
        if column is not None:
            people[column] = _joined([people[column], credit.text])
    return {**columns, **people}


def _named(item: list[_Element], name: str) -> list[_Element]:
    return [each for each in item if each.name == name]


def _first(item: list[_Element], *names: str) -> str:
    """Return what the first element says that says anything, under the first of the names that has one."""
    return next((each.text for name in names for each in _named(item, name) if each.text), "")


def _says(item: list[_Element], name: str, attribute: str, value: str) -> bool:
    return any(each.attributes.get(attribute) == value for each in _named(item, name))


def _joined(entries: Iterable[str]) -> str:
    return "|".join(entry for entry in entries if entry)


def _duration(content: _Element) -> str:
    """Return whole seconds: feeds have `118.5`, too."""
    text = content.attributes.get("duration", "").strip()
    return text.partition(".")[0] if re.fullmatch(r"\d{1,6}\.\d+", text) else text


def _released(text: str) -> dict[str, str]:
    is_year = len(text) == len("2026")
    return {"release_date": "" if is_year else text[:10], "release_year": text if is_year else text[:4]}


def _window(text: str) -> dict[str, str]:
    found = {match[1]: match[2] for part in text.split(";") if (match := _PERIOD.fullmatch(part))}
    return {"available_from": found.get("start", ""), "available_until": found.get("end", "")}


def _allowed(item: list[_Element]) -> str:
    """Return the countries of a restriction.

    Raises:
        RowError: It says where not, which would be taken for everywhere else.
    """
    for each in _named(item, f"{_MEDIA} restriction"):
        if each.attributes.get("type") == "country":
            if each.attributes.get("relationship") != "allow":
                raise RowError("A restriction to all countries but some is not taken; say which are allowed.")
            return "|".join(each.text.upper().split())
    return ""


def _entries(text: str) -> list[str]:
    return [entry for entry in text.split("|") if entry]


def _people(columns: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column, role in ROLES.items():
        for name in _entries(columns[column]):
            yield role.value.lower(), name


def _period(start: str, end: str) -> str:
    parts = [f"{name}={moment}" for name, moment in (("start", start), ("end", end)) if moment]
    return _tag("dcterms:valid", f"{'; '.join(parts)}; scheme=W3C-DTF") if parts else ""


def _countries(text: str) -> str:
    return _tag("media:restriction", text.replace("|", " "), relationship="allow", type="country") if text else ""


def _contents(languages: str, seconds: str) -> list[str]:
    """Return an element for each language that can be heard, all of the same length."""
    duration = {"duration": seconds} if seconds else {}
    found = [{"lang": each} for each in _entries(languages)] or ([{}] if seconds else [])
    return [_tag("media:content", "", medium="video", **duration, **language) for language in found]


def _optional(name: str, text: str) -> str:
    return _tag(name, text) if text else ""


def _tag(name: str, text: str, **attributes: str) -> str:
    said = "".join(f" {key}={quoteattr(_PRIVATE.sub('', value))}" for key, value in attributes.items())
    return f"<{name}{said}>{_escaped(text)}</{name}>"


def _escaped(text: str) -> str:
    return escape(_PRIVATE.sub("", text))
