"""Reasons and headings in the viewer's language. A locale without words here falls back along its chain to English."""

from collections.abc import Mapping, Sequence

from subgraphs.recommendations.models.rows import ReasonNote
from subgraphs.recommendations.models.words import ReasonKind

_REASONS: dict[str, dict[ReasonKind, str]] = {
    "en": {
        ReasonKind.BECAUSE_YOU_WATCHED: "Because you watched {because}",
        ReasonKind.SAME_GENRE: "More {subject}, like {because}",
        ReasonKind.SAME_CAST: "With {subject}, as in {because}",
        ReasonKind.SAME_DIRECTOR: "Directed by {subject}, like {because}",
        ReasonKind.LANGUAGE_MATCH: "In {subject}, like {because}",
        ReasonKind.TRENDING: "Trending this week",
        ReasonKind.NEW_FOR_YOU: "Newly released",
        ReasonKind.EDITORIAL: "Picked for “{subject}”",
    },
    "hi": {
        ReasonKind.BECAUSE_YOU_WATCHED: "क्योंकि आपने {because} देखा",
        ReasonKind.SAME_GENRE: "{because} जैसा और {subject}",
        ReasonKind.SAME_CAST: "{because} की तरह {subject} के साथ",
        ReasonKind.SAME_DIRECTOR: "{because} की तरह {subject} का निर्देशन",
        ReasonKind.LANGUAGE_MATCH: "{because} की तरह {subject} में",
        ReasonKind.TRENDING: "इस हफ़्ते ट्रेंडिंग",
        ReasonKind.NEW_FOR_YOU: "नई रिलीज़",
        ReasonKind.EDITORIAL: "“{subject}” के लिए चुना गया",
    },
}

_PLAIN = frozenset({ReasonKind.TRENDING, ReasonKind.NEW_FOR_YOU})
"""Reasons of whose words nothing depends on the title: a page has dozens."""

_LANGUAGES: dict[str, dict[str, str]] = {
    "en": {"en": "English", "hi": "अंग्रेज़ी"},
    "hi": {"en": "Hindi", "hi": "हिन्दी"},
    "bn": {"en": "Bengali", "hi": "बांग्ला"},
    "gu": {"en": "Gujarati", "hi": "गुजराती"},
    "kn": {"en": "Kannada", "hi": "कन्नड़"},
    "ml": {"en": "Malayalam", "hi": "मलयालम"},
    "mr": {"en": "Marathi", "hi": "मराठी"},
    "pa": {"en": "Punjabi", "hi": "पंजाबी"},
    "ta": {"en": "Tamil", "hi": "तमिल"},
    "te": {"en": "Telugu", "hi": "तेलुगु"},
    "ur": {"en": "Urdu", "hi": "उर्दू"},
}


def in_first_locale(texts: Mapping[str, str], locales: Sequence[str]) -> str:
    """Return the text in the first of the locales that has one; else any, else an empty one."""
    for locale in locales:
        if locale in texts:
            return texts[locale]
    return next(iter(texts.values()), "")


def reason_text(note: ReasonNote, locales: Sequence[str]) -> str:
    """Return why the title is shown, in words."""
    for locale in locales:
        if locale in _REASONS:
            template = _REASONS[locale][note.kind]
            break
    else:
        template = _REASONS["en"][note.kind]
    if note.kind in _PLAIN:
        return template
    return template.format(
        subject=_subject(note.subject or {}, locales), because=in_first_locale(note.because_names or {}, locales)
    )


def heading_text(headings: Mapping[str, str], locales: Sequence[str], *, because: Mapping[str, str] | None) -> str:
    """Return the heading of a tray; `{title}` in it becomes the name of the title that the viewer watched."""
    heading = in_first_locale(headings, locales)
    return heading if because is None else heading.replace("{title}", in_first_locale(because, locales))


def _subject(subject: Mapping[str, str], locales: Sequence[str]) -> str:
    """Return what titles share; a language comes as its code."""
    code = subject.get("code")
    if code is None:
        return in_first_locale(subject, locales)
    return in_first_locale(_LANGUAGES.get(code.partition("-")[0], {"en": code}), locales)
