"""More that people do for titles than acting and directing."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ROLES = [
    "DIRECTOR",
    "ACTOR",
    "HOST",
    "ATHLETE",
    "WRITER",
    "PRODUCER",
    "COMPOSER",
    "CINEMATOGRAPHER",
    "EDITOR",
    "OTHER",
]


def upgrade() -> None:
    # The first migration's name of it got the table's prefix twice.
    op.execute(sa.text("ALTER TABLE credits DROP CONSTRAINT ck_credits_ck_credits_role_known"))
    roles = ", ".join(f"'{role}'" for role in _ROLES)
    op.create_check_constraint(op.f("ck_credits_role_known"), "credits", f"role IN ({roles})")
