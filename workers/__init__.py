"""Work in the background: the only consumers of events, and what is due by the clock.

app            the Celery application: tasks, schedule
celery_config  its settings, read when the first process needs them
turns          what must not wait: events, streams, letters, scheduled titles, imports, payments
runtime        one event loop and one set of open stores per worker process
services       the batch functions of all subgraphs, opened together
routing        which consumers an event has, and in whose words
relay          from the outboxes to the consumers
streams        from the Valkey streams to the consumers
gathering      catalogues of others
indexing       the index of search follows what is published
recommending   charts and personal rows
importing      files of titles into the catalogue
exporting      the published titles into files
encoding       films that editors sent become streams; encoding_process is what it starts for each
writing        letters, announcements, and plans that renew soon
dead_letters   a command: letters that were given up, and replaying them
privacy        exports and purges across all subgraphs
retention      how long what is kept
housekeeping   what may be forgotten
draining       all of it until nothing is left, in process
"""
