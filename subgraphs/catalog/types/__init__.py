"""The catalog's GraphQL types.

words      enums and arguments that several types take
references entity references to cards
image      Image
genre      Genre
title      Title with Movie, Show and SportsEvent; Credit, Person and TitleConnection, which speak of each other
playable   Playable
marker     Marker: a moment or stretch of a playable
season     Season, Episode and EpisodeConnection
texts      descriptions with their marks
filters    TitleFilter
collection Collection: titles that editors put together; cms_collection: how editors see it
search     SearchHit and SearchConnection
external   ExternalTitle
exports    CatalogExport: the published titles as files
preview_links addresses of previews
external_ids ExternalId, what others call a title
"""

from subgraphs.catalog.types import words as words  # enums get their texts before any type names them
