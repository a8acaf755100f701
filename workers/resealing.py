"""`python -m workers.resealing`: what is still sealed under an older key, moved to the newest one.

To change the key for personal data: put a new one in front of PERSONAL_DATA_KEYS everywhere, run this, and take the
old one out a week later, when the last export and letter under it are gone. The worker does the same once an hour. It
can be stopped and run again at any time.
"""

import argparse
import asyncio
from collections.abc import Mapping

from subgraphs.users.config import WorkerSettings
from subgraphs.users.service import Resealed, open_service


async def run(settings: WorkerSettings) -> list[str]:
    """Move everything, and return the lines to show."""
    async with open_service(settings) as users:
        return lines_of(await users.reseal())


def lines_of(resealed: Mapping[str, Resealed]) -> list[str]:
    """Return a line for each column, and a last one that says whether the older keys can go."""
    lost = sum(each.lost for each in resealed.values())
    lines = [f"{name:<28} {each.moved:>8} moved  {each.lost:>8} lost" for name, each in resealed.items()]
    return [*lines, f"{lost} values open with no key: bring theirs back." if lost else "Everything is under one key."]


def main() -> None:
    """Print what was done."""
    argparse.ArgumentParser(prog="python -m workers.resealing", description=__doc__).parse_args()
    print("\n".join(asyncio.run(run(WorkerSettings()))))  # noqa: T201  # a command's output


if __name__ == "__main__":
    main()
