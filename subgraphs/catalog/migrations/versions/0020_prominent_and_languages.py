"""Which documents are prominent, as an index; others' titles by language in the order of names."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index(
        "ix_search_documents_chosen", "search_documents", ["owner_id"], postgresql_where=sa.text("is_prominent")
    )
    op.create_index(
        "ix_external_titles_language",
        "external_titles",
        [sa.text("split_part(language, '-', 1)"), "sort_name", "id"],
    )
