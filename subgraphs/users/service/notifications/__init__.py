"""Notices: what each kind says and where it goes, writing them, preferences, announcements, and live delivery.

kinds          one entry per kind: its words, channels, and which cannot be switched off
sending        from a notice to the channels that its reader wants
preferences    choosing channels
announcements  one notice to many, in batches
live           from the worker that wrote a notice to the reader's open subscription

A new kind is a member of events.NotificationKind and an entry in `KINDS`; a new channel a member of
models.NotificationChannel and an entry in `sending.CHANNELS`. Neither changes a type of the API, and clients keep
working as long as they treat values they do not know as SYSTEM.
"""
