"""Languages of tracks: what containers write becomes a BCP 47 tag, and a tag a name that viewers read."""

import re

# ISO 639-2 codes, which MP4 and Matroska write, of the languages that an Indian catalogue meets.
_SHORT = {
    "asm": "as",
    "ben": "bn",
    "chi": "zh",
    "zho": "zh",
    "deu": "de",
    "eng": "en",
    "fra": "fr",
    "fre": "fr",
    "ger": "de",
    "guj": "gu",
    "hin": "hi",
    "ita": "it",
    "jpn": "ja",
    "kan": "kn",
    "kor": "ko",
    "mal": "ml",
    "mar": "mr",
    "ori": "or",
    "pan": "pa",
    "por": "pt",
    "rus": "ru",
    "spa": "es",
    "tam": "ta",
    "tel": "te",
    "urd": "ur",
}
_NAMES = {
    "as": "অসমীয়া",
    "bn": "বাংলা",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "gu": "ગુજરાતી",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "kn": "ಕನ್ನಡ",
    "ko": "한국어",
    "ml": "മലയാളം",
    "mr": "मराठी",
    "or": "ଓଡ଼ିଆ",
    "pa": "ਪੰਜਾਬੀ",
    "pt": "Português",
    "ru": "Русский",
    "ta": "தமிழ்",
    "te": "తెలుగు",
    "ur": "اردو",
    "zh": "中文",
}
# ISO 639-1, two letters each: the packager takes no others.
_ISO_639_1 = (
    "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfyga"
    "gdglgngugvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnloltlulv"
    "mgmhmimkmlmnmrmsmtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsr"
    "ssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevivowawoxhyiyozazhzu"
)
_TWO_LETTERS = frozenset(_ISO_639_1[at : at + 2] for at in range(0, len(_ISO_639_1), 2))

UNKNOWN = "mis"
"""The tag of a language that nobody told. It would be `und`, which the packager does not take."""

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def language_tag(told: str | None) -> str | None:
    """Return the BCP 47 tag of what a container or a person says (`eng` → `en`); None for unknown or malformed."""
    if told is None:
        return None
    first, dash, rest = told.strip().replace("_", "-").partition("-")
    first = first.lower()
    if first in ("und", "mul", "mis", "zxx"):
        return None
    first = _SHORT.get(first, first)
    if len(first) == 2 and first not in _TWO_LETTERS:
        return None
    tag = first + dash + rest
    return tag if _TAG.fullmatch(tag) else None


def language_name(tag: str) -> str:
    """Return the language's own name: `हिन्दी`; the tag itself where none is known."""
    if tag == UNKNOWN:
        return "Unknown language"
    return _NAMES.get(tag.split("-", maxsplit=1)[0], tag)
