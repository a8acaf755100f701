"""GraphQL types of the recommendations subgraph.

words     enums with their texts
titles    Title as seen from here, reasons, scores, trends
pages     pages, trays and their items
profiles  Profile as seen from here
"""
