"""What an image shows, for drawing it. Pictures are public: visibility is not asked."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Episode, Image, ImageRole, Season, Title, Translation, table
from subgraphs.shared.postgres import ReadSession

_images = table(Image).c
_titles = table(Title).c
_translations = table(Translation).c
_episodes = table(Episode).c
_seasons = table(Season).c


@dataclass(frozen=True, slots=True)
class Sketch:
    """From what a picture is drawn: its number, the English or original name on it, its own size in pixels; or the
    upload that it is."""

    seed: int
    name: str
    width: int
    height: int
    upload_id: UUID | None


async def sketch_of(session: ReadSession, image_id: UUID, role: ImageRole) -> Sketch | None:
    """Return what the picture shows; None when there is no such picture."""
    english = sa.and_(_translations.owner_id == _images.owner_id, _translations.locale == "en")
    statement = (
        sa.select(
            _images.seed,
            sa.func.coalesce(_translations.name, _titles.original_name, "").label("name"),
            _images.width,
            _images.height,
            _images.upload_id,
        )
        .select_from(table(Image))
        .join(table(Translation), english, isouter=True)
        .join(table(Episode), _episodes.id == _images.owner_id, isouter=True)
        .join(table(Season), _seasons.id == _episodes.season_id, isouter=True)
        .join(table(Title), _titles.id == sa.func.coalesce(_seasons.title_id, _images.owner_id), isouter=True)
        .where(_images.id == image_id, _images.role == role.value)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Sketch(*row)
