"""A small catalogue with known features: 120 movies and 30 shows that repeat in a fixed pattern."""

from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, uuid5

from subgraphs.recommendations.service import CreditedPerson, GenreName, TitleFeatures
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

DRAMA = GenreName("drama", {"en": "Drama", "hi": "ड्रामा"})
COMEDY = GenreName("comedy", {"en": "Comedy", "hi": "कॉमेडी"})
FAMILY = GenreName("family", {"en": "Family", "hi": "परिवार"})
ACTION = GenreName("action", {"en": "Action", "hi": "एक्शन"})
GENRES = (DRAMA, COMEDY, FAMILY, ACTION)
RATINGS = (MaturityRating.U, MaturityRating.UA_7, MaturityRating.UA_13, MaturityRating.UA_16, MaturityRating.A, None)


def title_id(number: int, *, kind: str = "Movie") -> str:
    """Return the id of the movie or show with that number."""
    return encode_id(kind, uuid5(NAMESPACE_URL, f"{kind}/{number}"))


def profile_id(name: str) -> str:
    return encode_id("Profile", uuid5(NAMESPACE_URL, f"profile/{name}"))


def user_id(name: str) -> str:
    return encode_id("User", uuid5(NAMESPACE_URL, f"user/{name}"))


def person(name: str, role: str = "ACTOR") -> CreditedPerson:
    return CreditedPerson(encode_id("Person", uuid5(NAMESPACE_URL, f"person/{name}")), name, role)


def movie(number: int, **changes: object) -> TitleFeatures:
    """Return movie `number`: its genre and rating follow from the number, unless given."""
    values: dict[str, object] = {
        "title_id": title_id(number),
        "version": 1,
        "published": True,
        "kind": "MOVIE",
        "names": {"en": f"Movie {number}", "hi": f"फ़िल्म {number}"},
        "genres": [GENRES[number % 4]],
        "people": [person(f"Actor {number % 10}"), person(f"Director {number % 15}", "DIRECTOR")],
        "languages": ["hi"] if number % 2 else ["en"],
        "release_date": date(2025 - number % 16, 1 + number % 12, 1),
        "maturity_rating": RATINGS[number % 6],
        "required_tier": Tier.PREMIUM if number % 3 == 0 else Tier.FREE,
    }
    return TitleFeatures(**{**values, **changes})  # type: ignore[arg-type]  # values of a table


def show(number: int) -> TitleFeatures:
    """Return show `number`."""
    return movie(
        number,
        title_id=title_id(number, kind="Show"),
        kind="SHOW",
        names={"en": f"Show {number}", "hi": f"शो {number}"},
        maturity_rating=RATINGS[number % 3],
    )


CATALOGUE = [*(movie(number) for number in range(120)), *(show(number) for number in range(45))]
FEATURES = {title.title_id: title for title in CATALOGUE}
