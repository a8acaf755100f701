"""Where the time of a home page goes: samples the stack of a process that holds router and subgraphs."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import httpx
from rich.console import Console

from stack.attach import stores_at_hand
from stack.edge import together_app
from stack.home import PROJECT, Home
from subgraphs.shared.telemetry import configure_logging

_REQUESTS = 100
_INTERVAL_SECONDS = 0.002
_OURS = ("router", "subgraphs", "stack", "media", "workers")


def profile_home(home_folder: Path, query: str, *, headers: Mapping[str, str]) -> None:
    """Print the share of samples by the package of the innermost frame; the stack of that folder must be running.

    Args:
        headers: Of the viewer who asks.
    """
    configure_logging(level="WARNING")
    with stores_at_hand(Home(home_folder), Console(stderr=True)):
        samples = asyncio.run(_run(query, headers))
    total = sum(samples.values())
    print(f"\nwhere the time goes: {_REQUESTS} requests one after another in one process, {total} samples of CPU time")
    for package, count in samples.most_common(14):
        print(f"  {package:<28}{100 * count / total:>6.1f} %")


async def _run(query: str, headers: Mapping[str, str]) -> Counter[str]:
    edge = together_app()
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
    """Count the package that runs, every few milliseconds of CPU time, until the block ends.

    By a signal of the CPU clock: a sampling thread would only see the moments in which the interpreter's lock is free.
    """
    samples: Counter[str] = Counter()

    def sample(_number: int, frame: FrameType | None) -> None:
        samples[_package(frame)] += 1

    before = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL_SECONDS, _INTERVAL_SECONDS)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _package(frame: FrameType | None) -> str:
    """Name the package of the frame: ours by part, others by distribution, waiting by itself."""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(str(PROJECT)) and "site-packages" not in path:
            parts = Path(path).relative_to(PROJECT).parts
            return "/".join(parts[:2]) if parts[0] in _OURS else parts[0]
        if "site-packages" in path:
            return path.split("site-packages/", 1)[1].split("/", 1)[0]
        if not path.startswith("<"):
            return f"python {Path(path).parent.name if 'asyncio' in path else 'library'}"
        frame = frame.f_back
    return "?"
