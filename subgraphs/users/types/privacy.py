"""Consents, exports, deletion and grievances."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL
from subgraphs.shared.ids import encode_id
from subgraphs.users import models
from subgraphs.users.events import ConsentPurpose
from subgraphs.users.models import ExportStatus, GrievanceStatus

describe_enum(
    ConsentPurpose,
    "What a person agrees to, each on its own.",
    TERMS="The terms of use. Cannot be withdrawn while there is an account.",
    PERSONALIZATION="Recommendations made from what was watched.",
    TARGETED_ADS="Ads chosen by who watches.",
    MARKETING_EMAIL="Letters that advertise.",
    PUSH="Messages to devices.",
    ANALYTICS="Figures about use.",
    PARENTAL="A parent agrees for a child.",
)
describe_enum(
    ExportStatus,
    "How far an export is.",
    PENDING="It is being made.",
    READY="It can be fetched.",
    EXPIRED="The file is gone; ask for another one.",
)
describe_enum(
    GrievanceStatus, "How far a grievance is.", RECEIVED="The officer has it.", DECIDED="The officer answered."
)


@strawberry.type(description="The newest decision about one purpose.")
class Consent:
    purpose: ConsentPurpose = strawberry.field(description="What it is about.")
    granted: bool = strawberry.field(description="Whether the person agreed.")
    version: str = strawberry.field(description="Version of the text that the person read.")
    at: datetime = strawberry.field(description="When the person decided.")

    @classmethod
    def of(cls, row: models.Consent) -> Self:
        """Return the GraphQL form of a stored decision."""
        return cls(purpose=ConsentPurpose(row.purpose), granted=row.granted, version=row.version, at=row.at)


@strawberry.input(description="A decision about one purpose.")
class ConsentInput:
    purpose: ConsentPurpose = strawberry.field(description="What it is about.")
    granted: bool = strawberry.field(description="Whether the person agrees.")
    version: str = strawberry.field(description="Version of the text that the person read, 1 to 40 characters.")


@strawberry.type(description="Everything that is kept about the account, as a file.")
class DataExport:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    status: ExportStatus = strawberry.field(description="How far it is.")
    url: URL | None = strawberry.field(
        description="Where the file is, null until it is ready. Whoever has the address can read the file."
    )
    expires_at: datetime | None = strawberry.field(description="Until when it can be fetched; null until it is ready.")

    @classmethod
    def of(cls, row: models.DataExport, *, url: str | None) -> Self:
        """Return the GraphQL form of an export."""
        return cls(
            id=strawberry.ID(encode_id("DataExport", row.id)),
            status=row.status,
            url=URL(url) if url else None,
            expires_at=row.expires_at,
        )


@strawberry.input(description="A complaint.")
class GrievanceInput:
    category: str = strawberry.field(description="CONTENT, PRIVACY, BILLING, ACCESSIBILITY or OTHER.")
    text: str = strawberry.field(description="1 to 5,000 characters.")
    subject_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of what it is about, a title for example."
    )
    email: str | None = strawberry.field(
        default=None, description="Address to answer to; needed without an account, else the account's unless given."
    )


@strawberry.type(description="A complaint that the grievance officer has.")
class Grievance:
    id: strawberry.ID = strawberry.field(description="Opaque global id; its beginning is the reference in letters.")
    received_at: datetime = strawberry.field(description="When it came; the letter that says so goes out at once.")
    due_at: datetime = strawberry.field(description="Until when the officer decides: 15 days after it came.")
    status: GrievanceStatus = strawberry.field(description="How far it is.")

    @classmethod
    def of(cls, row: models.Grievance) -> Self:
        """Return the GraphQL form of a complaint."""
        return cls(
            id=strawberry.ID(encode_id("Grievance", row.id)),
            received_at=row.received_at,
            due_at=row.due_at,
            status=row.status,
        )


@strawberry.type(description="Outcome of `grievanceSubmit`.")
class GrievancePayload:
    grievance: Grievance | None = strawberry.field(description="The complaint; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was taken.")
