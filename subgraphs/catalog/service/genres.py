"""The genres that the catalogue knows by name in English and Hindi, in the order of a menu."""

from subgraphs.catalog.service.records import GenreRecord, slug_of

_NAMES = (
    ("Action", "एक्शन"),
    ("Drama", "नाटक"),
    ("Comedy", "हास्य"),
    ("Thriller", "थ्रिलर"),
    ("Romance", "रोमांस"),
    ("Sports", "खेल"),
    ("Crime", "अपराध"),
    ("Adventure", "रोमांच"),
    ("Family", "पारिवारिक"),
    ("Mystery", "रहस्य"),
    ("Science Fiction", "विज्ञान कथा"),
    ("Horror", "डरावनी"),
    ("Fantasy", "काल्पनिक"),
    ("Historical", "ऐतिहासिक"),
    ("Musical", "संगीतमय"),
    ("Documentary", "वृत्तचित्र"),
    ("Biography", "जीवनी"),
    ("War", "युद्ध"),
    ("Western", "वेस्टर्न"),
    ("Animated", "एनिमेटेड"),
    ("Silent", "मूक"),
    ("Short", "लघु फ़िल्म"),
    ("Noir", "नुआर"),
)
_OTHER_WORDS = {"sport": "sports", "sci-fi": "science-fiction", "history": "historical", "animation": "animated"}

KNOWN_GENRES = {
    slug_of(english): GenreRecord(slug_of(english), {"en": english, "hi": hindi}, position)
    for position, (english, hindi) in enumerate(_NAMES)
}
"""The genres by slug."""


def genre_named(name: str) -> GenreRecord | None:
    """Return the genre of that name, a new one if it is not known; None for a name without letters."""
    slug = slug_of(name)
    slug = _OTHER_WORDS.get(slug, slug)
    if not slug:
        return None
    return KNOWN_GENRES.get(slug) or GenreRecord(slug, {"en": name.strip()})
