"""What editors hand in and get back of genres and people."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.catalog.repository.registers import RegisterEntry
from subgraphs.catalog.service.editing import changes_between
from subgraphs.catalog.types.editorial import ADMIN, FieldChange
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


@strawberry.federation.type(tags=ADMIN, description="A version of a genre or a person.")
class RegisterVersion:
    number: int = strawberry.field(description="Grows by one with every change; what an import brought is 1.")
    author: strawberry.ID | None = strawberry.field(
        description="Global id of the account that made it; null once that is deleted."
    )
    at: datetime = strawberry.field(description="When.")
    changes: list[FieldChange] = strawberry.field(description="What differs from the version before, by place.")

    @classmethod
    def of(cls, entry: RegisterEntry) -> Self:
        """Return the GraphQL form."""
        changes = changes_between(entry.before or {}, entry.after)
        return cls(
            number=entry.version,
            author=strawberry.ID(entry.author) if entry.author else None,
            at=entry.at,
            changes=[FieldChange(field=each.field, before=each.before, after=each.after) for each in changes],
        )
