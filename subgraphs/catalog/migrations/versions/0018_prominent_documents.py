"""Which search documents are looked through first; those stored already are chosen here."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

# In a small catalogue every document is prominent: then nothing is looked through twice.
_FILL = """
    WITH newest AS MATERIALIZED (
        SELECT id FROM titles WHERE published_at IS NOT NULL
        ORDER BY trending_boost DESC, published_at DESC, id DESC LIMIT 75000
    ), chosen AS MATERIALIZED (
        SELECT id FROM newest
        UNION SELECT c.person_id FROM newest JOIN credits c ON c.title_id = newest.id WHERE c.position = 0
    )
    UPDATE search_documents SET is_prominent = true
    WHERE (SELECT count(*) FROM (SELECT FROM search_documents LIMIT 100001) AS few) <= 100000
        OR owner_id = ANY (ARRAY(SELECT id FROM chosen))
"""


def upgrade() -> None:
    op.add_column("search_documents", sa.Column("is_prominent", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(sa.text(_FILL))
    op.alter_column("search_documents", "is_prominent", server_default=sa.true())
    op.create_index(
        "ix_search_documents_prominent",
        "search_documents",
        ["words", "sounds", "tags"],
        postgresql_using="gin",
        postgresql_where=sa.text("is_prominent"),
    )
