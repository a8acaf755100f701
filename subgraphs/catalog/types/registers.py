"""What editors hand in and get back of genres and people."""

import strawberry

from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.genre import Genre
from subgraphs.catalog.types.title import Person
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import Locale


@strawberry.federation.input(tags=ADMIN, description="A name in one language.")
class NameInput:
    locale: Locale = strawberry.field(description="Its language.")
    name: str = strawberry.field(description="1 to 500 characters.")


@strawberry.federation.type(tags=ADMIN, description="Outcome of making or renaming a genre.")
class GenrePayload:
    genre: Genre | None = strawberry.field(description="The genre as it is now; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")


@strawberry.federation.type(tags=ADMIN, description="Outcome of making or renaming a person.")
class PersonPayload:
    person: Person | None = strawberry.field(description="The person as they are now; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")
