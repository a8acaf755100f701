"""`reelgraph import`: shows how far an import is and what became of each row. The import itself is in `importing`."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from stack.importing import ImportReport, import_films
from subgraphs.catalog.config import Settings

_BAD_ROWS_SHOWN = 20
EXIT_BAD_ROWS = 2


def show_import(path: Path, console: Console, *, log: Path, dry_run: bool = False) -> int:
    """Import the films, print the report and return the exit status: 2 if rows were left out.

    Args:
        path: The file.
        dry_run: Whether to change nothing, and only say what would be changed.
        console: Where to print.
        log: Gets every row that was left out, with its number, when they are too many to print.

    Raises:
        ImportProblem: The file cannot be read.
        ServiceUnavailableError: The database does not answer.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(path.name, total=1.0)

        def progress(share: float, report: ImportReport) -> None:
            bar.update(task, completed=share, description=f"{path.name}: {report.rows:,} rows")

        report = asyncio.run(import_films(path, settings=Settings(), progress=progress, dry_run=dry_run))
    if dry_run:
        console.print("Nothing was changed. An import would bring:")
    status = _print_report(report, console, log=log)
    _print_consistency(report, console)
    return status


def _print_consistency(report: ImportReport, console: Console) -> None:
    """Say whether the catalogue has what the file has."""
    if report.differing is None:
        return
    taken, same = len(report.records), len(report.records) - len(report.differing)
    console.print(f"{same:,} of {taken:,} titles are in the catalogue as they came; checksum {report.checksum}.")
    for own in report.differing[:_BAD_ROWS_SHOWN]:
        console.print(f"  differs: {own}")


def _print_report(report: ImportReport, console: Console, *, log: Path) -> int:
    console.print(f"{report.inserted:,} new, {report.updated:,} changed, {report.unchanged:,} as they were.")
    if not report.bad:
        return 0
    lines = [f"line {row.line}: {row.reason}" for row in report.bad]
    console.print(f"{len(lines):,} rows were left out:")
    for line in lines[:_BAD_ROWS_SHOWN]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    if len(lines) > _BAD_ROWS_SHOWN:
        log.write_text("\n".join(lines) + "\n", encoding="utf-8")
        console.print(f"  … and {len(lines) - _BAD_ROWS_SHOWN:,} more: all are in {log}", soft_wrap=True)
    return EXIT_BAD_ROWS
