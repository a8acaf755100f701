"""The audit log, which only grows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

# Retention alone may remove entries, in a transaction that says so; nothing may change one.
_GUARD = """
CREATE FUNCTION refuse_audit_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('reelgraph.audit_retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'audit entries are only added' USING ERRCODE = 'insufficient_privilege';
END
$$
"""
_ROWS = """
CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION refuse_audit_changes()
"""
_WHOLE = """
CREATE TRIGGER audit_entries_are_not_emptied BEFORE TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_changes()
"""


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("actor_id", sa.Uuid, nullable=True),
        sa.Column("subject_id", sa.Text, nullable=True),
        sa.Column("ip_hash", sa.Text, nullable=True),
        sa.Column("correlation_id", sa.Text, nullable=True),
        sa.Column("changes", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sa.UniqueConstraint("position", name="uq_audit_entries_position"),
    )
    op.create_index("ix_audit_entries_actor_id_position", "audit_entries", ["actor_id", "position"])
    op.create_index("ix_audit_entries_subject_id_position", "audit_entries", ["subject_id", "position"])
    op.create_index("ix_audit_entries_action_position", "audit_entries", ["action", "position"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    for statement in (_GUARD, _ROWS, _WHOLE):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.execute("DROP FUNCTION refuse_audit_changes()")
