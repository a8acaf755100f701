"""The platform's address: GraphQL to the router, plain paths to their subgraph. On uvloop, as served."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as ClientRequest
from urllib.request import urlopen

import pytest
import uvicorn
import uvloop
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from router.execution.transport import SubgraphRequest
from stack import edge as edge_module
from stack import passing_on
from stack.edge import EdgeApp, apart_app
from stack.servers.process import LOOPBACK, free_port

_CONTEXT_KEY = "k" * 32
_PIECE = b"x" * 65_536
_PATIENCE_SECONDS = 30
_SUPERGRAPH = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{ query: Query }

directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true, isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { USERS @join__graph(name: "users", url: "http://users.invalid/graphql") }

type Query @join__type(graph: USERS) { greeting: String }
"""


class _Served:
    """An ASGI application served by uvicorn on uvloop, in a thread."""

    def __init__(self, app: Any) -> None:
        self.port = free_port()
        config = uvicorn.Config(
            app, host=LOOPBACK, port=self.port, lifespan="on", log_config=None, ws="none", proxy_headers=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._server.serve())


async def _echo(request: Request) -> JSONResponse:
    seen = {
        "method": request.method,
        "path": request.url.path,
        "query": request.url.query,
        "body": (await request.body()).decode(),
        "signature": request.headers.get("x-signature"),
    }
    return JSONResponse(seen, status_code=418, headers={"x-own": "kept"})


async def _show_context(request: Request) -> JSONResponse:
    contexts = request.headers.getlist("x-viewer-context")
    return JSONResponse({"contexts": contexts, "correlation_ids": request.headers.getlist("x-correlation-id")})


async def _greet(request: Request) -> JSONResponse:
    return JSONResponse({"data": {"greeting": "hello"}})


class _Files:
    """Routes that say how far they are with a body, in either direction."""

    def __init__(self) -> None:
        self.first_piece_came = threading.Event()
        self.sender_left = threading.Event()
        self.first_piece_was_read = threading.Event()

    async def take(self, request: Request) -> JSONResponse:
        size = 0
        try:
            async for piece in request.stream():
                size += len(piece)
                if size >= len(_PIECE):
                    self.first_piece_came.set()
        except ClientDisconnect:
            self.sender_left.set()
            raise
        return JSONResponse({"bytes": size})

    async def give(self, request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield _PIECE
            await asyncio.to_thread(self.first_piece_was_read.wait, _PATIENCE_SECONDS)
            yield b"the end"

        response = StreamingResponse(pieces(), headers={"content-length": str(len(_PIECE) + len(b"the end"))})
        response.raw_headers += [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
        return response


@pytest.fixture
def files() -> _Files:
    return _Files()


@pytest.fixture
def subgraph(files: _Files) -> Iterator[_Served]:
    routes = [
        Route("/graphql", _greet, methods=["POST"]),
        Route("/exports/file", files.take, methods=["PUT"]),
        Route("/exports/file", files.give, methods=["GET"]),
        Route("/.well-known/{rest:path}", _echo, methods=["GET", "POST"]),
        Route("/oauth/{rest:path}", _show_context),
    ]
    served = _Served(Starlette(routes=routes))
    yield served
    served.stop()


@pytest.fixture
def edge(subgraph: _Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Served]:
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(_SUPERGRAPH, encoding="utf-8")
    addresses = {"users": f"http://{LOOPBACK}:{subgraph.port}/graphql"}
    monkeypatch.setenv("ROUTER_SUPERGRAPH", str(supergraph))
    monkeypatch.setenv("ROUTER_OPERATIONS", str(tmp_path))
    monkeypatch.setenv("ROUTER_SUBGRAPH_URLS", json.dumps(addresses))
    monkeypatch.setenv("ROUTER_CONTEXT_KEY", _CONTEXT_KEY)
    served = _Served(apart_app())
    yield served
    served.stop()


def _send(port: int, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    asked = ClientRequest(f"http://{LOOPBACK}:{port}{path}", data=body, headers=headers or {})
    try:
        with urlopen(asked, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, {"own": refused.headers.get("x-own"), **json.load(refused)}


def test_graphql_goes_through_the_router_to_the_subgraph(edge: _Served) -> None:
    body = json.dumps({"query": "{ greeting }"}).encode()

    answer = _send(edge.port, "/graphql", body, {"content-type": "application/json"})

    assert answer == (200, {"data": {"greeting": "hello"}})


def test_a_plain_path_reaches_its_subgraph_whole_and_so_does_the_answer(edge: _Served) -> None:
    answer = _send(edge.port, "/.well-known/x/y?a=1&b=%2F", b"paid", {"x-signature": "t=1,v1=abc"})

    assert answer == (
        418,
        {
            "own": "kept",
            "method": "POST",
            "path": "/.well-known/x/y",
            "query": "a=1&b=%2F",
            "body": "paid",
            "signature": "t=1,v1=abc",
        },
    )


def test_a_path_that_asks_from_where_gets_the_routers_signed_word_and_never_the_clients(edge: _Served) -> None:
    forged = {"x-viewer-context": "forged", "x-forwarded-for": "203.0.113.9", "x-correlation-id": "from-the-client"}

    _status, seen = _send(edge.port, "/oauth/token", headers=forged)

    (context,) = seen["contexts"]
    claims = jwt.decode(context, OctKey.import_key(_CONTEXT_KEY), algorithms=["HS256"]).claims
    assert (claims["ip"], claims["claims"]) == (LOOPBACK, None)
    assert seen["correlation_ids"] == ["from-the-client"]


def test_a_plain_path_of_a_dead_subgraph_says_which_one_does_not_answer(edge: _Served, subgraph: _Served) -> None:
    subgraph.stop()

    answer = _send(edge.port, "/.well-known/jwks.json")

    assert answer == (503, {"own": None, "error": "users does not answer.", "code": "SERVICE_UNAVAILABLE"})


def test_a_large_body_is_passed_on_while_it_comes(edge: _Served, files: _Files) -> None:
    client = HTTPConnection(LOOPBACK, edge.port, timeout=_PATIENCE_SECONDS)
    client.putrequest("PUT", "/exports/file")
    client.putheader("content-length", str(3 * len(_PIECE)))
    client.endheaders(_PIECE)

    came_before_the_end = files.first_piece_came.wait(_PATIENCE_SECONDS)
    client.send(2 * _PIECE)
    with client.getresponse() as answer:
        stored = json.load(answer)
    client.close()

    assert came_before_the_end
    assert stored == {"bytes": 3 * len(_PIECE)}


def test_a_body_of_unknown_length_arrives_whole(edge: _Served) -> None:
    client = HTTPConnection(LOOPBACK, edge.port, timeout=_PATIENCE_SECONDS)
    client.request("PUT", "/exports/file", iter([_PIECE, b"y"]), encode_chunked=True)

    with client.getresponse() as answer:
        stored = json.load(answer)
    client.close()

    assert stored == {"bytes": len(_PIECE) + 1}


def test_a_subgraph_hears_that_the_sender_left(edge: _Served, files: _Files) -> None:
    client = HTTPConnection(LOOPBACK, edge.port, timeout=_PATIENCE_SECONDS)
    client.putrequest("PUT", "/exports/file")
    client.putheader("content-length", str(3 * len(_PIECE)))
    client.endheaders(_PIECE)
    assert files.first_piece_came.wait(_PATIENCE_SECONDS)

    client.close()

    assert files.sender_left.wait(_PATIENCE_SECONDS)
    assert _send(edge.port, "/.well-known/x")[0] == 418


def test_a_sender_that_falls_silent_is_told_so(edge: _Served, files: _Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing_on, "_SILENCE_TIMEOUT_SECONDS", 0.05)
    client = HTTPConnection(LOOPBACK, edge.port, timeout=_PATIENCE_SECONDS)
    client.putrequest("PUT", "/exports/file")
    client.putheader("content-length", str(3 * len(_PIECE)))
    client.endheaders()

    with client.getresponse() as answer:
        refusal = json.load(answer)
    client.close()

    assert (answer.status, refusal["code"]) == (408, "REQUEST_INCOMPLETE")


def test_an_answer_is_passed_on_while_it_comes_with_its_length_and_each_header(edge: _Served, files: _Files) -> None:
    client = HTTPConnection(LOOPBACK, edge.port, timeout=_PATIENCE_SECONDS)
    client.request("GET", "/exports/file")

    with client.getresponse() as answer:
        first = answer.read(len(_PIECE))
        files.first_piece_was_read.set()
        rest = answer.read()
        length, cookies = answer.headers["content-length"], answer.headers.get_all("set-cookie")
    client.close()

    assert (first, rest) == (_PIECE, b"the end")
    assert (length, cookies) == (str(len(_PIECE) + len(b"the end")), ["a=1", "b=2"])


@pytest.mark.parametrize("path", ["/.well-known/../graphql", "/.well-known/..%2Fgraphql"])
def test_a_path_is_not_led_out_of_its_prefix(edge: _Served, path: str) -> None:
    status, seen = _send(edge.port, path, b"{ greeting }")

    assert (status, seen["path"]) == (418, "/.well-known/../graphql")


def test_other_paths_are_the_routers(edge: _Served) -> None:
    status, answer = _send(edge.port, "/nowhere")

    assert status == 404
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_runtime_that_cannot_be_opened_keeps_the_application_from_starting() -> None:
    class Router:
        closed = False

        async def aclose(self) -> None:
            self.closed = True

    def broken() -> Any:
        raise RuntimeError("no such database")

    router = Router()
    app = EdgeApp(router, plain=router, prefixes=[], runtimes=[broken])  # type: ignore[arg-type]  # only its end is used
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(RuntimeError, match="no such database"):
        await app({"type": "lifespan"}, receive, send)

    assert sent == [{"type": "lifespan.startup.failed", "message": "no such database"}]
    assert router.closed


async def test_the_router_may_change_what_a_subgraph_in_this_process_said_and_the_subgraph_keeps_its_own() -> None:
    kept = {"id": "g", "names": ["a"]}
    said = {"data": {"title": {"genre": kept}}, "errors": [{"message": "no", "path": ["title"]}]}

    class App:
        async def execute(self, _query: str, **_options: Any) -> dict[str, Any]:
            return said

    request = SubgraphRequest(
        document="{ title }", document_json=b"", operation_name=None, variables={}, headers={}, is_query=True
    )
    call = edge_module._call_of(App())  # type: ignore[arg-type]  # all that is called of it

    given: Any = await call(request)
    given["data"]["title"]["genre"]["names"].append("b")
    given["data"]["title"]["genre"]["titleCount"] = 3

    assert kept == {"id": "g", "names": ["a"]}
    assert await call(request) == said
