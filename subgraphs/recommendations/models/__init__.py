"""What the recommendations subgraph keeps and passes around.

words   enums: pages, tray kinds and layouts, row sources, reasons, periods
tables  the PostgreSQL tables
facts   what other domains tell us, as small frozen dataclasses
traits  what a title has in common with others, and what a profile did with it
rows    ranked rows and the documents that hold them in Valkey
"""
