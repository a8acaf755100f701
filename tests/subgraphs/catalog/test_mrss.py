"""Feeds of partners, as they come."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest

from subgraphs.catalog.models import CreditRole
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.importing import BadRow, ImportFileError
from subgraphs.catalog.service.mrss import read_mrss
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.shared.values import MaturityRating, Tier

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ITEM = """<item>
  <guid isPermaLink="false"> film-1 </guid><title>Rain &amp; Ruin</title><link>https://partner.example/1</link>
  <description><![CDATA[Plain words.]]></description><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>
  <dcterms:issued>2024-07-01</dcterms:issued>
  <dcterms:valid>start=2026-01-01T00:00:00Z; end=2027-01-01T00:00:00+05:30; scheme=W3C-DTF</dcterms:valid>
  <media:group>
    <media:content url="https://partner.example/1.mp4" medium="video" duration="7080.5" lang="hi"/>
    <media:content url="https://partner.example/1en.mp4" medium="video" lang="en"/>
  </media:group>
  <media:description type="html">&lt;p&gt;Rain, &lt;b&gt;again&lt;/b&gt; &amp;amp; again.&lt;/p&gt;</media:description>
  <media:category scheme="urn:x">Drama</media:category><media:category>Sport</media:category>
  <media:credit role="director" scheme="urn:ebu">Nila Das</media:credit>
  <media:credit role="actor">Asha Rao</media:credit><media:credit role="Actor">Vikram Sen</media:credit>
  <media:credit role="gaffer">Nobody</media:credit>
  <media:rating scheme="urn:mpaa">pg-13</media:rating>
  <media:restriction relationship="allow" type="country">in np</media:restriction>
  <media:price type="subscription"/><media:subTitle lang="en" type="text/vtt" href="https://partner.example/1.vtt"/>
</item>"""


def feed(*items: str, head: str = "", namespace: str = "http://search.yahoo.com/mrss/") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<rss version="2.0" xmlns:media="{namespace}" '
        f'xmlns:dcterms="http://purl.org/dc/terms/"><channel><title>Partner</title>{"".join(items)}</channel></rss>'
    ).encode()


def read(*chunks: bytes) -> list[object]:
    return list(read_mrss(chunks, published_at=NOW))


@pytest.mark.requirement("FF-10")
@pytest.mark.parametrize("namespace", ["http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"])
def test_an_item_is_a_film(namespace: str) -> None:
    (film,) = read(feed(ITEM, namespace=namespace))

    assert isinstance(film, TitleRecord)
    assert film.texts == {"en": Text("Rain & Ruin", "Rain, again & again.")}
    assert (film.release_date, film.release_year, film.duration_seconds) == (date(2024, 7, 1), 2024, 7080)
    assert (film.maturity_rating, film.required_tier) == (MaturityRating.UA_13, Tier.PREMIUM)
    assert [genre.slug for genre in film.genres] == ["drama", "sports"]
    assert [(credit.role, credit.name) for credit in film.credits] == [
        (CreditRole.DIRECTOR, "Nila Das"),
        (CreditRole.ACTOR, "Asha Rao"),
        (CreditRole.ACTOR, "Vikram Sen"),
    ]
    assert (film.audio_languages, film.subtitle_languages, film.countries) == (("hi", "en"), ("en",), ("IN", "NP"))
    assert film.available_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert film.available_until == datetime.fromisoformat("2027-01-01T00:00:00+05:30")
    assert film.published_at == NOW


def test_pieces_of_any_size_give_the_same_rows() -> None:
    content = feed(ITEM, "<item><guid>2</guid><title>Second</title></item>")
    pieces: Iterable[bytes] = [content[place : place + 7] for place in range(0, len(content), 7)]

    assert read(*pieces) == read(content)


def test_each_source_has_ids_of_its_own() -> None:
    content = feed("<item><guid>1</guid><title>A</title></item>")
    (ours,) = read(content)
    (theirs,) = read_mrss([content], published_at=NOW, source="feed:partner")

    assert isinstance(ours, TitleRecord)
    assert isinstance(theirs, TitleRecord)
    assert ours.id != theirs.id


def test_items_that_cannot_be_taken_are_named_by_their_place() -> None:
    deny = '<media:restriction relationship="deny" type="country">us</media:restriction>'
    items = [
        "<item><title>No guid</title></item>",
        "<item><guid>1</guid></item>",
        "<item><guid>2</guid><title>Good</title></item>",
        "<item><guid>2</guid><title>Twice</title></item>",
        f"<item><guid>3</guid><title>Denied</title>{deny}</item>",
        '<item><guid>4</guid><title>Long</title><media:content duration="ages"/></item>',
        f"<item><guid>5</guid><title>Large</title>{'<a/>' * 2001}</item>",
        f"<item><guid>6</guid><title>Wordy</title><description>{'x' * 1_000_001}</description></item>",
        "<item><guid>7</guid><title>Day</title><dcterms:issued>soon</dcterms:issued></item>",
    ]

    rows = read(feed(*items))

    assert [(row.line, row.code, row.key) for row in rows if isinstance(row, BadRow)] == [
        (1, "ROW_INVALID", None),
        (2, "ROW_INVALID", "1"),
        (4, "ROW_DUPLICATE", "2"),
        (5, "ROW_INVALID", None),
        (6, "ROW_INVALID", "4"),
        (7, "ROW_INVALID", None),
        (8, "ROW_INVALID", None),
        (9, "ROW_INVALID", "7"),
    ]
    assert len(rows) == 9


BOMB = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (feed("<item><guid>&c;</guid></item>", head=BOMB), "FILE_UNSAFE"),
        (feed(head='<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd">'), "FILE_UNSAFE"),
        (feed("<item><guid>&unknown;</guid></item>"), "FILE_DAMAGED"),
        (feed(ITEM)[:-10], "FILE_DAMAGED"),
        (feed("<a>" * 50 + "</a>" * 50), "FILE_FORMAT"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "FILE_FORMAT"),
        (b"id,title\n", "FILE_FORMAT"),
        (b"", "FILE_FORMAT"),
        (feed(ITEM).replace(b"<?xml", b"\xff<?xml"), "FILE_FORMAT"),
    ],
)
def test_what_is_unsafe_damaged_or_no_feed_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(ImportFileError) as raised:
        read(content)

    assert raised.value.code == code
