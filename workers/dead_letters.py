"""`python -m workers.dead_letters [--replay ID …]`: letters given up or in doubt, and having them sent again.

A letter in doubt may arrive twice when it is replayed: that is why nothing replays it by itself.
"""

import argparse
import asyncio
from collections.abc import Sequence
from uuid import UUID

from subgraphs.shared.clock import system_clock
from subgraphs.shared.postgres import Database
from subgraphs.users.service.mail.records import DeadLetter, list_dead_letters, replay_dead_letters
from workers.config import Settings


async def run(settings: Settings, *, replay: Sequence[UUID]) -> list[str]:
    """Return the lines to show: what was replayed, else every dead letter."""
    database = Database(settings.database_url, settings.users_database, pool_size=1)
    try:
        if replay:
            count = await replay_dead_letters(database, replay, now=system_clock())
            return [f"{count} of {len(replay)} letters start over."]
        return [_line(letter) for letter in await list_dead_letters(database)] or ["No dead letters."]
    finally:
        await database.close()


def _line(letter: DeadLetter) -> str:
    facts = f"{letter.attempts:>2} tries  {letter.created_at.isoformat(timespec='seconds')}  {letter.reason}"
    return f"{letter.mail_id}  {letter.status:<8}  {letter.kind:<26}  {facts}"


def main() -> None:
    """Read the arguments and print."""
    parser = argparse.ArgumentParser(prog="python -m workers.dead_letters", description=__doc__)
    parser.add_argument("--replay", nargs="+", type=UUID, default=[], metavar="ID", help="let these letters start over")
    arguments = parser.parse_args()
    print("\n".join(asyncio.run(run(Settings(), replay=arguments.replay))))  # noqa: T201  # a command's output


if __name__ == "__main__":
    main()
