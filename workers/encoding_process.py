"""One film made a stream, in a process of its own: `python -m workers.encoding_process`. What starts it is in encoding.

The order comes as a line of JSON; progress and the result go out as lines of JSON. When its input ends, whoever started
it is gone or wants no more, and it ends too, with the tools that it runs.
"""

import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from media.errors import MediaError
from media.ingest import ingest
from media.results import CaptionFile

NICENESS = 10
_ENDING_SECONDS = 10.0


def main() -> None:
    """Do what the order says, and say how it goes."""
    os.nice(NICENESS)
    order = orjson.loads(sys.stdin.readline())
    is_unwanted = threading.Event()
    threading.Thread(target=_wait_for_end, args=(is_unwanted,), daemon=True).start()
    try:
        made = ingest(
            Path(order["source"]),
            Path(order["folder"]),
            captions=[CaptionFile(**{**each, "path": Path(each["path"])}) for each in order["captions"]],
            default_language=order["language"],
            on_progress=lambda share: _say({"progress": share}),
            is_cancelled=is_unwanted.is_set,
        )
    except MediaError as error:
        _say({"failed": {"code": error.code.value, "message": error.message, "detail": error.detail}})
    else:
        _say({"made": asdict(made)})


def _say(word: dict[str, Any]) -> None:
    # Fractions are written as such: 24000/1001.
    sys.stdout.buffer.write(orjson.dumps(word, default=str) + b"\n")
    sys.stdout.buffer.flush()


def _wait_for_end(is_unwanted: threading.Event) -> None:
    sys.stdin.read()
    is_unwanted.set()
    threading.Event().wait(_ENDING_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
