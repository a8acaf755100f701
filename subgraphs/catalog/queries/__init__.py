"""Root query fields of the catalog. All are nullable, so that a dead catalog nulls only its own part.

catalogue titles, playables, genres and people; and what editors see of titles
collections titles that editors put together
jobs      imports that the worker does
preview   the catalogue as others see it, at another moment, with drafts
search    search, suggestions, what is searched for
external  what others offer
"""

import strawberry

from subgraphs.catalog.queries.catalogue import CatalogQueries
from subgraphs.catalog.queries.collections import CollectionQueries
from subgraphs.catalog.queries.external import ExternalQueries
from subgraphs.catalog.queries.jobs import JobQueries
from subgraphs.catalog.queries.preview import PreviewQueries
from subgraphs.catalog.queries.search import SearchQueries


@strawberry.type
class Query(PreviewQueries, CatalogQueries, CollectionQueries, SearchQueries, JobQueries, ExternalQueries):
    pass
