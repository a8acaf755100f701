"""Root subscription fields of the users subgraph, a module for each topic.

A topic is a class of fields; `Subscription` is made of them all.
"""

import strawberry

from subgraphs.users.subscriptions.notices import NoticeSubscriptions
from subgraphs.users.subscriptions.sessions import SessionSubscriptions


@strawberry.type
class Subscription(NoticeSubscriptions, SessionSubscriptions):
    """Every topic's fields."""
