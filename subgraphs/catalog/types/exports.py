"""Exports: the published titles as files, made by the worker."""

from datetime import datetime
from enum import Enum

import strawberry

from subgraphs.catalog.models import ImportFormat
from subgraphs.catalog.repository.exporting import Export
from subgraphs.catalog.service.exports import path_of
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL
from subgraphs.shared.ids import encode_id

TYPE_NAME = "CatalogExport"


class CatalogExportFormat(Enum):
    """What a file of an export is: formats that an import takes, too."""

    JSON_LINES = "JSON_LINES"
    CSV = "CSV"
    MRSS = "MRSS"

    @property
    def as_import(self) -> ImportFormat:
        """The same format, for an import."""
        return ImportFormat(self.value)


class CatalogExportStatus(Enum):
    """How an export stands, as clients see it."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


describe_enum(
    CatalogExportFormat,
    "What a file of the published titles is. Imported again, it changes nothing.",
    JSON_LINES="A JSON object per line with all of a title but pictures and marks in texts.",
    CSV="A title per row; of shows and events only what a row can say.",
    MRSS="Media RSS 2.0: a title per item, for partners.",
)
describe_enum(
    CatalogExportStatus,
    "How an export stands.",
    QUEUED="Waits for the worker.",
    RUNNING="The worker writes the file.",
    SUCCEEDED="The file is there, for a week.",
    FAILED="There is no file; ask again.",
)


@strawberry.federation.input(tags=ADMIN, description="What to export.")
class CatalogExportInput:
    format: CatalogExportFormat = strawberry.field(description="What the file is to be.")
    idempotency_key: strawberry.ID = strawberry.field(
        description="Text of your choice; the same one, come again, returns the export that it made."
    )


@strawberry.federation.type(
    tags=ADMIN,
    description="The titles that were published when it was asked for, as a file. Drafts are no part of it.",
)
class CatalogExport:
    row: strawberry.Private[Export]
    format: CatalogExportFormat = strawberry.field(description="What the file is.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it ended; null until then.")
    status: CatalogExportStatus = strawberry.field(description="How it stands.")
    total: int | None = strawberry.field(description="How many titles there are; null until the worker has begun.")
    done: int = strawberry.field(description="How many titles are written.")
    percent: float = strawberry.field(description="How far it has come, from 0 to 100, to one decimal.")
    checksum: str | None = strawberry.field(description="SHA-256 of the file; null until it is whole.")
    bytes: float | None = strawberry.field(description="Size of the file; null until it is whole.")

    @strawberry.field(description="Opaque id; give it to `cmsExport`.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id(TYPE_NAME, self.row.id))

    @strawberry.field(
        description="Where to GET the file, for an hour and without an account; null until it is whole, and a week "
        "after that. Ask again for another hour."
    )
    def url(self, info: Info) -> URL | None:
        known = path_of(self.row, now=info.context.now, key=info.context.signing_key)
        return URL(f"{info.context.public_url}{known[0]}") if known else None

    @strawberry.field(description="When `url` ends; null where there is none.")
    def url_expires_at(self, info: Info) -> datetime | None:
        known = path_of(self.row, now=info.context.now, key=info.context.signing_key)
        return known[1] if known else None

    @classmethod
    def of(cls, row: Export) -> "CatalogExport":
        """Return the GraphQL form."""
        share = row.titles_done / row.titles_total if row.titles_total else 0.0
        return cls(
            row=row,
            format=CatalogExportFormat(row.format.value),
            created_at=row.created_at,
            finished_at=row.finished_at,
            status=_status(row),
            total=row.titles_total,
            done=row.titles_done,
            percent=100.0 if row.digest is not None else round(100 * share, 1),
            checksum=row.digest,
            bytes=None if row.digest is None else float(row.bytes_done),
        )


@strawberry.federation.type(tags=ADMIN, description="Outcome of asking for an export.")
class CatalogExportPayload:
    catalog_export: CatalogExport | None = strawberry.field(description="The export; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was taken in.")


def _status(row: Export) -> CatalogExportStatus:
    if row.failure_code is not None:
        return CatalogExportStatus.FAILED
    if row.digest is not None:
        return CatalogExportStatus.SUCCEEDED
    return CatalogExportStatus.QUEUED if row.titles_total is None else CatalogExportStatus.RUNNING
