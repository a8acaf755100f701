"""The command line: `python -m router serve | compose | contract | plan | graph | api-schema`.

Results go to standard output, everything else to standard error; a command that could not do its work exits with 1.
"""

import gc
import json
import socket
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
import uvicorn
from graphql import DirectiveNode, StringValueNode, Visitor, parse, print_schema, visit
from pydantic import ValidationError

from router.composition import CompositionResult, HintLevel, Subgraph, compose, contract
from router.config import RouterSettings
from router.errors import RouterError
from router.execution.limits import Limits
from router.execution.operation import prepare_operation
from router.execution.refusals import RefusedError
from router.http import RouterApp, create_app
from router.http.quick_protocol import QuickProtocol
from router.planning import plan_as_json, plan_operation, print_plan
from router.supergraph import Supergraph
from router.supergraph.tables import TypeTable
from router.telemetry import configure_logging

_GC_THRESHOLD = 50_000
"""New containers before the youngest generation is walked."""

_SHUTDOWN_SECONDS = 10
"""For requests under way when the process is told to end."""

_UNTAKEN_MILLISECONDS = 30_000
"""After that the system drops a connection whose other side takes nothing: a server can only ask it to close."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

# Operations on the command line come from the operator, not from strangers.
_NO_LIMITS = Limits(max_tokens=10**7, max_depth=10**4, max_aliases=10**6, max_root_fields=10**6, max_selections=10**6)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A GraphQL Federation 2 router. Settings come from ROUTER_* variables; options win over them."""


@main.command()
@click.option("--supergraph", type=_FILE, help="Supergraph SDL [ROUTER_SUPERGRAPH].")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=4000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--operations", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Saved operations.")
@click.option("--subgraph-url", "urls", multiple=True, metavar="NAME=URL", help="Address of a subgraph; repeatable.")
@click.option("--context-key", help="Key of the viewer context. Better set ROUTER_CONTEXT_KEY: options show in ps.")
def serve(
    supergraph: Path | None,
    host: str,
    port: int,
    operations: Path | None,
    urls: tuple[str, ...],
    context_key: str | None,
) -> None:
    """Serve a supergraph at http://HOST:PORT/graphql."""
    given: dict[str, Any] = {"supergraph": supergraph, "operations": operations, "context_key": context_key}
    if urls:
        given["subgraph_urls"] = dict(_pairs(urls, option="--subgraph-url"))
    try:
        settings = RouterSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        _fail(f"The settings are not valid.\n{error}")
    configure_logging(settings.log_level)
    try:
        app = create_app(settings)
    except RouterError as error:
        _fail(error.message)
    # Schema and plans live as long as the process, and requests make many containers that die at once: looking for
    # cycles as often as Python does by default costs a fifth of the CPU (benchmarks/gateways).
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 20, 100)
    click.echo(f"Serving GraphQL at http://{host}:{port}/graphql", err=True)
    # Our own log lines are JSON and carry the correlation id; uvicorn's would repeat them without.
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=QuickProtocol,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ws_max_size=settings.max_body_bytes,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = _DrainingServer(config, app)
    listener = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux; connections inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNTAKEN_MILLISECONDS)
    server.run(sockets=[listener])
    if not server.started:
        _fail(f"Nothing could be served at {host}:{port}.")


class _DrainingServer(uvicorn.Server):
    """Ends subscriptions before it waits for requests to end: they would never."""

    def __init__(self, config: uvicorn.Config, app: RouterApp) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.drain()
        await super().shutdown(sockets)


@main.command(name="compose")
@click.argument("subgraphs", nargs=-1, required=True, metavar="[NAME=]FILE...")
@click.option("--url", "urls", multiple=True, metavar="NAME=URL", help="Address of a subgraph; repeatable.")
@click.option("--url-template", default="", metavar="URL", help="Address of all others; {name} stands for the name.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--hints", is_flag=True, help="Show all hints, not only warnings.")
@click.option(
    "--without-authorization",
    is_flag=True,
    help="Leave out @authenticated, @requiresScopes and @policy, for gateways that cannot enforce them.",
)
def compose_command(
    subgraphs: tuple[str, ...],
    urls: tuple[str, ...],
    url_template: str,
    output: Path | None,
    hints: bool,
    without_authorization: bool,
) -> None:
    """Compose subgraph SDL files into a supergraph. A file without a name is the subgraph that it is named for."""
    named = [text if "=" in text else f"{Path(text).stem}={text}" for text in subgraphs]
    found = _subgraphs(named, urls, url_template=url_template)
    result = compose(found, with_authorization=not without_authorization)
    _finish(result, output, show_all_hints=hints)


@main.command(name="contract")
@click.argument("subgraphs", nargs=-1, metavar="[NAME=FILE...]")
@click.option("--supergraph", type=_FILE, help="Supergraph SDL, instead of subgraphs to compose.")
@click.option("--include", "included", multiple=True, metavar="TAG", help="Keep only what has this tag; repeatable.")
@click.option("--exclude", "excluded", multiple=True, metavar="TAG", help="Leave out what has this tag; repeatable.")
@click.option("--url", "urls", multiple=True, metavar="NAME=URL", help="Address of a subgraph; repeatable.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--hints", is_flag=True, help="Show all hints, not only warnings.")
def contract_command(
    subgraphs: tuple[str, ...],
    supergraph: Path | None,
    included: tuple[str, ...],
    excluded: tuple[str, ...],
    urls: tuple[str, ...],
    output: Path | None,
    hints: bool,
) -> None:
    """Make a supergraph whose API is the part that tags select."""
    if not (included or excluded):
        _fail("A contract needs --include or --exclude.")
    if (supergraph is None) == (not subgraphs):
        _fail("Name either --supergraph or subgraphs as NAME=FILE.")
    source = _read(supergraph) if supergraph is not None else _subgraphs(subgraphs, urls)
    result = contract(source, include=included, exclude=excluded)
    # A misspelt tag would leave visible what was to be hidden.
    for tag in sorted({*included, *excluded} - _tags_in(result.supergraph_sdl)):
        click.echo(f"No element has the tag {tag}.", err=True)
    _finish(result, output, show_all_hints=hints)


def _tags_in(text: str) -> set[str]:
    found: set[str] = set()

    class _Tags(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            if node.name.value == "tag":
                found.update(
                    argument.value.value
                    for argument in node.arguments or ()
                    if isinstance(argument.value, StringValueNode)
                )

    if text:
        visit(parse(text, no_location=True), _Tags())
    return found


def _subgraphs(files: Iterable[str], urls: Iterable[str], *, url_template: str = "") -> list[Subgraph]:
    addresses = dict(_pairs(urls, option="--url"))
    subgraphs = [
        Subgraph(name, addresses.pop(name, url_template.replace("{name}", name)), _read(Path(file)))
        for name, file in _pairs(files, option="NAME=FILE")
    ]
    if addresses:
        _fail(f"--url names no subgraph: {', '.join(addresses)}.")
    return subgraphs


def _finish(result: CompositionResult, output: Path | None, *, show_all_hints: bool) -> None:
    for hint in result.hints:
        if show_all_hints or hint.level is HintLevel.WARN:
            click.echo(str(hint), err=True)
    if result.errors:
        _fail("\n".join(str(error) for error in result.errors))
    if output is None:
        click.echo(result.supergraph_sdl)
    else:
        output.write_text(result.supergraph_sdl, encoding="utf-8")


@main.command()
@click.argument("supergraph", type=_FILE)
@click.argument("operation", type=_FILE)
@click.option("--name", help="Which operation of the file, if it has several.")
@click.option("--label", "labels", multiple=True, help="Label of a progressive override that is on; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def plan(supergraph: Path, operation: Path, name: str | None, labels: tuple[str, ...], as_json: bool) -> None:
    """Show the query plan of an operation."""
    loaded = _load(supergraph, frozenset(labels))
    unknown = sorted(set(labels) - loaded.override_labels)
    if unknown:
        _fail(f"The supergraph has no override labelled {', '.join(unknown)}.")
    try:
        prepared = prepare_operation(
            _read(operation),
            name,
            schema=loaded.api_schema,
            planner=partial(plan_operation, loaded),
            limits=_NO_LIMITS,
            allow_introspection=True,
        )
    except RefusedError as error:
        _fail("\n".join(_located(formatted) for formatted in error.errors))
    except RouterError as error:
        _fail(error.message)
    click.echo(json.dumps(plan_as_json(prepared.plan), indent=2) if as_json else print_plan(prepared.plan))


@main.command(name="api-schema")
@click.argument("supergraph", type=_FILE)
def api_schema(supergraph: Path) -> None:
    """Print the schema that clients see."""
    click.echo(print_schema(_load(supergraph).api_schema))


@main.command()
@click.argument("supergraph", type=_FILE)
def graph(supergraph: Path) -> None:
    """Show the subgraphs, and by which keys each entity is entered where."""
    loaded = _load(supergraph)
    click.echo("Subgraphs")
    for subgraph in sorted(loaded.graphs, key=lambda found: found.name):
        click.echo(f"  {subgraph.name}  {subgraph.url}".rstrip())
    click.echo("Entities")
    for name in sorted(loaded.types):
        if loaded.types[name].keys:
            click.echo(f"  {name}")
            for line in _entity_lines(loaded, loaded.types[name]):
                click.echo(f"    {line}")


def _entity_lines(supergraph: Supergraph, type_: TypeTable) -> list[str]:
    """Return one line per graph that has a key for the type, by name."""
    lines = []
    for index, keys in type_.keys.items():
        if not keys:
            continue
        written = ", ".join(f'"{key.text}"' + ("" if key.resolvable else " (cannot be entered)") for key in keys)
        is_interface_object = type_.interface_object >> index & 1
        lines.append(
            f"{supergraph.graphs[index].name}: {written}" + (" as @interfaceObject" if is_interface_object else "")
        )
    return sorted(lines)


def _load(file: Path, active_labels: frozenset[str] = frozenset()) -> Supergraph:
    try:
        return Supergraph.from_sdl(_read(file), active_labels=active_labels)
    except RouterError as error:
        _fail(error.message)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"{file} cannot be read: {error}")


def _pairs(texts: Iterable[str], *, option: str) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            _fail(f"{option} expects a name, an equals sign and a value, not {text!r}.")
        pairs.append((name, value))
    return pairs


def _located(error: dict[str, Any]) -> str:
    places = [f"line {place['line']}, column {place['column']}" for place in error.get("locations", ())]
    return f"{error['message']} ({'; '.join(places)})" if places else str(error["message"])


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(1)
