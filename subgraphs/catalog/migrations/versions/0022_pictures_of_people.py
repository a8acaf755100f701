"""Pictures of people."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_ROLES = ["POSTER", "THUMBNAIL", "SPOTLIGHT", "STILL", "AVATAR"]


def upgrade() -> None:
    # The first migration's name of it got the table's prefix twice.
    op.execute(sa.text("ALTER TABLE images DROP CONSTRAINT ck_images_ck_images_role_known"))
    roles = ", ".join(f"'{role}'" for role in _ROLES)
    op.create_check_constraint(op.f("ck_images_role_known"), "images", f"role IN ({roles})")
