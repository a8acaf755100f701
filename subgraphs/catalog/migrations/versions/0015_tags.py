"""Tags of search documents, keys of whole names, ages beside genres; what is stored already gets them here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0015"
down_revision = "0014"

_FILL_TITLES = """
    UPDATE search_documents d SET tags = ARRAY(SELECT DISTINCT tag FROM (
        SELECT 'kind:' || t.kind
        UNION ALL SELECT 'genre:' || g.slug FROM title_genres tg JOIN genres g ON g.id = tg.genre_id
            WHERE tg.title_id = t.id
        UNION ALL SELECT 'audio:' || language FROM unnest(t.audio_languages) AS language
        UNION ALL SELECT 'subtitle:' || language FROM unnest(t.subtitle_languages) AS language
        UNION ALL SELECT 'year:' || t.release_year WHERE t.release_year IS NOT NULL
        UNION ALL SELECT 'decade:' || least(greatest(t.release_year, 1800), 2199) / 10 WHERE t.release_year IS NOT NULL
        UNION ALL SELECT 'age:' || t.age_floor
        UNION ALL SELECT 'in:' || country FROM unnest(coalesce(t.countries, ARRAY['*'])) AS country
        UNION ALL SELECT 'tier:' || t.required_tier WHERE NOT t.has_licences
        UNION ALL SELECT 'rentable' WHERE t.rentable AND NOT t.has_licences
        UNION ALL SELECT 'tier:' || l.tier FROM licences l WHERE l.title_id = t.id AND t.has_licences
        UNION ALL SELECT 'rentable' FROM licences l WHERE l.title_id = t.id AND t.has_licences AND l.rentable
    ) AS every (tag) ORDER BY tag)
    FROM titles t WHERE t.id = d.owner_id
"""
_FILL_PEOPLE = "UPDATE search_documents SET tags = ARRAY['person'] WHERE is_person"
_FILL_KEYS = """
    UPDATE search_documents SET words = words || array_to_tsvector(ARRAY(
        SELECT left('|' || replace(name, ' ', '_'), 400) FROM unnest(string_to_array(trim('|' FROM names), '|')) AS name
        WHERE name <> ''
        UNION SELECT '.' || left(word, 40) FROM unnest(string_to_array(trim('|' FROM names), '|')) AS name,
            unnest(string_to_array(name, ' ')) AS word
        WHERE word <> '' AND left(name, 1) NOT IN ('~', '^', '=')
    ))
"""


_FILL_AGES = "UPDATE title_genres tg SET age_floor = t.age_floor FROM titles t WHERE t.id = tg.title_id"


def upgrade() -> None:
    op.drop_index("ix_title_genres_genre", "title_genres")
    op.add_column("title_genres", sa.Column("age_floor", sa.SmallInteger, nullable=True))
    op.execute(sa.text(_FILL_AGES))
    op.alter_column("title_genres", "age_floor", nullable=False)
    op.create_index("ix_title_genres_genre", "title_genres", ["genre_id", "age_floor", "title_id"])
    op.drop_index("ix_search_documents_words", "search_documents")
    op.drop_index("ix_search_documents_sounds", "search_documents")
    op.add_column("search_documents", sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default="{}"))
    for statement in (_FILL_TITLES, _FILL_PEOPLE, _FILL_KEYS):
        op.execute(sa.text(statement))
    columns = ["words", "sounds", "tags"]
    op.create_index("ix_search_documents_all", "search_documents", columns, postgresql_using="gin")
