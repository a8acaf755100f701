"""The mail server of one machine: takes every letter that the services send, delivers none, and shows them.

catcher  takes letters over SMTP and keeps the newest as files
letters  the files, as summaries and texts
pages    /dev/mail: a list, a letter, and both as JSON for tests

Only `reelgraph up` starts it, and only when no SMTP_URL is set.
"""

FOLDER_VARIABLE = "DEV_MAIL_FOLDER"
"""Names the folder of caught letters; /dev/mail exists only where it is set."""
PATH = "/dev/mail"
