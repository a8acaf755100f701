"""The demo platform: catalogue, people, plans, campaigns and months of viewing, the same on every machine.

catalogue  titles, seasons, episodes
curated    what curators made: a collection and its tray
words      the words of which names and descriptions are built
accounts   the demo people, their profiles and plans
ads        the demo campaigns
viewing    what the demo profiles and their neighbours have watched
run        all of it, in order
"""

from stack.seed.accounts import demo_logins, demo_viewer
from stack.seed.run import run

__all__ = ["demo_logins", "demo_viewer", "run"]
