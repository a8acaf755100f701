"""Collections can be searched for. What is published already gets its document here."""

from uuid import UUID

import orjson
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from subgraphs.catalog.service.documents import collection_document, word_rows
from subgraphs.shared.ids import decode_id

revision = "0023"
down_revision = "0022"

_TITLES = sa.text("UPDATE collections SET title_ids = CAST(:title_ids AS uuid[]) WHERE id = :id")
_NAMES = """
    SELECT c.id, array_agg(t.name ORDER BY t.locale) AS names
    FROM collections c JOIN translations t ON t.owner_id = c.id WHERE c.is_published GROUP BY c.id
"""
_DOCUMENTS = """
    INSERT INTO search_documents (owner_id, is_person, names, words, sounds, tags)
    SELECT owner_id, is_person, names, words, sounds, tags
    FROM json_populate_recordset(NULL::search_documents, CAST(:rows AS json)) ON CONFLICT DO NOTHING
"""
_WORDS = """
    INSERT INTO search_words (word, spellings)
    SELECT word, spellings FROM json_populate_recordset(NULL::search_words, CAST(:rows AS json)) ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.add_column("collections", sa.Column("title_ids", ARRAY(sa.Uuid), nullable=False, server_default="{}"))
    connection = op.get_bind()
    for own, announced in connection.execute(sa.text("SELECT id, announced FROM collections")).all():
        connection.execute(_TITLES, {"id": own, "title_ids": [decode_id(each).uuid for each in announced]})
    found = connection.execute(sa.text(_NAMES)).all()
    documents = [collection_document(UUID(str(row.id)), row.names) for row in found]
    for statement, rows in ((_DOCUMENTS, documents), (_WORDS, word_rows(documents))):
        connection.execute(sa.text(statement), {"rows": orjson.dumps(rows).decode()})
