"""Root subscription fields of the catalog.

jobs  what the worker does for editors, as it goes on
"""

import strawberry

from subgraphs.catalog.subscriptions.jobs import JobSubscriptions


@strawberry.type
class Subscription(JobSubscriptions):
    pass
