"""Every statement of the catalog. Visibility is part of the statement, so that no resolver can forget it.

visibility  who sees what: the one predicate, in SQL
cards       what a statement returns: plain facts of titles, playables, seasons, episodes
criteria    what narrows a list of titles, as values and as conditions
pages       a page of an ordered list as one statement whose cost grows with neither depth nor size
tags        what search documents are marked with, so that one index answers combinations of filters
titles      titles by id and slug; browsing with filters, orders and keyset pages
playables   what is read of playables, and their markers
metadata    what does not depend on the viewer, kept in the process and in Valkey by its version
shown       titles and playables by id, as pages show them: decided by a statement, the rest from the metadata
seasons     seasons, episodes and their neighbours
people      people, credits, filmographies
genres      genres and how many titles each has
collections titles that editors put together, by hand or by a rule
search      documents that match words; known words near a misspelt one
search_named    what a search looks for, as parameters of statements that are built once
search_visible  which documents are of what a viewer may see
search_counts   how many hits a search has, and which values how many of its titles have
prominence  which documents are looked through first
bounded     counting to an end
search_documents  documents as an index of another system takes them
search_log  what is searched for
artwork     what an image shows
uploads     uploaded pictures
bulk        bulk operations and their items
imports     imports, their files, and what they noted
exporting   which titles an export has; exports, and how far each has come
registers   the log of genres and people
slugs       names that are asked for at the same moment
external_ids  which titles are called what by others: each name belongs to one
coming      titles that come soon, and who waits for them
texts       descriptions with their marks
editorial   drafts, their versions and the log; stored titles as editors take them over
external    catalogues of others: claims, rows, what is found in them, which titles of ours they have
waiting     what editors left to the worker
privacy     the accounts that edit titles
writing     storing titles with all that hangs on them; ranks of trending titles
"""
