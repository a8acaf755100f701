"""Settings of the billing subgraph."""

from pydantic import Field

from subgraphs.shared.config import SharedSettings


class Settings(SharedSettings):
    """Names are the environment variables."""

    billing_database: str = Field(
        default="billing", description="Name of the PostgreSQL database of the billing subgraph."
    )
    payment_grace_days: int = Field(
        default=3, ge=0, le=30, description="Days that access lasts after a renewal could not be charged."
    )
