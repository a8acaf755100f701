"""catalog: what there is to watch. Titles (movies, shows, sports events), seasons, episodes, genres, people, images;
and what editors make of them: drafts, reviews, versions, bulk changes, imports of files.

Entities owned: Title (Movie, Show, SportsEvent), Playable, Season, Episode, Genre, Person, Collection.
Stores used: PostgreSQL database `catalog`; the object folder, for artwork drawn on first request and files of titles;
where one is set, the index of an OpenSearch or Elasticsearch.
Services of others: their catalogues and feeds, which the worker reads.
Events published: catalog.title_changed, catalog.collection_changed, catalog.search_documents_changed,
catalog.reminder_due.
Events consumed (by the workers): recommendations.trending_computed.
"""
