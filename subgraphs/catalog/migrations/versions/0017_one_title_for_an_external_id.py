"""An index of what drafts are called by others; language tags of what is stored, as they are written from now on.

Where something has one language twice, by tags that differ in case alone, the text whose tag was right stays.
"""

import sqlalchemy as sa
from alembic import op

from subgraphs.shared.values import language_tag

revision = "0017"
down_revision = "0016"

_TAGS = """
    SELECT DISTINCT locale FROM translations
    UNION SELECT DISTINCT unnest(audio_languages || subtitle_languages) FROM titles
"""
_FORGET_DOUBLES = """
    DELETE FROM translations t WHERE locale = :old
    AND EXISTS (SELECT FROM translations u WHERE u.owner_id = t.owner_id AND u.locale = :new)
"""
_LANGUAGES = """
    UPDATE titles SET audio_languages = array_replace(audio_languages, :old, :new),
        subtitle_languages = array_replace(subtitle_languages, :old, :new)
    WHERE :old = ANY (audio_languages || subtitle_languages)
"""
_SEARCH_TAGS = """
    UPDATE search_documents SET tags = array_replace(array_replace(tags, 'audio:' || :old, 'audio:' || :new),
        'subtitle:' || :old, 'subtitle:' || :new)
    WHERE tags && ARRAY['audio:' || :old, 'subtitle:' || :old]
"""


def upgrade() -> None:
    op.create_index(
        "ix_cms_titles_external_ids", "cms_titles", [sa.text("(draft -> 'external_ids')")], postgresql_using="gin"
    )
    for (old,) in op.get_bind().execute(sa.text(_TAGS)).all():
        new = language_tag(old)
        if new is None or new == old:
            continue
        change = {"old": old, "new": new}
        for statement in (
            _FORGET_DOUBLES,
            "UPDATE translations SET locale = :new WHERE locale = :old",
            _LANGUAGES,
            _SEARCH_TAGS,
        ):
            op.get_bind().execute(sa.text(statement), change)
