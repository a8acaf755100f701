"""What others call a title, as editors write and read it."""

from collections.abc import Iterable, Sequence

import strawberry

from subgraphs.catalog.service.external_ids import parts_of, reference_of


@strawberry.federation.input(tags=["admin"], description="What others call a title.")
class ExternalIdInput:
    scheme: str = strawberry.field(description="Who calls it so: imdb, eidr, a studio.")
    value: str = strawberry.field(description="What they call it: tt0054215.")


@strawberry.federation.type(tags=["admin"], description="What others call a title.")
class ExternalId:
    scheme: str = strawberry.field(description="Who calls it so: imdb, eidr, a studio.")
    value: str = strawberry.field(description="What they call it: tt0054215.")


def references_of(given: Iterable[ExternalIdInput]) -> tuple[str, ...]:
    """Return the ids as a draft holds them."""
    return tuple(reference_of(each.scheme, each.value) for each in given)


def external_ids_of(references: Sequence[str]) -> list[ExternalId]:
    """Return the ids of a draft."""
    return [ExternalId(scheme=scheme, value=value) for scheme, value in map(parts_of, references)]
