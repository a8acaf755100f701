"""The table of exports: the published titles on their way into a file."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from subgraphs.catalog.models.published import Model


def _moment(*, nullable: bool) -> Any:
    return Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True), nullable=nullable))


class CatalogExport(Model, table=True):
    """A file of the titles that were published at `created_at`, asked for by an editor (`created_by`, a global id).

    The file has its first `bytes_done` bytes for sure, up to and with the title `last_id`: they change together with
    `titles_done`. `digest` (SHA-256) is known at the end.
    """

    __tablename__ = "catalog_exports"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint(
            "(finished_at IS NOT NULL) = (digest IS NOT NULL OR failure_code IS NOT NULL)", name="finished_says_how"
        ),
        sa.UniqueConstraint("creation_key_hash"),
        sa.Index("ix_catalog_exports_waiting", "created_at", "id", postgresql_where=sa.text("finished_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    created_by: str = Field(sa_type=sa.Text)
    format: str = Field(sa_type=sa.Text)
    created_at: datetime = _moment(nullable=False)
    finished_at: datetime | None = _moment(nullable=True)
    titles_total: int | None
    titles_done: int = Field(default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0"))
    bytes_done: int = Field(default=0, sa_column=sa.Column(sa.BigInteger, nullable=False, server_default="0"))
    last_id: UUID | None
    digest: str | None = Field(default=None, sa_type=sa.Text)
    failure_code: str | None = Field(default=None, sa_type=sa.Text)
    creation_key_hash: str = Field(sa_type=sa.Text)
