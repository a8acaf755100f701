"""Scores, in plain Python over small pools: how alike two titles are, what a taste makes of a title, and why.

Both scores lie between 0 and 1 and are weighted sums of parts that lie there too. A reason names the most telling
part that really contributed: a shared director or actor before a genre, a genre before a language.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.recommendations.models.rows import ReasonNote, RowEntry
from subgraphs.recommendations.models.traits import Signal, Traits
from subgraphs.recommendations.models.words import ReasonKind

GENRE_WEIGHT, PEOPLE_WEIGHT, LANGUAGE_WEIGHT, ERA_WEIGHT, POPULARITY_WEIGHT = 0.45, 0.3, 0.1, 0.05, 0.1
DIRECTOR_SHARE, ACTOR_SHARE = 1.0, 0.6
TASTE_HALF_LIFE_DAYS = 30
_STRENGTH_OF_WEIGHT = {0: 0.0, 1: 0.5, 2: 1.5, 3: 3.0}
_STRENGTH_OF_RATING = {-1: -2.0, 0: 0.0, 1: 2.0}
_STRENGTH_OF_LISTING = 1.0
_TELLING_PEOPLE_PART = 0.1


@dataclass(frozen=True, slots=True)
class Source:
    """A title that the profile watched or liked, and how strongly."""

    title_id: str
    names: Mapping[str, str]
    strength: float


@dataclass(frozen=True, slots=True)
class Taste:
    """How much a profile likes each genre, person and language: 1 for the favourite, below 0 for what it dislikes.

    `sources` has, for each feature that it likes, the title that spoke for it most.
    """

    genres: Mapping[str, float]
    people: Mapping[str, float]
    languages: Mapping[str, float]
    sources: Mapping[str, Source]

    def favourites(self, liked: Mapping[str, float], *, limit: int) -> list[str]:
        """Return the best liked features, best first."""
        positive = [(feature, value) for feature, value in liked.items() if value > 0]
        return [feature for feature, _ in sorted(positive, key=lambda pair: (-pair[1], pair[0]))[:limit]]


def taste_of(signals: Iterable[Signal], *, at: datetime) -> Taste:
    """Return the taste that the signals show. What lies thirty days back counts half."""
    genres: dict[str, float] = defaultdict(float)
    people: dict[str, float] = defaultdict(float)
    languages: dict[str, float] = defaultdict(float)
    sources: dict[str, Source] = {}
    for signal in signals:
        strength = strength_of(signal, at=at)
        source = Source(signal.traits.title_id, signal.traits.names, strength)
        spread = strength / math.sqrt(len(signal.traits.genres) or 1)
        for collected, features, share in (
            (genres, signal.traits.genres, spread),
            (people, {credit["id"] for credit in signal.traits.credits}, strength),
            (languages, signal.traits.languages, strength),
        ):
            for feature in features:
                collected[feature] += share
                if strength > 0 and (feature not in sources or sources[feature].strength < strength):
                    sources[feature] = source
    return Taste(_normalised(genres), _normalised(people), _normalised(languages), sources)


def strength_of(signal: Signal, *, at: datetime) -> float:
    """Return how strongly a title speaks for (above 0) or against (below 0) what it is made of."""
    age_days = max(0.0, (at - signal.last_at).total_seconds() / 86_400)
    said = _STRENGTH_OF_RATING[signal.rating] + (_STRENGTH_OF_LISTING if signal.is_watchlisted else 0.0)
    watched = _STRENGTH_OF_WEIGHT[signal.weight] if signal.rating >= 0 else 0.0
    return float((watched + said) * 2 ** (-age_days / TASTE_HALF_LIFE_DAYS))


def _normalised(collected: Mapping[str, float]) -> dict[str, float]:
    top = max(collected.values(), default=0.0)
    return {feature: value / top for feature, value in collected.items()} if top > 0 else {}


def rank_for_taste(taste: Taste, pool: Sequence[Traits], *, limit: int) -> list[RowEntry]:
    """Return the titles that suit the taste, best first, each with its reason; what it does not suit is left out."""
    scored = (_scored_for_taste(taste, traits) for traits in pool)
    return _best([entry for entry in scored if entry is not None], limit=limit)


def _scored_for_taste(taste: Taste, traits: Traits) -> RowEntry | None:
    genre_part = _clipped(sum(taste.genres.get(genre, 0.0) for genre in traits.genres) / _root(traits.genres))
    people = _shared_people(traits, taste.people)
    people_part = _clipped(sum(people.values()))
    language_part = max((taste.languages.get(language, 0.0) for language in traits.languages), default=0.0)
    content = GENRE_WEIGHT * genre_part + PEOPLE_WEIGHT * people_part + LANGUAGE_WEIGHT * _clipped(language_part)
    reason = _reason(
        traits,
        people=people if people_part >= _TELLING_PEOPLE_PART else {},
        genres={genre: taste.genres.get(genre, 0.0) for genre in traits.genres},
        languages={language: taste.languages.get(language, 0.0) for language in traits.languages},
        sources=taste.sources,
    )
    if reason is None:
        return None
    return entry_of(traits, score=content + POPULARITY_WEIGHT * _popularity(traits), reason=reason)


def rank_similar(seed: Traits, pool: Sequence[Traits], *, limit: int) -> list[RowEntry]:
    """Return the titles most like the seed, best first, each with what they share; unlike ones are left out."""
    return _best([entry for traits in pool if (entry := _scored_against(seed, traits)) is not None], limit=limit)


def _scored_against(seed: Traits, traits: Traits) -> RowEntry | None:
    shared_genres = set(seed.genres) & set(traits.genres)
    genre_part = len(shared_genres) / len(set(seed.genres) | set(traits.genres)) if shared_genres else 0.0
    people = _shared_people(traits, dict.fromkeys((credit["id"] for credit in seed.credits), 1.0))
    shared_languages = set(seed.languages) & set(traits.languages)
    if not shared_genres and not people:
        return None
    score = (
        GENRE_WEIGHT * genre_part
        + PEOPLE_WEIGHT * _clipped(sum(people.values()))
        + LANGUAGE_WEIGHT * bool(shared_languages)
        + ERA_WEIGHT * _era(seed, traits)
        + POPULARITY_WEIGHT * _popularity(traits)
    )
    source = Source(seed.title_id, seed.names, 1.0)
    features = {*shared_genres, *people, *shared_languages}
    reason = _reason(
        traits,
        people=people,
        genres=dict.fromkeys(sorted(shared_genres), 1.0),
        languages=dict.fromkeys(sorted(shared_languages), 1.0),
        sources=dict.fromkeys(features, source),
    )
    return entry_of(traits, score=score, reason=reason)


def _reason(
    traits: Traits,
    *,
    people: Mapping[str, float],
    genres: Mapping[str, float],
    languages: Mapping[str, float],
    sources: Mapping[str, Source],
) -> ReasonNote | None:
    """Return the most telling shared feature as a reason; None when nothing is shared."""
    if people:
        person = max(people, key=lambda one: (people[one], one))
        credited = [credit for credit in traits.credits if credit["id"] == person]
        directs = any(credit["role"] == "DIRECTOR" for credit in credited)
        kind = ReasonKind.SAME_DIRECTOR if directs else ReasonKind.SAME_CAST
        return _note(kind, {"en": credited[0]["name"]}, sources.get(person))
    for kind, shared in ((ReasonKind.SAME_GENRE, genres), (ReasonKind.LANGUAGE_MATCH, languages)):
        feature = max(shared, key=lambda one: (shared[one], one), default=None)
        if feature is not None and shared[feature] > 0:
            subject = traits.genre_names.get(feature, {"en": feature}) if kind is ReasonKind.SAME_GENRE else None
            return _note(kind, subject or {"code": feature}, sources.get(feature))
    return None


def _note(kind: ReasonKind, subject: Mapping[str, str], source: Source | None) -> ReasonNote:
    if source is None:
        return ReasonNote(kind, subject)
    return ReasonNote(kind, subject, source.title_id, source.names)


def _shared_people(traits: Traits, liked: Mapping[str, float]) -> dict[str, float]:
    """Return what each liked person adds to the people part: a director more than an actor."""
    shared: dict[str, float] = {}
    for credit in traits.credits:
        share = (DIRECTOR_SHARE if credit["role"] == "DIRECTOR" else ACTOR_SHARE) * liked.get(credit["id"], 0.0)
        if share > 0:
            shared[credit["id"]] = max(share, shared.get(credit["id"], 0.0))
    return shared


def _era(seed: Traits, traits: Traits) -> float:
    if seed.release_date is None or traits.release_date is None:
        return 0.0
    return max(0.0, 1 - abs(seed.release_date.year - traits.release_date.year) / 20)


def _popularity(traits: Traits) -> float:
    return 0.0 if traits.trend_rank is None else 1 / (1 + traits.trend_rank / 20)


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))


def _root(features: Sequence[str]) -> float:
    return math.sqrt(len(features) or 1)


def _best(entries: list[RowEntry], *, limit: int) -> list[RowEntry]:
    return sorted(entries, key=lambda entry: (-entry.score, entry.title_id))[:limit]


def entry_of(traits: Traits, *, score: float, reason: ReasonNote | None) -> RowEntry:
    """Return the row entry of a title."""
    return RowEntry(
        title_id=traits.title_id,
        score=round(score, 6),
        available_from=traits.available_from.timestamp() if traits.available_from else None,
        available_until=traits.available_until.timestamp() if traits.available_until else None,
        countries=traits.countries,
        reason=reason,
    )
