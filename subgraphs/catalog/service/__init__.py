"""Rules of the catalog. No module here knows GraphQL or commits a transaction.

facts      what a title is at a moment: availability, badges, the state of a live event
artwork    names and sizes of drawn pictures
uploads    signed addresses to which pictures are sent
pictures   uploaded pictures in drafts
words      normal form of text, the words of a document, typos
sounds     how words sound in Latin letters and Devanagari
searching  from a query's text to documents; what was meant; where it stands in a name
search_engine the port to the index of search, PostgreSQL behind it, and an engine that stands in for another
cluster_search OpenSearch or Elasticsearch behind the port
engines    which engine searches, by the settings
indexing   the index of a cluster: documents that changed, and all anew
changed_documents whose search documents an event says have changed
search_log what is searched for, as figures
genres     the genres known by name in English and Hindi
licensing  setting the licences of a title
registers  genres and people as editors keep them
records    a title as the seed and imports hand it over, and its ids
documents  what a title or a person is found by, as rows
rows       a record as rows of the tables
writing    storing records with events; ranks of trending titles
drafts     a title as its editors see it
external_ids what others call a title
richtext   formatted descriptions: harmless HTML, and the plain text that it says
external_offers from a row of somebody else's catalogue to what is stored of it
external_catalogues gathering the catalogues of others
checks     what is wrong in a draft, what is missing
timecode   how an editor's tools name a moment
waiting    whether editors left something to the worker
workflow   who may do what with a title, and where it stands afterwards
editing    what editors do: make, change, review, publish, take down, roll back
bulk       one change to many titles, as a job
imports    files of titles, as jobs
feeds      files of titles at partners' addresses, fetched when due
import_uploads signed addresses to which such files are sent
videos     films that play for titles, by name and id
import_files a file as rows, whatever its format
taking     a batch of rows into the catalogue, and what that changes
job_news   from the worker to whoever watches a job
reminders  telling viewers what they wait for
preview    the catalogue as it will be, for one request
preview_links tokens by which others see a preview
publishing a draft becomes a record, a stored title a draft
importing  films as JSON lines, and what readers share
exchange   whole titles as JSON lines
columns    a film as named columns of text
spreadsheet films as CSV
mrss       films as Media RSS
exporting  the published titles as a file
exports    such files as jobs, and signed addresses to them
legacy     the SQLite catalogue of Cinema Online
"""
