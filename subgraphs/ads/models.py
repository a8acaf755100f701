"""Tables of the ads subgraph, and the facts that callers hand in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from subgraphs.shared.postgres import subgraph_registry
from subgraphs.shared.values import Tier


class Priority(Enum):
    """Class of a campaign; a better one is always served first."""

    SPONSORED = "SPONSORED"
    STANDARD = "STANDARD"
    HOUSE = "HOUSE"


class AdBreakKind(Enum):
    """Where in a video a break lies."""

    PRE_ROLL = "PRE_ROLL"
    MID_ROLL = "MID_ROLL"


class Model(SQLModel, registry=subgraph_registry()):
    """Base of this subgraph's tables."""


class CampaignRow(Model, table=True):
    """A campaign in flight from `starts_at` until `ends_at`, not included. `countries` None means everywhere."""

    __tablename__ = "campaigns"
    __table_args__ = (sa.CheckConstraint("ends_at > starts_at", name="flight_has_length"),)

    id: UUID = Field(primary_key=True)
    advertiser: str = Field(sa_type=sa.Text)
    category: str = Field(sa_type=sa.Text)
    priority: Priority = Field(sa_type=sa.Enum(Priority, native_enum=False, length=10))
    starts_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    ends_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)
    countries: list[str] | None = Field(default=None, sa_type=ARRAY(sa.Text))
    click_through_url: str | None = Field(default=None, sa_type=sa.Text)


class CreativeRow(Model, table=True):
    """A picture for slots. `image_path` is relative to the platform's public address."""

    __tablename__ = "creatives"

    id: UUID = Field(primary_key=True)
    campaign_id: UUID = Field(foreign_key="campaigns.id", ondelete="CASCADE", index=True)
    name: str = Field(sa_type=sa.Text)
    image_path: str = Field(sa_type=sa.Text)


class EntitlementRow(Model, table=True):
    """The projection of entitlements: the tier of each account that ever had one."""

    __tablename__ = "entitlements"

    user_id: str = Field(sa_type=sa.Text, primary_key=True)
    tier: Tier = Field(sa_type=sa.Enum(Tier, native_enum=False, length=10))
    until: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
    version: int = Field(sa_type=sa.BigInteger)


class TargetingConsentRow(Model, table=True):
    """The projection of consents: what each account that ever decided said last about ads chosen by who watches."""

    __tablename__ = "targeting_consents"

    user_id: str = Field(sa_type=sa.Text, primary_key=True)
    is_granted: bool
    decided_at: datetime = Field(sa_type=sa.DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class TargetingConsent:
    """What an account decided about ads chosen by who watches (users.consent_changed). The newest decision counts."""

    user_id: str
    is_granted: bool
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The tier that an account has, until when (billing.entitlement_changed). The highest `version` wins."""

    user_id: str
    tier: Tier
    until: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Creative:
    """A picture for slots, as it is handed in."""

    creative_id: UUID
    name: str
    image_path: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign with its creatives, as it is handed in. `countries` None means everywhere."""

    campaign_id: UUID
    advertiser: str
    category: str
    priority: Priority
    starts_at: datetime
    ends_at: datetime
    creatives: Sequence[Creative]
    countries: Sequence[str] | None = None
    click_through_url: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A creative that may be shown to a viewer, with what a decision needs of its campaign."""

    creative_id: UUID
    name: str
    image_path: str
    advertiser: str
    category: str
    priority: Priority
    click_through_url: str | None
