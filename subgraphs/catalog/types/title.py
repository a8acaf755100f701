"""Title with Movie, Show and SportsEvent; Credit, Person and TitleConnection, which speak of each other."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.loaders import CreditsKey, FilmographyKey
from subgraphs.catalog.models import TYPE_NAMES, ContentDescriptor, CreditRole, ImageRole, TitleKind
from subgraphs.catalog.repository.cards import Fixture, ImageFacts, TitleCard, text_in
from subgraphs.catalog.repository.people import CreditCard, PersonCard
from subgraphs.catalog.repository.titles import TitlePlace
from subgraphs.catalog.service import facts
from subgraphs.catalog.service.artwork import ImageRatio, drawn_width, ratio_of
from subgraphs.catalog.types.genre import Genre
from subgraphs.catalog.types.image import Image, image_of
from subgraphs.catalog.types.playable import Playable, playable_of_title
from subgraphs.catalog.types.references import cards_of
from subgraphs.catalog.types.season import Season, season_of
from subgraphs.catalog.types.texts import formatted_description
from subgraphs.catalog.types.words import AskedLocale, AskedWidth, Info
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.kept import keeps_answers, lasting
from subgraphs.shared.graphql.pagination import (
    After,
    First,
    PageInfo,
    check_page_size,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.graphql.scalars import URL, CountryCode, Locale
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier

AskedMax = Annotated[
    int | None,
    strawberry.argument(name="max", description="Longest text wanted, in characters; a longer one ends in `…`."),
]


@strawberry.type(
    description="When and where a title is offered. Facts of the catalogue, not a decision for the viewer."
)
class Availability:
    status: facts.AvailabilityStatus = strawberry.field(description="Whether its window has begun.")
    from_: datetime | None = strawberry.field(name="from", description="Begin of the window; null when it has none.")
    until: datetime | None = strawberry.field(description="End of the window, excluded; null when it has none.")
    countries: list[CountryCode] | None = strawberry.field(description="Where it is offered; null means everywhere.")


# One object for each version of its facts, for everybody who is decided on alike, until its badges change (`title_of`).
@keeps_answers(by=CatalogContext.words_of_viewer)
@strawberry.federation.interface(keys=["id"], description="What a viewer browses: a movie, a show or a sports event.")
class Title:
    card: strawberry.Private[TitleCard]
    marks: strawberry.Private[list[facts.TitleBadge]]
    id: strawberry.ID = strawberry.field(description="Global id.")
    kind: TitleKind = strawberry.field(description="What it is.")
    slug: str = strawberry.field(description="Unique name for URLs.")
    original_name: str | None = strawberry.field(description="Name in the language in which it was made.")
    release_date: date | None = strawberry.field(description="Day of release; null when it is not known.")
    release_year: int | None = strawberry.field(description="Year of release, known even where the day is not.")
    maturity_rating: MaturityRating | None = strawberry.field(
        description="Null is unrated: hidden from profiles with a limit."
    )
    content_descriptors: list[ContentDescriptor] = strawberry.field(description="Why it is rated as it is.")
    required_tier: Tier = strawberry.field(description="What a viewer must have to play it.")
    rentable: bool = strawberry.field(description="Whether it can be rented.")
    audio_languages: list[Locale] = strawberry.field(description="Languages that can be heard.")
    subtitle_languages: list[Locale] = strawberry.field(description="Languages that can be read.")
    published_at: datetime | None = strawberry.field(description="When it was added to the catalogue.")

    @strawberry.field(description="Name in the wanted language.")
    @lasting
    def name(self, info: Info, locale: AskedLocale = None) -> str:
        return self._name_in(info.context.locales(locale))

    @strawberry.field(description="What it is about, in the wanted language; empty when nobody wrote it.")
    @lasting
    def description(self, info: Info, locale: AskedLocale = None, max_characters: AskedMax = None) -> str:
        text = text_in(self.card.texts, info.context.locales(locale))
        return _shortened(text.description if text else "", max_characters)

    @strawberry.field(
        description="What it is about, as harmless HTML: paragraphs, lists, quotes, bold, italic and links; empty when "
        "nobody wrote it."
    )
    async def description_html(self, info: Info, locale: AskedLocale = None) -> str:
        return await formatted_description(self.card.id, self.card.texts, info, locale)

    @strawberry.field(description="Its genres, the most fitting first.")
    @lasting
    def genres(self) -> list[Genre]:
        made = self.card.made
        known: list[Genre] | None = made.get("genres")
        if known is None:
            known = made["genres"] = [Genre(card=card) for card in self.card.genres]
        return known

    @strawberry.field(description="Directors and cast.")
    async def credits(
        self,
        info: Info,
        role: Annotated[CreditRole | None, strawberry.argument(description="Only credits of this kind.")] = None,
        first: First = 20,
    ) -> list["Credit"]:
        cards = await info.context.loaders.credit_cards_by_title.load(
            CreditsKey(self.card.id, role, check_page_size(first))
        )
        return [Credit.of(card) for card in cards]

    @strawberry.field(description="Its pictures.")
    @lasting
    def images(
        self,
        info: Info,
        role: Annotated[ImageRole | None, strawberry.argument(description="Only pictures of this kind.")] = None,
        ratio: Annotated[ImageRatio | None, strawberry.argument(description="Only pictures of this shape.")] = None,
        width: AskedWidth = None,
    ) -> list[Image]:
        alt, public_url = self._name_in(info.context.locales(None)), info.context.public_url
        return [
            self._image(image, width, alt, public_url)
            for image in self.card.images
            if role in (None, image.role) and (ratio is None or ratio is ratio_of(image.width, image.height))
        ]

    @strawberry.field(description="Where its trailer plays; null when it has none.")
    @lasting
    def trailer_url(self) -> URL | None:
        return URL(self.card.trailer_url) if self.card.trailer_url else None

    @strawberry.field(description="Marks on its card, in order of display.")
    @lasting
    def badges(self) -> list[facts.TitleBadge]:
        return self.marks

    @strawberry.field(description="When and where it is offered.")
    def availability(self, info: Info) -> Availability:
        countries = self.card.countries
        return Availability(
            status=facts.availability_status(self.card, now=info.context.now),
            from_=self.card.available_from,
            until=self.card.available_until,
            countries=None if countries is None else [CountryCode(country) for country in countries],
        )

    @strawberry.field(
        description="Whether the active profile will be told when it can be watched; null without a profile."
    )
    async def is_reminder_set(self, info: Info) -> bool | None:
        if info.context.viewer.profile_id is None:
            return None
        return bool(await info.context.loaders.is_reminded_by_title.load(self.card.id))

    @strawberry.field(description="Global ids of its genres, the most fitting first.")
    @lasting
    def genre_ids(self) -> list[strawberry.ID]:
        return [strawberry.ID(encode_id("Genre", genre.id)) for genre in self.card.genres]

    @strawberry.field(description="Global ids of all that can be played of it and that the viewer may see, in order.")
    @lasting
    def playable_ids(self) -> list[strawberry.ID]:
        return [strawberry.ID(encode_id("Playable", playable.id)) for playable in self.card.playables]

    def _image(self, facts: ImageFacts, asked_width: int | None, alt: str, public_url: str) -> Image:
        """Return the picture in the drawn width, the same object for everybody who gets it with that text."""
        made, drawn = self.card.made, drawn_width(asked_width, own_width=facts.width)
        known: Image | None = made.get((facts.id, drawn, alt))
        if known is None:
            image = image_of(facts, asked_width=drawn, alt=alt, public_url=public_url)
            known = made[facts.id, drawn, alt] = image
        return known

    def _name_in(self, locales: Sequence[str]) -> str:
        text = text_in(self.card.texts, locales)
        return text.name if text else self.card.original_name

    def _only_playable(self) -> Playable | None:
        return playable_of_title(self.card.playables[0], self.card) if self.card.playables else None

    @classmethod
    async def resolve_references(cls, references: Sequence[Reference], info: Info) -> list["Title | None"]:
        """Return the titles in order; None for what does not exist, is hidden or is not of its id's kind."""
        names = tuple(TYPE_NAMES.values()) if cls is Title else (cls.__name__,)
        found = await cards_of(references, info.context.loaders.title_card_by_id, *names)
        now = info.context.now
        titles = [(item[0].type_name, title_of(item[1], now=now)) if item else None for item in found]
        return [each[1] if each and each[0] == each[1].__class__.__name__ else None for each in titles]


@strawberry.federation.type(keys=["id"], description="One film.")
class Movie(Title):
    @strawberry.field(description="What to press play on; null when nothing can be played or it is above the limit.")
    def playable(self) -> Playable | None:
        return self._only_playable()


@strawberry.federation.type(keys=["id"], description="A series of episodes in seasons.")
class Show(Title):
    @strawberry.field(description="Its seasons by number.")
    async def seasons(self, info: Info) -> list[Season]:
        cards = await info.context.loaders.season_cards_by_title.load(self.card.id)
        return [season_of(card) for card in cards or ()]

    @strawberry.field(description="How many seasons it has.")
    async def season_count(self, info: Info) -> int:
        return len(await info.context.loaders.season_cards_by_title.load(self.card.id) or ())

    @strawberry.field(description="How many episodes the viewer may see.")
    def episode_count(self) -> int:
        return len(self.card.playables)


@strawberry.federation.type(keys=["id"], description="A match or race, live or as a replay.")
class SportsEvent(Title):
    fixture: strawberry.Private[Fixture]

    @strawberry.field(description="What to press play on; null when nothing can be played or it is above the limit.")
    def playable(self) -> Playable | None:
        return self._only_playable()

    @strawberry.field(description="The sport.")
    def sport(self) -> str:
        return self.fixture.sport

    @strawberry.field(description="The competition that it belongs to; null when it stands alone.")
    def competition(self) -> str | None:
        return self.fixture.competition

    @strawberry.field(description="When it begins.")
    def starts_at(self) -> datetime:
        return self.fixture.starts_at

    @strawberry.field(description="Where it stands.")
    def live_state(self, info: Info) -> facts.LiveState:
        return facts.live_state(self.fixture, self.card.playables, now=info.context.now)


@strawberry.type(description="A title in a list.")
class TitleEdge:
    cursor: str = strawberry.field(description="Place in the list, for `after`.")
    node: Title = strawberry.field(description="The title.")


@strawberry.type(description="A page of titles.")
class TitleConnection:
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    edges: list[TitleEdge] = strawberry.field(description="The titles of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(
        description="How many titles the whole list has; counted only when asked for. Of `titles`, 1000 stands for "
        "that many or more."
    )
    async def total_count(self) -> int | None:
        return await self.count()


@strawberry.federation.type(keys=["id"], description="Somebody who acts in titles or makes them.")
class Person:
    card: strawberry.Private[PersonCard]
    id: strawberry.ID = strawberry.field(description="Global id.")
    name: str = strawberry.field(description="Name as credited.")

    @strawberry.field(description="Picture of the person; null when nobody uploaded one.")
    async def image(self, info: Info, width: AskedWidth = None) -> Image | None:
        avatar = await info.context.loaders.avatar_by_person.load(self.card.id)
        if avatar is None:
            return None
        return image_of(avatar.facts, asked_width=width, alt=self.name, public_url=info.context.public_url)

    @strawberry.field(description="Titles that the viewer may see, the newest release first.")
    async def filmography(self, info: Info, first: First = 20, after: After = None) -> TitleConnection:
        loaders, person_id, scope = info.context.loaders, self.card.id, f"filmography:{self.id}"
        start = decode_cursor(after, scope, date.fromisoformat, UUID)
        key = FilmographyKey(person_id, check_page_size(first) + 1, (start[0], start[1]) if start else None)
        places = await loaders.filmography_by_person.load(key)

        async def count() -> int:
            return await loaders.filmography_size_by_person.load(person_id) or 0

        return await connection_of(places, first, scope=scope, after=after, count=count, info=info)

    @classmethod
    async def resolve_references(cls, references: Sequence[Reference], info: Info) -> list["Person | None"]:
        """Return the people in order; None for ids that name nobody."""
        found = await cards_of(references, info.context.loaders.person_card_by_id, "Person")
        return [person_of(item[1]) if item else None for item in found]


@strawberry.type(description="What a person did for a title.")
class Credit:
    person: Person = strawberry.field(description="Who did it.")
    role: CreditRole = strawberry.field(description="What it was.")
    character: str | None = strawberry.field(description="Whom an actor plays; null when it is not known.")
    order: int = strawberry.field(description="Place among the credits of the same role, from 1.")

    @classmethod
    def of(cls, card: CreditCard) -> "Credit":
        """Return the credit with these facts."""
        return cls(person=person_of(card.person), role=card.role, character=card.character, order=card.position + 1)


def title_of(card: TitleCard, *, now: datetime) -> Movie | Show | SportsEvent:
    """Return the title of its own kind with these facts at that moment; the same object until its badges change."""
    known: tuple[datetime, datetime | None, Movie | Show | SportsEvent] | None = card.made.get("title")
    if known is None or now < known[0] or (known[1] is not None and known[1] <= now):
        known = card.made["title"] = now, facts.badges_change_at(card, now=now), _made_title(card, now)
    return known[2]


def _made_title(card: TitleCard, now: datetime) -> Movie | Show | SportsEvent:
    type_name = TYPE_NAMES[card.kind]
    shared: dict[str, Any] = {
        "card": card,
        "marks": facts.badges(card, now=now),
        "id": strawberry.ID(encode_id(type_name, card.id)),
        "kind": card.kind,
        "slug": card.slug,
        "original_name": card.original_name,
        "release_date": card.release_date,
        "release_year": card.release_year,
        "maturity_rating": card.maturity_rating,
        "content_descriptors": [ContentDescriptor(each) for each in card.content_descriptors],
        "required_tier": card.required_tier,
        "rentable": card.rentable,
        "audio_languages": card.audio_languages,
        "subtitle_languages": card.subtitle_languages,
        "published_at": card.published_at,
    }
    if card.fixture is not None:
        return SportsEvent(**shared, fixture=card.fixture)
    return Show(**shared) if card.kind is TitleKind.SHOW else Movie(**shared)


def person_of(card: PersonCard) -> Person:
    """Return the person with these facts."""
    return Person(card=card, id=strawberry.ID(encode_id("Person", card.id)), name=card.name)


async def connection_of(
    places: Sequence[TitlePlace],
    first: int,
    *,
    scope: str,
    after: str | None,
    count: Callable[[], Awaitable[int]],
    info: Info,
) -> TitleConnection:
    """Return the page of at most `first` titles; one that vanished since its place was read is left out."""
    page = make_page(places, first, lambda place: encode_cursor(scope, *map(_cursor_part, place.key)), after=after)
    cards = await info.context.loaders.title_card_by_id.load_many([place.id for place in page.rows])
    return TitleConnection(
        count=count,
        edges=[
            TitleEdge(cursor=cursor, node=title_of(card, now=info.context.now))
            for card, cursor in zip(cards, page.cursors, strict=True)
            if card is not None
        ],
        page_info=page.page_info,
    )


def _cursor_part(value: Any) -> str | int:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _shortened(text: str, max_characters: int | None) -> str:
    if max_characters is None or len(text) <= max_characters:
        return text
    if max_characters < 1:
        raise BadUserInputError("`max` must be at least 1.")
    return text[: max_characters - 1].rstrip() + "…"
