"""Payments and invoices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.billing import models, repository
from subgraphs.billing.context import Context, Info
from subgraphs.billing.models import MethodKind, PaymentStatus, Provider
from subgraphs.billing.service.proration import Line
from subgraphs.billing.types.money import Money, uuids_of
from subgraphs.billing.types.subscriptions import InvoiceLine
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.pagination import (
    PageInfo,
    check_page_size,
    cursor_moment,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id

strawberry.enum(MethodKind, name="PaymentMethodKind")
describe_enum(
    MethodKind,
    "How somebody pays.",
    CARD="A card.",
    UPI="UPI.",
    NETBANKING="Net banking.",
    WALLET="A wallet.",
)
describe_enum(
    PaymentStatus,
    "What became of a payment.",
    PENDING="The provider was asked and has not answered yet.",
    SUCCEEDED="The money was collected.",
    FAILED="The provider declined.",
)


@strawberry.type(description="Money that was asked for; visible to its own account only.")
class Payment:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    amount: Money = strawberry.field(description="What was asked for, tax included.")
    status: PaymentStatus = strawberry.field(description="What became of it.")
    method: MethodKind | None = strawberry.field(description="How it was paid; null while that is not known.")
    provider: Provider = strawberry.field(description="Who was asked to collect it.")
    failure_code: str | None = strawberry.field(
        description="Why the provider declined, in its own code; null when it did not."
    )
    created_at: datetime = strawberry.field(description="When it was begun.")

    @classmethod
    def of(cls, row: models.Payment) -> Self:
        """Return the GraphQL form of a stored payment."""
        return cls(
            id=strawberry.ID(encode_id("Payment", row.id)),
            amount=Money.of(row.amount_minor, row.currency),
            status=row.status,
            method=row.method,
            provider=row.provider,
            failure_code=row.failure_code,
            created_at=row.created_at,
        )


@strawberry.type(description="A payment with its place in the list.")
class PaymentEdge:
    cursor: str = strawberry.field(description="Give it as `after` to get what follows.")
    node: Payment = strawberry.field(description="The payment.")


@strawberry.type(description="Payments, newest first.")
class PaymentConnection:
    edges: list[PaymentEdge] = strawberry.field(description="The payments of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")


@strawberry.type(description="A tax of a bill.")
class TaxLine:
    name: str = strawberry.field(description="CGST, SGST or IGST.")
    rate_percent: float = strawberry.field(description="Rate in percent of the subtotal.")
    amount: Money = strawberry.field(description="The amount, rounded half up to a minor unit.")


@strawberry.federation.type(
    keys=["id"], description="The bill of a payment, as it was issued; visible to its own account only."
)
class Invoice:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    number: str = strawberry.field(description="Number without gaps in its financial year: RG/26-27/0000001.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    subtotal: Money = strawberry.field(description="The total less the taxes that it contains.")
    taxes: list[TaxLine] = strawberry.field(description="The taxes; with subtotal and round-off they make the total.")
    round_off: Money = strawberry.field(description="What rounding the taxes leaves over: a minor unit at most.")
    total: Money = strawberry.field(description="What was paid.")
    sac: str = strawberry.field(description="Service accounting code of what was sold.")
    supplier_gstin: str | None = strawberry.field(description="GST number of the seller; null when it has none.")
    place_of_supply: str = strawberry.field(description="State of India that decides the taxes, ISO 3166-2.")
    lines: list[InvoiceLine] = strawberry.field(description="What was sold and what was set off, tax included.")

    @classmethod
    def of(cls, row: models.Invoice) -> Self:
        """Return the GraphQL form of a stored invoice."""
        currency = row.currency
        taxes = [
            TaxLine(name=tax["name"], rate_percent=tax["rate_percent"], amount=Money.of(tax["amount_minor"], currency))
            for tax in row.taxes
        ]
        return cls(
            id=strawberry.ID(encode_id("Invoice", row.id)),
            number=row.number,
            issued_at=row.issued_at,
            subtotal=Money.of(row.subtotal_minor, currency),
            taxes=taxes,
            round_off=Money.of(row.round_off_minor, currency),
            total=Money.of(row.total_minor, currency),
            sac=row.sac,
            supplier_gstin=row.supplier_gstin,
            place_of_supply=row.place_of_supply,
            lines=[InvoiceLine.of(Line(**line), currency) for line in row.lines],
        )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the invoices of the viewer's account; null for every other."""
        wanted = uuids_of(references, "Invoice")
        ids = list(dict.fromkeys(invoice_id for invoice_id in wanted if invoice_id is not None))
        rows = await info.context.loaders.invoice_by_id.load_many(ids)
        found = {row.id: cls.of(row) for row in rows if row is not None}
        return [found.get(invoice_id) if invoice_id else None for invoice_id in wanted]


@strawberry.type(description="An invoice with its place in the list.")
class InvoiceEdge:
    cursor: str = strawberry.field(description="Give it as `after` to get what follows.")
    node: Invoice = strawberry.field(description="The invoice.")


@strawberry.type(description="Invoices, newest first.")
class InvoiceConnection:
    edges: list[InvoiceEdge] = strawberry.field(description="The invoices of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")


async def read_payments(context: Context, user_id: str, *, first: int, after: str | None) -> PaymentConnection:
    """Return a page of the account's payments; one statement."""
    check_page_size(first)
    key = _position(after, "payments")
    async with context.database.reading() as session:
        rows = await repository.payments_page(session, user_id, first=first, after=key)
    page = make_page(rows, first, lambda row: _cursor("payments", row.created_at, row.id), after=after)
    edges = [
        PaymentEdge(cursor=cursor, node=Payment.of(row)) for cursor, row in zip(page.cursors, page.rows, strict=True)
    ]
    return PaymentConnection(edges=edges, page_info=page.page_info)


async def read_invoices(context: Context, user_id: str, *, first: int, after: str | None) -> InvoiceConnection:
    """Return a page of the account's invoices; one statement."""
    check_page_size(first)
    key = _position(after, "invoices")
    async with context.database.reading() as session:
        rows = await repository.invoices_page(session, user_id, first=first, after=key)
    page = make_page(rows, first, lambda row: _cursor("invoices", row.issued_at, row.id), after=after)
    edges = [
        InvoiceEdge(cursor=cursor, node=Invoice.of(row)) for cursor, row in zip(page.cursors, page.rows, strict=True)
    ]
    return InvoiceConnection(edges=edges, page_info=page.page_info)


def _cursor(scope: str, at: datetime, row_id: UUID) -> str:
    return encode_cursor(scope, at.isoformat(), str(row_id))


def _position(after: str | None, scope: str) -> tuple[datetime, UUID] | None:
    key = decode_cursor(after, scope, cursor_moment, UUID)
    return (key[0], key[1]) if key else None
