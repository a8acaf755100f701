"""Which search documents are looked through first; those stored already are chosen here."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

# In a small catalogue every document is prominent: then nothing is looked through twice.
_FILL_FEW = """
    UPDATE search_documents SET is_prominent = true
    WHERE (SELECT count(*) FROM (SELECT FROM search_documents LIMIT 100001) AS few) <= 100000
"""
_FILL_MANY = """
    WITH newest AS MATERIALIZED (
        SELECT id FROM titles WHERE published_at IS NOT NULL
        ORDER BY trending_boost DESC, published_at DESC, id DESC LIMIT 75000
    ), chosen AS MATERIALIZED (
        SELECT id FROM newest
        UNION SELECT c.person_id FROM newest JOIN credits c ON c.title_id = newest.id WHERE c.position = 0
    )
    UPDATE search_documents d SET is_prominent = true FROM chosen WHERE d.owner_id = chosen.id AND NOT d.is_prominent
"""


def upgrade() -> None:
    op.add_column("search_documents", sa.Column("is_prominent", sa.Boolean, nullable=False, server_default=sa.false()))
    for statement in (_FILL_FEW, _FILL_MANY):
        op.execute(sa.text(statement))
    op.alter_column("search_documents", "is_prominent", server_default=sa.true())
    op.create_index(
        "ix_search_documents_prominent",
        "search_documents",
        ["words", "sounds", "tags"],
        postgresql_using="gin",
        postgresql_where=sa.text("is_prominent"),
    )
