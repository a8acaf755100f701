"""Every statement of the recommendations subgraph.

visibility   who may see a title: one definition for every statement
facts        what other domains told us, written in batches
boards       the generic rows of a page, ranked in one statement
neighbours   titles that share genres, people or languages with others; what a profile did
trends       the charts
row_cache    ranked rows and tiers in Valkey
"""
