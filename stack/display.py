"""What the person at the terminal sees of a start: one line for each step, and plain lines where there is no terminal.

Draws only when asked: no thread of its own, because the process that shows this also starts others.
"""

import time
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text


@dataclass
class _Step:
    title: str
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    detail: str = ""
    failed: bool = False

    @property
    def seconds(self) -> float:
        return (self.ended or time.monotonic()) - self.started


class Display:
    """The steps of a start, each begun, perhaps described, and ended."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._steps: dict[str, _Step] = {}
        self._spinner = Spinner("dots", style="cyan")
        self._live: Live | None = None

    def __enter__(self) -> "Display":
        if self.console.is_terminal:
            self._live = Live(console=self.console, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self.tick()
            self._live.stop()
            self._live = None

    def begin(self, key: str, title: str) -> None:
        """Show a step as under way."""
        self._steps[key] = _Step(title)
        self.tick()

    def describe(self, key: str, detail: str) -> None:
        """Say what a step is doing now."""
        self._steps[key].detail = detail
        self.tick()

    def end(self, key: str, detail: str = "", *, failed: bool = False) -> None:
        """Show a step as ended, with what came of it."""
        step = self._steps[key]
        step.ended = time.monotonic()
        step.failed = failed
        step.detail = detail
        if self._live is None:
            mark = "✗" if failed else "✓"
            self.console.print(
                f"{mark} {step.title}{': ' if detail else ''}{detail} ({step.seconds:.1f} s)",
                markup=False,
                soft_wrap=True,
            )
        self.tick()

    def say(self, text: str, *, style: str = "") -> None:
        """Print a line that stays, unbroken: a path in it may be copied."""
        self.console.print(escape(text), style=style, highlight=False, soft_wrap=True)

    def tick(self) -> None:
        """Draw again; call it a few times a second while something is under way."""
        if self._live is not None:
            self._live.update(self._drawn(), refresh=True)

    def _drawn(self) -> Group:
        table = Table.grid(padding=(0, 1))
        for step in self._steps.values():
            table.add_row(self._mark(step), Text(step.title), Text(step.detail, style="dim"), f"{step.seconds:.1f} s")
        return Group(table)

    def _mark(self, step: _Step) -> Spinner | Text:
        if step.ended is None:
            return self._spinner
        return Text("✗", style="red") if step.failed else Text("✓", style="green")
