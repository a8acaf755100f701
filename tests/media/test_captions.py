"""Caption files as people write them, and the WebVTT that comes out."""

from pathlib import Path

import pytest

from media.captions import MOST_CUES, Cue, fit_to_film, parse_captions, read_captions, write_webvtt
from media.errors import MediaError, MediaFault

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Where
are you?</i>

2
00:01:00,04 --> 00:01:01,000 X1:100 Y1:100
{\\an8}<font color="#fff">Here & there</font> 3 < 4
"""
VTT = """WEBVTT - made by hand
Kind: captions

STYLE
::cue { color: red }

NOTE nobody reads this

intro
00:01.000 --> 00:02.500 line:0 align:start
<v Asha>Where &amp; when?</v>

01:00:00.000 --> 01:00:01.000
<c.loud>Boo</c><00:59.000>!
"""


def fault(text: str) -> str:
    """Return why the text is no caption file."""
    with pytest.raises(MediaError) as refused:
        parse_captions(text)
    assert refused.value.code is MediaFault.CAPTIONS_INVALID
    return refused.value.message.removeprefix("The caption file cannot be used. ")


def test_subrip_is_read() -> None:
    assert parse_captions(SRT) == (
        Cue(1_000, 2_500, "<i>Where\nare you?</i>"),
        Cue(60_040, 61_000, "Here &amp; there 3 &lt; 4"),
    )


def test_webvtt_is_read() -> None:
    assert parse_captions(VTT) == (
        Cue(1_000, 2_500, "<v Asha>Where &amp; when?</v>"),
        Cue(3_600_000, 3_601_000, "Boo!"),
    )


@pytest.mark.parametrize("text", [SRT, VTT])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_is_written_reads_the_same(text: str, newline: str) -> None:
    cues = parse_captions(text.replace("\n", newline))

    assert cues == parse_captions(text)
    assert parse_captions(write_webvtt(cues)) == cues


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_are_read_in_unicode(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "hindi.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nनमस्ते\n", encoding=encoding)

    assert read_captions(path) == (Cue(1_000, 2_000, "नमस्ते"),)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.srt"
    path.write_bytes("1\n00:00:01,000 --> 00:00:02,000\ncafé\n".encode("latin-1"))

    with pytest.raises(MediaError, match="It is not UTF-8"):
        read_captions(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "There is no cue in it"),
        ("WEBVTT\n", "There is no cue in it"),
        ("just some words", "Line 1: a cue needs its time"),
        ("1\n00:00:01 -> 00:00:02\nHi\n", "Line 1: a cue needs its time"),
        ("1\n00:00:01,000 --> later\nHi\n", "Line 2: the time is malformed"),
        ("1\n00:61:00,000 --> 00:62:00,000\nHi\n", "Line 2: the time is malformed"),
        ("1\n00:00:02,000 --> 00:00:02,000\nHi\n", "Line 2: the cue ends before it begins"),
        ("1\n00:00:01,000 --> 00:10:01,000\nHi\n", "Line 2: a cue may last 120 seconds"),
        (f"1\n00:00:01,000 --> 00:00:02,000\n{'x' * 2001}\n", "Line 2: a cue may have 2000 characters"),
        ("WEBVTT\n\n\x00", "It is no text"),
        ("1\n00:00:01,000 --> 00:00:02,000\nx\n\n" * (MOST_CUES + 1), "It may have 20000 cues"),
    ],
)
def test_what_is_no_caption_file_is_refused_with_its_line(text: str, words: str) -> None:
    assert fault(text).startswith(words)


def test_markup_cannot_break_out() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n<b>one --> two <script>alert(1)</script> </i><u>\n"

    assert parse_captions(text)[0].text == "<b>one --&gt; two alert(1) <u></u></b>"


def test_cues_are_put_in_order_and_empty_ones_are_dropped() -> None:
    last, first = "00:00:03,000 --> 00:00:04,000\nlast", "00:00:01,000 --> 00:00:02,000\nfirst"
    empty = "00:00:02,000 --> 00:00:03,000\n<i></i>"

    cues = parse_captions("\n\n".join((last, first, empty)))

    assert [cue.text for cue in cues] == ["first", "last"]


def test_cues_end_with_the_film_and_those_after_it_are_dropped() -> None:
    cues = (Cue(0, 1_000, "a"), Cue(3_000, 9_000, "b"), Cue(4_000, 5_000, "c"))

    assert fit_to_film(cues, 4.0) == (Cue(0, 1_000, "a"), Cue(3_000, 4_000, "b"))
    with pytest.raises(MediaError, match="Every cue begins after the end"):
        fit_to_film(cues[2:], 4.0)
