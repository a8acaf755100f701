"""An index for the editors' list of titles that none of them touched yet."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index(
        "ix_titles_untouched",
        "titles",
        [sa.text("COALESCE(published_at, '1970-01-01 00:00:00+00'::timestamp with time zone)"), "id"],
    )
