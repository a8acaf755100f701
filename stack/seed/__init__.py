"""The demo platform: catalogue, people, plans and months of viewing history, the same on every machine.

catalogue  titles, seasons, episodes
words      the words of which names and descriptions are built
"""
