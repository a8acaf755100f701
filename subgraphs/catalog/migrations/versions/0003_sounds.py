"""How names sound, for searches in the other script. What is stored already gets its sounds here."""

import orjson
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from subgraphs.catalog.service.sounds import document_sounds
from subgraphs.catalog.service.words import document_names

revision = "0003"
down_revision = "0002"

_BATCH = 2000


def upgrade() -> None:
    op.add_column("search_documents", sa.Column("sounds", TSVECTOR, nullable=False, server_default=""))
    connection = op.get_bind()
    stored = connection.execute(sa.text("SELECT owner_id, names FROM search_documents ORDER BY owner_id")).all()
    for start in range(0, len(stored), _BATCH):
        rows = [_row(str(owner), names) for owner, names in stored[start : start + _BATCH]]
        connection.execute(
            sa.text(
                "UPDATE search_documents AS old SET names = new.names, sounds = CAST(new.sounds AS tsvector) FROM "
                "json_to_recordset(CAST(:rows AS json)) AS new(owner_id uuid, names text, sounds text) "
                "WHERE old.owner_id = new.owner_id"
            ),
            {"rows": orjson.dumps(rows).decode()},
        )
    op.create_index("ix_search_documents_sounds", "search_documents", ["sounds"], postgresql_using="gin")


def _row(owner: str, stored_names: str) -> dict[str, str]:
    names = [name for name in stored_names.split("|") if name]
    marks, sounds = document_sounds(names)
    return {"owner_id": owner, "names": document_names(names, marks), "sounds": sounds}
