"""Language tags are kept as they are usually written, and what is none is told from them."""

import pytest

from subgraphs.shared.values import language_tag


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("en", "en"),
        ("EN-in", "en-IN"),
        ("hi-LATN", "hi-Latn"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("zh-YUE-hk", "zh-yue-HK"),
        ("SL-IT-Nedis", "sl-IT-nedis"),
        ("de-CH-1996", "de-CH-1996"),
        ("kok", "kok"),
    ],
)
def test_case_means_nothing_in_a_language_tag(given: str, kept: str) -> None:
    assert language_tag(given) == kept
    assert language_tag(kept) == kept


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            "e",
            "english",
            "en_US",
            "en-",
            "-en",
            "en--IN",
            " en",
            "en\n",
            "en-I",
            "en-12",
            "en-IN-IN",
            "en-Latn-Latn",
        ),
        *("हि", "\u212ao", "en-\u0661\u0662\u0663", "de-1996-1996", "hi-u-nu-deva", "en-x-ours", "x-ours", "i-klingon"),
        "sl-IT-abcdefgh-bcdefghi-cdefghij-def",
    ],
)
def test_what_is_no_language_tag_is_told(given: str) -> None:
    assert language_tag(given) is None
