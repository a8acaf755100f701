"""Where the time of a home page goes: samples the stack of a process that holds router and subgraphs."""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import httpx
from rich.console import Console

from stack.attach import stores_at_hand
from stack.demo import demo_headers
from stack.edge import together_app
from stack.home import PROJECT, Home
from subgraphs.shared.telemetry import configure_logging

_REQUESTS = 100
_INTERVAL_SECONDS = 0.002
_OURS = ("router", "subgraphs", "stack", "media", "workers")


def profile_home(home_folder: Path, query: str) -> None:
    """Print the share of samples by the package of the innermost frame; the stack of that folder must be running."""
    configure_logging(level="WARNING")
    with stores_at_hand(Home(home_folder), Console(stderr=True)):
        samples = asyncio.run(_run(query))
    total = sum(samples.values())
    print(f"\nwhere the time goes: {_REQUESTS} requests one after another in one process, {total} samples")
    for package, count in samples.most_common(14):
        print(f"  {package:<28}{100 * count / total:>6.1f} %")


async def _run(query: str) -> Counter[str]:
    edge = together_app()
    headers = dict((demo_headers() or dict)())
    async with (
        edge.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://platform", timeout=60) as client,
    ):
        for _ in range(5):  # warm: plans, documents, read models
            await client.post("/graphql", json={"query": query}, headers=headers)
        with _sampling() as samples:
            for _ in range(_REQUESTS):
                await client.post("/graphql", json={"query": query}, headers=headers)
    return samples


@contextmanager
def _sampling() -> Iterator[Counter[str]]:
    """Count the package that runs in this thread, every few milliseconds, until the block ends."""
    samples: Counter[str] = Counter()
    thread_id = threading.get_ident()
    done = threading.Event()

    def sample() -> None:
        while not done.wait(_INTERVAL_SECONDS):
            frame = sys._current_frames().get(thread_id)  # noqa: SLF001  # the only way to another thread's stack
            if frame is not None:
                samples[_package(frame)] += 1

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        yield samples
    finally:
        done.set()
        sampler.join()


def _package(frame: FrameType | None) -> str:
    """Name the package of the frame: ours by part, others by distribution, waiting by itself."""
    while frame is not None:
        path = frame.f_code.co_filename
        if "selectors.py" in path:
            return "(waiting for stores)"
        if path.startswith(str(PROJECT)) and "site-packages" not in path:
            parts = Path(path).relative_to(PROJECT).parts
            return "/".join(parts[:2]) if parts[0] in _OURS else parts[0]
        if "site-packages" in path:
            return path.split("site-packages/", 1)[1].split("/", 1)[0]
        if not path.startswith("<"):
            return f"python {Path(path).parent.name if 'asyncio' in path else 'library'}"
        frame = frame.f_back
    return "?"
