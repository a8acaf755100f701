"""What playback keeps and speaks of.

contents   what a stream consists of
facts      what other domains tell it: rights, entitlements, heartbeats
tables     PostgreSQL tables
media      PostgreSQL tables of films on their way in
documents  MongoDB documents
rows       what its statements return
"""
