"""The command line: `python -m schema export | compose | check | lint`.

Faults go to standard error, one a line; a command that found one exits with 1.
"""

from collections.abc import Sequence

import click

from router.composition import HintLevel
from schema.check import find_faults
from schema.files import (
    FOLDER,
    api_sdl,
    compose_subgraphs,
    compose_viewers_contract,
    known_operations,
    saved_operations,
    saved_subgraphs,
    subgraph_names,
    write_subgraphs,
)
from schema.lint import lint_subgraphs


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Make and check the files of the API."""


@main.command()
def export() -> None:
    """Write the SDL of each subgraph from its code."""
    names = subgraph_names()
    write_subgraphs(names)
    click.echo(f"Wrote {len(names)} subgraphs.")


@main.command()
def compose() -> None:
    """Compose the subgraphs' saved SDL into the supergraph and the API schemas; plan the saved operations."""
    result = compose_subgraphs(saved_subgraphs())
    _fail_on([str(error) for error in result.errors])
    for hint in result.hints:
        if hint.level >= HintLevel.WARN:
            click.echo(str(hint), err=True)
    (FOLDER / "supergraph.graphql").write_text(result.supergraph_sdl, encoding="utf-8")
    (FOLDER / "api.graphql").write_text(api_sdl(result.supergraph_sdl), encoding="utf-8")
    viewers = compose_viewers_contract(saved_subgraphs())
    _fail_on([str(error) for error in viewers.errors])
    (FOLDER / "viewers.graphql").write_text(api_sdl(viewers.supergraph_sdl), encoding="utf-8")
    known = known_operations(result.supergraph_sdl, saved_operations().values())
    (FOLDER / "known-operations.json").write_text(known, encoding="utf-8")
    click.echo(f"Composed {len(saved_subgraphs())} subgraphs.")


@main.command()
def check() -> None:
    """Fail when a file is stale, the subgraphs do not compose, or a saved operation does not fit the API."""
    _fail_on(find_faults())
    click.echo("The files of the API are up to date.")


@main.command()
def lint() -> None:
    """Fail when the API breaks its conventions: descriptions, names, page sizes, nullability."""
    _fail_on(lint_subgraphs(saved_subgraphs()))
    click.echo("The API keeps its conventions.")


def _fail_on(faults: Sequence[str]) -> None:
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
