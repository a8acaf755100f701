"""Our router beside the gateways on Node, over the same canned subgraphs: `python -m benchmarks.gateways`.

packages.py   the peers' pinned versions, and their installation outside the repository
graphs.py     the two graphs that are measured: a shop, and the project's own home page
answers.py    what a subgraph answers; shop_data.py and home_data.py hold the data
subgraphs.py  the servers that answer for all subgraphs, each different request computed once
peers.py      how each gateway is started
checks.py     that all gateways answer alike, and how often they ask subgraphs
measure.py    interleaved rounds of load
cold.py       planning and composition in processes of their own
report.py     the tables
node/         the scripts that run in the peers' folder
"""
