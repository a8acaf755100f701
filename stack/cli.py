"""The command line: `reelgraph up` and what goes with it. Reads arguments and prints; the work is done elsewhere."""

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from stack.display import Display
from stack.home import PROJECT, Home, HomeError, find_home
from stack.mail_catcher import PATH as MAIL_PAGE
from stack.mock_provider import PATH as SIGN_IN_PAGE
from stack.services import DEFAULT_ROUTER_PORT, PARTS

if TYPE_CHECKING:
    from stack.supervisor import Supervisor

_CHECKS = (
    ("format", "ruff", "format", "--check", "--quiet"),
    ("lint", "ruff", "check", "--quiet"),
    ("types", "mypy", "--no-error-summary"),
    ("import contracts", "lint-imports"),
    ("schema", "python", "-m", "schema", "check"),
)
"""What `reelgraph check` runs, all at once: a title, and a program of the environment with its arguments."""

_console = Console(highlight=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="reelgraph")
def main() -> None:
    """Reelgraph on this machine: servers, subgraphs, router and worker."""


@main.command()
@click.option("--apart", is_flag=True, help="Run every subgraph as a server of its own, called over HTTP.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_ROUTER_PORT,
    show_default=True,
    help="Where the router listens; 0 takes any free port.",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that serve requests; one per core by default.")
@click.option("--no-seed", is_flag=True, help="Leave an empty platform empty.")
def up(apart: bool, port: int, workers: int | None, no_seed: bool) -> None:
    """Start the whole platform; Ctrl-C stops it."""
    from stack.layout import default_processes  # each command imports what it needs: `--help` answers at once
    from stack.supervisor import Options, StackError, Supervisor

    began = time.monotonic()
    home = find_home()
    try:
        home.create()
        with home.locked():
            options = Options(apart=apart, port=port, processes=workers or default_processes(), seed=not no_seed)
            supervisor = Supervisor(home, options, Display(_console))
            supervisor.run(when_ready=lambda stack: _greet(home, stack, began))
            _console.print("Stopped.")
    except (HomeError, StackError) as error:
        raise click.ClickException(str(error)) from error


def _greet(home: Home, stack: "Supervisor", began: float) -> None:
    """Print what a newcomer needs next: where to look, who runs what, as whom to log in."""
    url = f"http://127.0.0.1:{stack.port}"
    _console.print(f"\n[bold green]Reelgraph is up[/] after {time.monotonic() - began:.1f} s.\n")
    mail = [("mail", f"{url}{MAIL_PAGE}")] if stack.catches_mail else []
    sign_in = [("sign-in", f"{url}{SIGN_IN_PAGE}")] if stack.has_mock_provider else []
    rows = [("GraphiQL", f"{url}/graphql"), *mail, *sign_in, *stack.store_labels.items(), ("logs", str(home.logs))]
    for title, text in rows:
        _print_plain(f"{title:<12}{text}")
    if stack.has_demo:
        _print_demo_logins(home)
    _console.print("\nCtrl-C stops everything; the data stay for the next time.\n")


def _print_demo_logins(home: Home) -> None:
    """Print what the seed noted down: importing the demo people would cost this process more memory than all else."""
    try:
        logins = json.loads(home.demo_logins.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    shared = {password for _, password, _ in logins}
    _print_plain("\nDemo logins" + (f", all with the password {shared.pop()}:" if len(shared) == 1 else ":"))
    widest = max(len(email) for email, _, _ in logins)
    for email, password, description in logins:
        begin = f"  {email:<{widest}}  " + (f"{password}  " if shared else "")
        lines = textwrap.wrap(description, max(24, _console.width - len(begin)))
        _print_plain(begin + f"\n{'':{len(begin)}}".join(lines))


def _print_plain(line: str) -> None:
    """Print a line as it is, however narrow the terminal: it may be copied."""
    _console.print(line, markup=False, soft_wrap=True)


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Drop all data; keys and logs stay."""
    home = find_home()
    if not home.folder.exists():
        _console.print("There is nothing to drop.")
        return
    try:
        home.create()
        with home.locked():
            if not yes:
                click.confirm(f"Delete all data in {home.folder}?", abort=True)
            home.drop_data()
    except (HomeError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _console.print("All data are gone; the next `reelgraph up` starts from the beginning.")


@main.command()
def doctor() -> None:
    """Say what is missing or wrong here.

    Ends with status 1 if the platform could not run.
    """
    from stack.doctor import Verdict, examine

    styles = {Verdict.FINE: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "red"}
    findings = list(examine(find_home()))
    for finding in findings:
        _console.print(f"[{styles[finding.verdict]}]{finding.verdict.value}[/] ", end="")
        _console.print(finding.text, markup=False, soft_wrap=True)
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        sys.exit(1)


@main.command()
def status() -> None:
    """Say whether the stack runs, and where.

    Ends with status 3 if it does not.
    """
    home = find_home()
    pid = home.running_pid()
    if pid is None:
        _console.print("The stack does not run. Start it with `reelgraph up`.")
        sys.exit(3)
    state = home.read_state()
    running = state.get("running", {})
    way = "apart" if running.get("apart") else "together"
    _console.print(f"The stack runs {way} (process {pid}) at {running.get('url', 'an address not known yet')}.")
    table = Table.grid(padding=(0, 2))
    labels = running.get("labels", {})
    for name, process in sorted(state.get("processes", {}).items()):
        table.add_row(name, str(process), labels.get(name, ""))
    _console.print(table)


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the tests; arguments go to pytest."""
    command = [sys.executable, "-m", "pytest"]
    if not any(argument.startswith(("-n", "--numprocesses")) for argument in arguments):
        command += ["-n", "2", "--dist", "loadfile"]
    sys.exit(subprocess.run([*command, *arguments], cwd=PROJECT, check=False).returncode)


@main.command()
def check() -> None:
    """Check format, lint, types and schema.

    Import contracts too. Ends with status 1 if any is wrong.
    """
    failed = []
    with ThreadPoolExecutor(len(_CHECKS)) as pool:
        running = [(title, pool.submit(_run_check, *command)) for title, *command in _CHECKS]
        for title, finished in running:
            is_fine, words, seconds = finished.result()
            click.echo(words, nl=False)
            mark = "[green]✓[/]" if is_fine else "[red]✗[/]"
            _console.print(f"{mark} {title} ({seconds:.1f} s)")
            if not is_fine:
                failed.append(title)
    if failed:
        raise click.ClickException(f"Not fine: {', '.join(failed)}.")


def _run_check(program: str, *arguments: str) -> tuple[bool, bytes, float]:
    """Return whether the program found nothing, what it printed, and the seconds it took beside the others."""
    began = time.monotonic()
    colours = {"FORCE_COLOR": "1"} if _console.is_terminal else {}
    ended = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        cwd=PROJECT,
        env=os.environ | colours,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return ended.returncode == 0, ended.stdout, time.monotonic() - began


@main.command()
def requirements() -> None:
    """List requirements and their tests."""
    from stack.requirements import covered_requirements

    covered = covered_requirements(PROJECT / "tests")
    for identifier, tests in covered.items():
        _console.print(f"[bold]{identifier}[/]")
        for name in tests:
            _print_plain(f"  {name}")
    _console.print(f"\n{len(covered)} requirements.")


@main.command()
def settings() -> None:
    """Write docs/configuration.md anew."""
    from stack.settings_table import settings_page

    page = PROJECT / "docs" / "configuration.md"
    page.write_text(settings_page(), encoding="utf-8")
    _console.print(f"Wrote {page}.", soft_wrap=True)


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be changed and what is left out.")
def import_(file: Path, *, dry_run: bool) -> None:
    """Take titles from JSON lines, CSV or MRSS, gzip or not, or from the SQLite catalogue of Cinema Online.

    Each line has title, year, cast and genres; only title and year are needed; or it is one of an export. The first row
    of a file that ends in .csv names its columns; id and title are needed. A file that ends in .mrss, .rss or .xml is a
    feed. Works on the running stack, else
    starts the stores for the time of the import. Ends with status 2 if rows were left out; their line numbers are
    printed. What the catalogue has afterwards is compared with the file.
    """
    from stack.attach import stores_at_hand
    from stack.import_command import show_import
    from stack.importing import ImportProblem
    from stack.servers.process import ServerError
    from subgraphs.shared.errors import ServiceUnavailableError

    home = find_home()
    try:
        home.create()
        with stores_at_hand(home, _console):
            exit_status = show_import(file, _console, log=home.logs / "import-left-out.txt", dry_run=dry_run)
    except (HomeError, ServerError, ImportProblem, ServiceUnavailableError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(exit_status)


@main.command("rebuild-search")
def rebuild_search() -> None:
    """Build the index of search anew.

    From the database, where SEARCH_URL names an OpenSearch or Elasticsearch; searches go on in the old index until the
    new one is complete. Works on the running stack, else starts the stores for the time of it.
    """
    from stack.attach import stores_at_hand
    from stack.rebuild_command import show_rebuild
    from stack.servers.process import ServerError
    from subgraphs.catalog.config import Settings
    from subgraphs.shared.errors import ReelgraphError

    home = find_home()
    try:
        home.create()
        with stores_at_hand(home, _console):
            show_rebuild(Settings(), _console)
    except (HomeError, ServerError, ReelgraphError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the published titles into a file: .jsonl, .csv or .mrss, packed if it ends in .gz.

    JSON lines leave out nothing but pictures and marks in texts. Any of them, imported again, changes nothing. Works on
    the running stack, else starts the stores for the time of the export.
    """
    import asyncio

    from stack.attach import stores_at_hand
    from stack.exporting import ExportProblem, export_films
    from stack.servers.process import ServerError
    from subgraphs.catalog.config import Settings
    from subgraphs.shared.errors import ServiceUnavailableError

    home = find_home()
    try:
        home.create()
        with stores_at_hand(home, _console), _console.status("Exporting") as status:
            count = asyncio.run(
                export_films(file, settings=Settings(), progress=lambda done: status.update(f"{done:,} titles"))
            )
    except (HomeError, ServerError, ExportProblem, ServiceUnavailableError) as error:
        raise click.ClickException(str(error)) from error
    _console.print(f"Wrote {count:,} titles to {file}.", soft_wrap=True)


@main.command()
@click.argument("part", type=click.Choice([*PARTS, "platform", "migrate", "seed"]))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
def serve(part: str, host: str, port: int) -> None:
    """Run one part, as containers do.

    It runs in this process; settings come from the environment.
    `platform` is the router with all subgraphs in one process; `migrate` and `seed` do their work and end.
    """
    from stack import processes

    ways: dict[str, Callable[[], int]] = {
        "platform": lambda: processes.serve_together(name=part, host=host, port=port),
        "router": lambda: processes.serve_router(name=part, host=host, port=port),
        "worker": lambda: processes.work(name=part),
        "migrate": processes.migrate,
        "seed": processes.seed,
    }
    sys.exit(ways.get(part, lambda: processes.serve_subgraph(name=part, host=host, port=port))())


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
@click.option("--rotate", is_flag=True, help="Add a new signing key, without signing anybody out.")
def keys(folder: Path, rotate: bool) -> None:
    """Make the key pair of access tokens.

    For containers, in a folder; an existing one is left alone. `reelgraph up` has its own in `.reelgraph/keys`.
    """
    from stack.keys import access_token_keys, rotate_access_token_keys

    if rotate:
        try:
            signs_from = rotate_access_token_keys(folder)
        except (OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error
        _console.print(f"A new key is published now and signs from {signs_from:%Y-%m-%d %H:%M} UTC.", soft_wrap=True)
    for path in access_token_keys(folder):
        _console.print(str(path), soft_wrap=True)


@main.command("oauth-client")
@click.argument("client_id")
@click.option("--name", required=True, help="What viewers are shown.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where viewers may be sent back; several times.")
@click.option("--scope", "scopes", multiple=True, help="What it may ask for; several times. All by default.")
@click.option("--confidential", is_flag=True, help="A server: it gets a secret, printed once.")
def oauth_client(
    client_id: str, name: str, redirect_uris: tuple[str, ...], scopes: tuple[str, ...], confidential: bool
) -> None:
    """Register a program that signs viewers in.

    Or replace what is registered under its id. DATABASE_URL names the server; without it, the stack of this machine.
    """
    from stack.attach import stores_at_hand
    from stack.oauth_client import OAuthClientProblem, set_client
    from stack.servers.process import ServerError
    from subgraphs.shared.errors import ServiceUnavailableError

    home = find_home()
    try:
        home.create()
        with stores_at_hand(home, _console):
            secret = set_client(client_id, name=name, redirect_uris=redirect_uris, scopes=scopes, secret=confidential)
    except (HomeError, ServerError, OAuthClientProblem, ServiceUnavailableError) as error:
        raise click.ClickException(str(error)) from error
    _console.print(f"{client_id} is registered.", markup=False, soft_wrap=True)
    if secret is not None:
        _print_plain(f"Its secret, which is not kept: {secret}")
