"""Letters: each sent at most once, within a minute when the mail server is there.

letters    what a letter says: subject, text and HTML from the templates, in English and Hindi
queue      taking letters in, each dedup key once
secrets    tokens and links on their way to the letter, sealed
delivery   sending what is due, and recording what became of it
records    dead letters for operators: list, replay

Why at most once: before sending, a worker records that it has the letter in hand. A worker killed between handing it
over and recording that leaves it in hand; nobody can know then whether it went out, so it is set aside as in doubt and
never sent again by itself. Codes expire and can be asked for again; a second copy of a letter cannot be taken back.
"""
