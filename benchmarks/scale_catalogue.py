"""Generated titles for benchmarks of scale: as many as wanted, the same for the same number, distributed as in life.

Few genres, languages, people and words are very frequent and most are rare (Zipf); one title in ten has licences, one
in four is for some countries only. Nothing is stored here: benchmarks/scale_loading.py does that.
"""

import random
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from stack.seed.words import ADJECTIVES, FIRST_NAMES, LAST_NAMES, NOUNS
from subgraphs.catalog.models import CreditRole, PlayableKind, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import (
    CreditRecord,
    EpisodeRecord,
    FixtureRecord,
    GenreRecord,
    LicenceRecord,
    SeasonRecord,
    TitleRecord,
    slug_of,
    title_id,
)
from subgraphs.shared.values import MaturityRating, Tier

NOW = datetime(2026, 11, 1, tzinfo=UTC)
"""The moment of the benchmark: windows and publications lie around it."""

CHUNK = 1000
"""Titles that one random generator makes, so that any part of the catalogue can be made alone."""

RARE_GENRES = tuple(
    GenreRecord(slug, {"en": name}, 100 + place)
    for place, (slug, name) in enumerate((("operetta", "Operetta"), ("mountain-film", "Mountain Film")))
)
RARE_LANGUAGE = "la"
RARE_SHARE = 0.0001

_FREQUENT_COUNTRIES = ("IN", "US", "GB", "AE", "DE", "FR", "BR", "JP", "ID", "NG", "LK", "NZ")
_LANGUAGES = (
    "en",
    "hi",
    "ta",
    "te",
    "bn",
    "mr",
    "ml",
    "kn",
    "es",
    "fr",
    "ko",
    "ja",
    "de",
    "pt",
    "gu",
    "pa",
    "it",
    "sv",
)
_SYLLABLES = (
    "ka:का ki:की ra:रा ri:री ma:मा mi:मी na:ना ni:नी ta:ता ti:ती la:ला li:ली sa:सा pa:पा pi:पी ba:बा da:दा di:दी ja:जा "
    "ga:गा ha:हा ya:या va:वा ru:रू su:सू mo:मो ro:रो de:दे be:बे"
)
_HINDI = tuple(tuple(pair.split(":")) for pair in _SYLLABLES.split(" "))
_ONSETS = ("b", "br", "c", "d", "dr", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "w")
_RHYMES = ("al", "an", "ar", "ell", "en", "er", "ick", "in", "ing", "old", "on", "or", "um", "und", "ush", "y")
_WORDS = 30_000
_HINDI_WORDS = 4_000
_PEOPLE = 200_000
_RATINGS: tuple[tuple[MaturityRating | None, float], ...] = (
    (MaturityRating.U, 0.12),
    (MaturityRating.UA_7, 0.10),
    (MaturityRating.UA_13, 0.28),
    (MaturityRating.UA_16, 0.20),
    (MaturityRating.A, 0.18),
    (None, 0.12),
)


class _Zipf:
    """Picks places of a list, the first most often: the place n with a weight of 1 / n ** exponent."""

    def __init__(self, size: int, exponent: float) -> None:
        self._sums = list(accumulate(1 / place**exponent for place in range(1, size + 1)))

    def pick(self, chance: random.Random) -> int:
        return bisect(self._sums, chance.random() * self._sums[-1])


class Generator:
    """Makes the titles of a catalogue of any size."""

    def __init__(self) -> None:
        chance = random.Random("words")
        known = [word.english for word in ADJECTIVES] + [word.english for word in NOUNS]
        self._words = _distinct(known, lambda: _invented(chance), _WORDS)
        self._hindi = _hindi_words(chance)
        self._people = _people(chance)
        self._genres = list(KNOWN_GENRES.values())
        self._word_of, self._hindi_of = _Zipf(len(self._words), 0.95), _Zipf(len(self._hindi), 0.8)
        self._person_of, self._genre_of = _Zipf(len(self._people), 0.7), _Zipf(len(self._genres), 1.0)
        self._language_of, self._country_of = _Zipf(len(_LANGUAGES), 1.1), _Zipf(len(_FREQUENT_COUNTRIES), 1.0)

    def titles(self, first: int, until: int) -> Iterator[TitleRecord]:
        """Yield the titles of these numbers; `first` begins a chunk."""
        for start in range(first, until, CHUNK):
            chance = random.Random(f"titles:{start}")
            for number in range(start, min(start + CHUNK, until)):
                yield self._title(number, chance)

    def _title(self, number: int, chance: random.Random) -> TitleRecord:
        own = title_id("scale", str(number))
        kind = chance.choices((TitleKind.MOVIE, TitleKind.SHOW, TitleKind.SPORTS_EVENT), (0.94, 0.05, 0.01))[0]
        languages = self._languages(chance)
        texts = self._texts(languages, chance)
        name = next(iter(texts.values())).name
        released = date(2026, 10, 1) - timedelta(days=int(38_000 * chance.random() ** 2.2))
        licences = self._licences(chance) if chance.random() < 0.1 else ()
        opens, closes, countries, tier, rentable = self._terms(licences, chance)
        published = NOW - timedelta(minutes=chance.randrange(2_600_000))
        return TitleRecord(
            id=own,
            kind=kind,
            slug=f"{slug_of(name)}-{number}",
            original_name=name,
            texts=texts,
            release_date=released if chance.random() < 0.3 else None,
            release_year=released.year if chance.random() < 0.98 else None,
            maturity_rating=chance.choices([r for r, _ in _RATINGS], [w for _, w in _RATINGS])[0],
            required_tier=tier,
            audio_languages=languages,
            subtitle_languages=("en",) if chance.random() < 0.6 else (),
            published_at=published if chance.random() > 0.01 else NOW + timedelta(days=chance.randrange(1, 90)),
            genres=self._genres_of(chance),
            credits=self._credits(chance),
            rentable=rentable,
            available_from=opens,
            available_until=closes,
            countries=countries,
            licences=licences,
            seasons=_seasons(own, chance) if kind is TitleKind.SHOW else (),
            playable_kind=PlayableKind.LIVE_EVENT if kind is TitleKind.SPORTS_EVENT else PlayableKind.FEATURE,
            duration_seconds=chance.randrange(1200, 11_000) if kind is not TitleKind.SHOW else None,
            fixture=_fixture(chance) if kind is TitleKind.SPORTS_EVENT else None,
        )

    def _languages(self, chance: random.Random) -> tuple[str, ...]:
        if chance.random() < RARE_SHARE:
            return (RARE_LANGUAGE,)
        wanted = {_LANGUAGES[self._language_of.pick(chance)] for _ in range(chance.choice((1, 1, 1, 2, 3)))}
        return tuple(sorted(wanted, key=_LANGUAGES.index))

    def _texts(self, languages: Sequence[str], chance: random.Random) -> dict[str, Text]:
        about = " ".join(self._word(chance) for _ in range(12))
        if "hi" in languages:
            pairs = [self._hindi[self._hindi_of.pick(chance)] for _ in range(chance.choice((1, 2, 2, 3)))]
            roman = " ".join(pair[0] for pair in pairs).title()
            return {"en": Text(roman, about), "hi": Text(" ".join(pair[1] for pair in pairs), "")}
        words = " ".join(self._word(chance) for _ in range(chance.choice((1, 2, 2, 2, 3, 3, 4))))
        return {"en": Text(f"The {words}" if chance.random() < 0.25 else words, about)}

    def _word(self, chance: random.Random) -> str:
        return self._words[self._word_of.pick(chance)]

    def _genres_of(self, chance: random.Random) -> tuple[GenreRecord, ...]:
        wanted = [self._genres[self._genre_of.pick(chance)] for _ in range(chance.choice((1, 2, 2, 3)))]
        if chance.random() < RARE_SHARE:
            wanted.append(chance.choice(RARE_GENRES))
        return tuple({genre.slug: genre for genre in wanted}.values())

    def _credits(self, chance: random.Random) -> tuple[CreditRecord, ...]:
        names = dict.fromkeys(self._people[self._person_of.pick(chance)] for _ in range(chance.choice((2, 3, 4, 6))))
        roles = (CreditRole.DIRECTOR, *[CreditRole.ACTOR] * 8)
        return tuple(CreditRecord(name, role) for name, role in zip(names, roles, strict=False))

    def _countries(self, chance: random.Random) -> tuple[str, ...]:
        wanted = {_FREQUENT_COUNTRIES[self._country_of.pick(chance)] for _ in range(chance.choice((1, 1, 2, 4)))}
        return tuple(sorted(wanted))

    def _licences(self, chance: random.Random) -> tuple[LicenceRecord, ...]:
        return tuple(
            LicenceRecord(self._countries(chance), *_window(chance), _tier(chance), rentable=chance.random() < 0.2)
            for _ in range(chance.choice((1, 2, 3)))
        )

    def _terms(
        self, licences: Sequence[LicenceRecord], chance: random.Random
    ) -> tuple[datetime | None, datetime | None, tuple[str, ...] | None, Tier, bool]:
        """Return window, countries, tier and rent: the envelope of the licences, as publishing makes it."""
        if not licences:
            countries = self._countries(chance) if chance.random() < 0.25 else None
            opens, closes = _window(chance) if chance.random() < 0.3 else (None, None)
            return opens, closes, countries, _tier(chance), chance.random() < 0.1
        begins, ends = [each.starts_at for each in licences], [each.ends_at for each in licences]
        return (
            None if None in begins else min(begin for begin in begins if begin),
            None if None in ends else max(end for end in ends if end),
            tuple(sorted({place for each in licences for place in each.countries or ()})),
            Tier.FREE if any(each.tier is Tier.FREE for each in licences) else Tier.PREMIUM,
            any(each.rentable for each in licences),
        )


def _window(chance: random.Random) -> tuple[datetime | None, datetime | None]:
    """Return a window that has mostly begun and is mostly not over."""
    opens = NOW + timedelta(days=chance.randrange(-900, 60))
    return (opens if chance.random() < 0.7 else None, opens + timedelta(days=chance.randrange(400, 2500)))


def _tier(chance: random.Random) -> Tier:
    return Tier.FREE if chance.random() < 0.3 else Tier.PREMIUM


def _seasons(own: UUID, chance: random.Random) -> tuple[SeasonRecord, ...]:
    return tuple(
        SeasonRecord(
            number,
            {},
            None,
            tuple(
                EpisodeRecord(each, {"en": Text(f"Episode {each}", "")}, 2400)
                for each in range(1, chance.randrange(3, 7))
            ),
        )
        for number in range(1, 2 + own.int % 2)
    )


def _fixture(chance: random.Random) -> FixtureRecord:
    starts = NOW + timedelta(hours=chance.randrange(-9000, 900))
    return FixtureRecord("football", None, starts, starts + timedelta(hours=2))


def _invented(chance: random.Random) -> str:
    return "".join(chance.choice(_ONSETS) + chance.choice(_RHYMES) for _ in range(chance.choice((1, 2, 2, 3)))).title()


def _distinct(known: Sequence[str], invent: Callable[[], str], count: int) -> list[str]:
    words = dict.fromkeys(known)
    while len(words) < count:
        words[invent()] = None
    return list(words)


def _hindi_words(chance: random.Random) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    while len(found) < _HINDI_WORDS:
        parts = [chance.choice(_HINDI) for _ in range(chance.choice((2, 2, 3)))]
        found["".join(part[0] for part in parts)] = "".join(part[1] for part in parts)
    return list(found.items())


def _people(chance: random.Random) -> list[str]:
    firsts = _distinct(FIRST_NAMES, lambda: _invented(chance), 1500)
    lasts = _distinct(LAST_NAMES, lambda: _invented(chance), 6000)
    found: dict[str, None] = {}
    while len(found) < _PEOPLE:
        found[f"{chance.choice(firsts)} {chance.choice(lasts)}"] = None
    return list(found)
