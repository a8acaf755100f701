"""The plans on sale: prices in paise, fixed periods in days."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

_PLANS = sa.table(
    "plans",
    sa.column("id", sa.Uuid),
    sa.column("code", sa.Text),
    sa.column("names", JSONB),
    sa.column("tier", sa.Text),
    sa.column("interval", sa.Text),
    sa.column("interval_days", sa.Integer),
    sa.column("price_minor", sa.Integer),
    sa.column("currency", sa.Text),
    sa.column("max_quality", sa.Text),
    sa.column("has_ads", sa.Boolean),
    sa.column("has_downloads", sa.Boolean),
    sa.column("max_concurrent_streams", sa.Integer),
    sa.column("max_profiles", sa.Integer),
    sa.column("rank", sa.Integer),
    sa.column("is_archived", sa.Boolean),
)
_PREMIUM = {
    "tier": "PREMIUM",
    "currency": "INR",
    "max_quality": "P1080",
    "has_ads": False,
    "has_downloads": True,
    "max_concurrent_streams": 2,
    "max_profiles": 5,
    "is_archived": False,
}
_ROWS = [
    {
        "id": UUID("6b1f2a52-4c55-4c63-9d0e-1a7a60c0a001"),
        "code": "monthly",
        "names": {"en": "Premium monthly", "hi": "प्रीमियम मासिक"},
        "interval": "MONTH",
        "interval_days": 30,
        "price_minor": 29_900,
        "rank": 1,
    },
    {
        "id": UUID("6b1f2a52-4c55-4c63-9d0e-1a7a60c0a002"),
        "code": "quarterly",
        "names": {"en": "Premium quarterly", "hi": "प्रीमियम त्रैमासिक"},
        "interval": "QUARTER",
        "interval_days": 90,
        "price_minor": 79_900,
        "rank": 2,
    },
    {
        "id": UUID("6b1f2a52-4c55-4c63-9d0e-1a7a60c0a003"),
        "code": "annual",
        "names": {"en": "Premium annual", "hi": "प्रीमियम वार्षिक"},
        "interval": "YEAR",
        "interval_days": 365,
        "price_minor": 299_900,
        "rank": 3,
    },
]


def upgrade() -> None:
    op.bulk_insert(_PLANS, [{**_PREMIUM, **row} for row in _ROWS])


def downgrade() -> None:
    op.execute(_PLANS.delete().where(_PLANS.c.code.in_([row["code"] for row in _ROWS])))
