"""Imports: files of titles on their way into the catalogue, taken in by the worker."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Self

import strawberry

from subgraphs.catalog.models import ImportFormat, ImportState
from subgraphs.catalog.repository import imports as repository
from subgraphs.catalog.types.editorial import ADMIN, FieldChange
from subgraphs.catalog.types.words import Info
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.pagination import First, PageInfo, check_page_size
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL
from subgraphs.shared.ids import encode_id

TYPE_NAME = "CatalogImport"
UPLOAD = "ImportUpload"

_MOST_SKIPPED = 1_000


class ImportStatus(Enum):
    """How an import stands, as clients see it."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


describe_enum(
    ImportFormat,
    "What a file of titles is. CSV, JSON lines and MRSS may be packed with gzip.",
    JSON_LINES="A JSON object per line: films (`title, year, cast, genres`), or lines of our own exports.",
    CSV="A film per row; the first row names the columns, `id` and `title` among them. `video_file` is the name under "
    "which the film that plays was uploaded, or its global id; of several of one name the one that was sent last. A "
    "row whose film nobody sent is refused: VIDEO_UNKNOWN.",
    MRSS="Media RSS 2.0: a film per item, known by its `guid`.",
    SQLITE_LEGACY="The SQLite catalogue of Cinema Online.",
)
strawberry.enum(ImportStatus)
describe_enum(
    ImportStatus,
    "How an import stands.",
    QUEUED="Waits for the worker.",
    RUNNING="The worker reads, takes in or compares.",
    SUCCEEDED="Every row was taken.",
    PARTIAL="Some rows were not taken; all others were.",
    FAILED="Nothing more is taken from the file; `failure` says why.",
)


@strawberry.federation.type(
    tags=ADMIN, description="A place for one file of titles. Send its bytes to `url`, then name `id`."
)
class ImportUpload:
    id: strawberry.ID = strawberry.field(description="Opaque id, for `CatalogImportInput.uploadId`.")
    url: URL = strawberry.field(
        description="Where to PUT the bytes. The answer is 201 with size and SHA-256, or an error with a `code`: "
        "FILE_EMPTY, FILE_TOO_LARGE, FILE_DAMAGED, UPLOAD_EXPIRED, UPLOAD_DONE."
    )
    expires_at: datetime = strawberry.field(description="When the address stops taking a file.")
    max_bytes: int = strawberry.field(description="Largest file that it takes.")


@strawberry.federation.input(tags=ADMIN, description="A file of titles, and what to do with it.")
class CatalogImportInput:
    upload_id: strawberry.ID = strawberry.field(description="The place to which you sent it.")
    format: ImportFormat = strawberry.field(description="What the file is.")
    dry_run: bool = strawberry.field(
        default=False, description="Changes nothing; `changes` and the counts then say what would be changed."
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description="Text of your choice; the same one, come again, returns the import that it made."
    )


@strawberry.federation.type(name="ImportError", tags=ADMIN, description="A row that was not taken.")
class RowError:
    row: int = strawberry.field(
        description="Its number, from 1: the line of a CSV or JSON file, the item of a feed, the rowid in SQLite."
    )
    external_id: str | None = strawberry.field(description="The source's own id of it, where it has one.")
    code: str = strawberry.field(
        description="Stable code: ROW_INVALID, ROW_UNREADABLE, ROW_DUPLICATE, ROW_DANGLING, ROW_LICENSED, "
        "EXTERNAL_ID_TAKEN, TITLE_UNKNOWN, INTERNAL."
    )
    message: str = strawberry.field(description="English text for whoever made the file.")


@strawberry.federation.type(tags=ADMIN, description="A title that an import brings or changes.")
class ImportChange:
    title_id: strawberry.ID = strawberry.field(description="Global id of the title.")
    name: str = strawberry.field(description="Its name, as the file has it.")
    is_new: bool = strawberry.field(description="Whether the catalogue had no such title.")
    fields: list[FieldChange] = strawberry.field(description="What differs; empty for a new one.")


@strawberry.federation.type(tags=ADMIN, description="Why nothing more is taken from a file.")
class ImportFailure:
    code: str = strawberry.field(
        description="Stable code: FILE_FORMAT, FILE_DAMAGED, FILE_UNSAFE, FILE_TOO_LARGE, FILE_MISSING, "
        "TOO_MANY_ROWS, NO_USABLE_ROW, INTERNAL; of a feed also FEED_UNREACHABLE."
    )
    message: str = strawberry.field(description="English text for whoever made the file.")


@strawberry.federation.type(
    tags=ADMIN,
    description="What the catalogue has of what the file says, read once more after the import. Titles that editors "
    "took over compare with what they took over.",
)
class ImportComparison:
    compared: int = strawberry.field(description="How many titles the file speaks of.")
    matching: int = strawberry.field(description="How many of them the catalogue has as the file says.")
    source_checksum: str = strawberry.field(description="Sixteen letters over the titles of the file, in any order.")
    stored_checksum: str = strawberry.field(description="The same over what the catalogue has of them.")


Skip = Annotated[int, strawberry.argument(description="How many to leave out at the beginning; up to 1,000.")]


@strawberry.federation.type(
    tags=ADMIN,
    description="A file's way into the catalogue. Each row is taken whole or not at all, and one that is refused keeps "
    "no other; a file that is damaged anywhere changes nothing. New titles are published at once; titles that editors "
    "took over stay as they made them.",
)
class CatalogImport:
    row: strawberry.Private[repository.Import]

    format: ImportFormat = strawberry.field(description="What the file is.")
    dry_run: bool = strawberry.field(description="Whether nothing is changed.")
    feed: str | None = strawberry.field(description="Name of the feed that brought it; null for an editor's file.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it ended; null until then.")
    status: ImportStatus = strawberry.field(description="How it stands.")
    total: int | None = strawberry.field(description="How many rows there are; null until the file was read through.")
    done: int = strawberry.field(description="How many rows were handled.")
    inserted: int = strawberry.field(description="How many titles were, or would be, new.")
    updated: int = strawberry.field(description="How many titles were, or would be, changed.")
    unchanged: int = strawberry.field(description="How many titles the catalogue had as they came.")
    kept: int = strawberry.field(description="How many titles were left as editors made them.")
    failed: int = strawberry.field(description="How many rows were not taken.")
    percent: float = strawberry.field(description="How far it has come, from 0 to 100, to one decimal.")

    @strawberry.field(description="Opaque id; give it to `cmsImport`.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id(TYPE_NAME, self.row.id))

    @strawberry.field(description="Why nothing more is taken; null while nothing is wrong with the file.")
    def failure(self) -> ImportFailure | None:
        return ImportFailure(code=self.row.failure[0], message=self.row.failure[1]) if self.row.failure else None

    @strawberry.field(description="How the catalogue compares with the file; null for a dry run and until the end.")
    def comparison(self) -> ImportComparison | None:
        found = self.row.comparison
        if found is None:
            return None
        return ImportComparison(
            compared=found.compared,
            matching=found.matching,
            source_checksum=found.source_checksum,
            stored_checksum=found.stored_checksum,
        )

    @strawberry.field(description="Rows that were not taken, in their order; the first 1,000 are kept.")
    async def errors(self, info: Info, first: First = 50, skip: Skip = 0) -> list[RowError]:
        limit, after = _window(first, skip)
        async with info.context.database.reading() as session:
            found = await repository.errors_of(session, self.row.id, limit=limit, after=after)
        return [
            RowError(row=each.row, external_id=each.external_id, code=each.code, message=each.message)
            for _position, each in found
        ]

    @strawberry.field(description="Titles that it brings or changes, in their order; the first 1,000 are kept.")
    async def changes(self, info: Info, first: First = 50, skip: Skip = 0) -> list[ImportChange]:
        limit, after = _window(first, skip)
        async with info.context.database.reading() as session:
            found = await repository.changes_of(session, self.row.id, limit=limit, after=after)
        return [
            ImportChange(
                title_id=strawberry.ID(each.title_id),
                name=each.name,
                is_new=each.is_new,
                fields=[FieldChange(field=name, before=before, after=new) for name, before, new in each.fields],
            )
            for _position, each in found
        ]

    @classmethod
    def of(cls, row: repository.Import) -> Self:
        """Return the GraphQL form."""
        counts = row.counts
        share = counts.rows_done / row.rows_total if row.rows_total else float(row.finished_at is not None)
        return cls(
            row=row,
            format=row.format,
            dry_run=row.dry_run,
            feed=row.feed,
            created_at=row.created_at,
            finished_at=row.finished_at,
            status=_status(row),
            total=row.rows_total,
            done=counts.rows_done,
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            kept=counts.kept,
            failed=counts.failed,
            percent=round(100 * share, 1),
        )


@strawberry.federation.type(tags=ADMIN, description="An import in a page of imports.")
class CatalogImportEdge:
    cursor: str = strawberry.field(description="Where it stands; give it as `after`.")
    node: CatalogImport = strawberry.field(description="The import.")


@strawberry.federation.type(tags=ADMIN, description="A page of imports, newest first.")
class CatalogImportConnection:
    edges: list[CatalogImportEdge] = strawberry.field(description="The imports.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")


@strawberry.federation.type(tags=ADMIN, description="Outcome of asking for an import.")
class CatalogImportPayload:
    catalog_import: CatalogImport | None = strawberry.field(description="The import; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was taken in.")


def _status(row: repository.Import) -> ImportStatus:
    if row.state is ImportState.DONE:
        return ImportStatus.PARTIAL if row.counts.failed else ImportStatus.SUCCEEDED
    if row.state in (ImportState.QUEUED, ImportState.FAILED):
        return ImportStatus(row.state.value)
    return ImportStatus.RUNNING


def _window(first: int, skip: int) -> tuple[int, int]:
    """Return the limit and the position after which to read.

    Raises:
        BadUserInputError: `first` or `skip` is out of range.
    """
    if not 0 <= skip <= _MOST_SKIPPED:
        raise BadUserInputError(f"`skip` is from 0 to {_MOST_SKIPPED}.")
    return check_page_size(first), skip - 1
