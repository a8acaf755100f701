"""A library for pictures, sound and streams. No broker, database or GraphQL, and no other package of ours.

artwork  pictures for titles, drawn from a number
pictures pictures that people upload
"""
