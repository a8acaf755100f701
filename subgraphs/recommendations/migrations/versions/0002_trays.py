"""The trays that a new platform starts with. Editors change the rows of the table; this file is only their first state.

Tables: PAGES says which trays stand on which page in which order, TRAYS what each is, GENRES their names (slugs as in
catalog). A genre without enough titles leaves its tray out by itself, so the list is longer than any page.
"""

from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"

NAMESPACE = UUID("6d1f4b3e-50b5-4e0f-9d53-0f3a7f6f2c11")

# tray: kind, layout, source, title kinds, size, fewest items, titles before the ad slot, headings
TRAYS: dict[str, tuple[str, str, str, list[str] | None, int, int, int | None, str, str]] = {
    "recommended": (
        "RECOMMENDED", "LANDSCAPE", "RECOMMENDED", None, 40, 1, None,
        "Recommended for you", "आपके लिए सुझाव",
    ),
    "trending": ("TRENDING", "SPOTLIGHT", "TRENDING", None, 40, 1, None, "Trending now", "अभी ट्रेंडिंग"),
    "new": ("NEW_RELEASES", "POSTER", "NEW_RELEASES", None, 40, 1, 4, "New releases", "नई रिलीज़"),
    "because": (
        "BECAUSE_YOU_WATCHED", "POSTER", "BECAUSE_YOU_WATCHED", None, 20, 4, None,
        "Because you watched {title}", "क्योंकि आपने {title} देखा",
    ),
    "top-movies": (
        "TOP_10", "RANKED", "TRENDING", ["MOVIE"], 10, 1, None,
        "Top 10 movies this week", "इस हफ़्ते की टॉप 10 फ़िल्में",
    ),
    "top-shows": (
        "TOP_10", "RANKED", "TRENDING", ["SHOW"], 10, 1, None,
        "Top 10 shows this week", "इस हफ़्ते के टॉप 10 शो",
    ),
    "free": (
        "FREE_TO_WATCH", "LANDSCAPE", "FREE_TO_WATCH", None, 40, 1, None,
        "Free to watch", "मुफ़्त में देखें",
    ),
    "new-movies": ("NEW_RELEASES", "POSTER", "NEW_RELEASES", ["MOVIE"], 40, 1, None, "New movies", "नई फ़िल्में"),
    "new-shows": ("NEW_RELEASES", "POSTER", "NEW_RELEASES", ["SHOW"], 40, 1, None, "New shows", "नए शो"),
    "hindi": ("LANGUAGE", "POSTER", "LANGUAGE:hi", None, 40, 10, None, "In Hindi", "हिन्दी में"),
}  # fmt: skip

GENRES: dict[str, tuple[str, str]] = {
    "drama": ("Drama", "ड्रामा"),
    "comedy": ("Comedy", "कॉमेडी"),
    "action": ("Action", "एक्शन"),
    "family": ("Family", "परिवार"),
    "thriller": ("Thrillers", "थ्रिलर"),
    "romance": ("Romance", "रोमांस"),
    "adventure": ("Adventure", "रोमांचक सफ़र"),
    "animated": ("Animated", "ऐनिमेटेड"),
    "fantasy": ("Fantasy", "फ़ैंटेसी"),
    "science-fiction": ("Science fiction", "साइंस फ़िक्शन"),
    "crime": ("Crime", "अपराध"),
    "mystery": ("Mystery", "रहस्य"),
    "horror": ("Horror", "हॉरर"),
    "musical": ("Musicals", "संगीतमय"),
    "documentary": ("Documentaries", "वृत्तचित्र"),
    "historical": ("Historical", "ऐतिहासिक"),
    "biography": ("Biographies", "जीवनी"),
    "sports": ("Sports", "खेल"),
    "war": ("War", "युद्ध"),
    "western": ("Westerns", "वेस्टर्न"),
    "noir": ("Noir", "नुआर"),
    "silent": ("Silent films", "मूक फ़िल्में"),
}
FOR_CHILDREN = (
    "family",
    "animated",
    "adventure",
    "comedy",
    "sports",
    "science-fiction",
    "fantasy",
    "musical",
    "documentary",
    "drama",
    "historical",
)

PAGES: dict[str, tuple[list[str] | None, tuple[str, ...]]] = {
    "HOME": (
        None,
        ("recommended", "trending", "new", "because", "top-movies", "top-shows", "free",
         *list(GENRES)[:6], "hindi", *list(GENRES)[6:], "new-movies", "new-shows"),
    ),
    "MOVIES": (["MOVIE"], ("trending", "top-movies", "new", "free", *GENRES, "hindi")),
    "SHOWS": (["SHOW"], ("trending", "top-shows", "new", "free", *GENRES, "hindi")),
    "KIDS": (
        None,
        ("trending", "new", "top-movies", "top-shows", "free", *FOR_CHILDREN, "new-movies", "new-shows", "hindi"),
    ),
}  # fmt: skip


def upgrade() -> None:
    table = sa.table(
        "tray_definitions",
        sa.column("id", sa.Uuid),
        sa.column("page", sa.Text),
        sa.column("position", sa.SmallInteger),
        sa.column("kind", sa.Text),
        sa.column("layout", sa.Text),
        sa.column("headings", JSONB),
        sa.column("source", sa.Text),
        sa.column("argument", sa.Text),
        sa.column("title_kinds", ARRAY(sa.Text)),
        sa.column("size", sa.SmallInteger),
        sa.column("min_items", sa.SmallInteger),
        sa.column("ad_after", sa.SmallInteger),
        sa.column("is_active", sa.Boolean),
    )
    op.bulk_insert(table, [row for page in PAGES for row in rows_of(page)])


def rows_of(page: str) -> list[dict[str, Any]]:
    page_kinds, keys = PAGES[page]
    rows = []
    for number, key in enumerate(keys, start=1):
        kind, layout, rule, kinds, size, fewest, ad_after, english, hindi = tray_of(key)
        source, _, argument = rule.partition(":")
        rows.append(
            {
                "id": uuid5(NAMESPACE, f"{page}/{key}"),
                "page": page,
                "position": number * 10,
                "kind": kind,
                "layout": layout,
                "headings": {"en": english, "hi": hindi},
                "source": source,
                "argument": argument or None,
                "title_kinds": kinds or page_kinds,
                "size": size,
                "min_items": fewest,
                "ad_after": None if page == "KIDS" else ad_after,
                "is_active": True,
            }
        )
    return rows


def tray_of(key: str) -> tuple[str, str, str, list[str] | None, int, int, int | None, str, str]:
    if key in TRAYS:
        return TRAYS[key]
    english, hindi = GENRES[key]
    return ("GENRE", "POSTER", f"GENRE:{key}", None, 40, 10, None, english, hindi)
