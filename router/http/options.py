"""How the application treats requests, as its settings say."""

from dataclasses import dataclass

from router.execution.metrics import RouterMetrics
from router.http.asked_labels import AskedLabels
from router.http.browsers import Cors
from router.http.client_address import ClientAddresses
from router.http.documents import Documents
from router.http.graphiql import GraphiQLPage


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """What does not change while the application serves.

    Attributes:
        page: GraphiQL; None serves none.
        query_plan: Whether clients may see plans.
        metrics: Shown at /metrics; None shows nothing.
        asked_labels: What requests say of progressive overrides.
    """

    max_body_bytes: int
    csrf_prevention: bool
    documents: Documents
    cors: Cors
    client_addresses: ClientAddresses
    page: GraphiQLPage | None
    query_plan: bool
    metrics: RouterMetrics | None
    asked_labels: AskedLabels
