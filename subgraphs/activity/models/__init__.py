"""What activity keeps and speaks of.

facts      what other domains tell it: titles, watching
documents  MongoDB documents
states     how far a profile has come in a title, as read models hold it
"""
