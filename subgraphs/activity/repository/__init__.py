"""Every statement of the activity subgraph.

stores      the two stores, opened together
durable     MongoDB: what profiles did and said
titles      MongoDB: the projection of titles
counts      MongoDB: how often titles were watched, what all profiles think of them
read_model  Valkey: what home pages read
packing     how the read model writes its values
"""
