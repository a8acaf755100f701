"""/dev/mail: the letters that the services of this machine sent, for people and for tests.

Everything is escaped; the HTML of a letter is shown in a sandboxed frame, with a policy that runs no script and loads
nothing.
"""

import os
from dataclasses import asdict
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from stack.mail_catcher import FOLDER_VARIABLE, PATH
from stack.mail_catcher.letters import CaughtLetter, LetterFolder

_SHOWN = 100
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
}
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
_LETTER_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_STYLE = "body{font:15px sans-serif;margin:2em;max-width:60em}td{padding:.3em 1em .3em 0}pre{white-space:pre-wrap}"


def mail_routes() -> list[Route]:
    """Return the routes where the environment names a folder of caught letters; none elsewhere."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return routes_over(LetterFolder(Path(folder))) if folder else []


def routes_over(letters: LetterFolder) -> list[Route]:
    """Return the routes that show the letters; `?to=` keeps those to one address."""

    async def answer_list(request: Request) -> Response:
        return _page("Mail", _table(_found(letters, request)))

    async def answer_list_as_json(request: Request) -> Response:
        return JSONResponse([asdict(letter) for letter in _found(letters, request)], headers=_HEADERS)

    async def answer_letter(request: Request) -> Response:
        letter = letters.read(request.path_params["letter_id"])
        return _page(letter.subject, _view(letter)) if letter else _missing()

    async def answer_html(request: Request) -> Response:
        letter = letters.read(request.path_params["letter_id"])
        if letter is None:
            return _missing()
        return HTMLResponse(letter.html, headers={**_HEADERS, "content-security-policy": _LETTER_POLICY})

    return [
        Route(PATH, answer_list),
        Route(f"{PATH}.json", answer_list_as_json),
        Route(f"{PATH}/{{letter_id}}", answer_letter),
        Route(f"{PATH}/{{letter_id}}/html", answer_html),
    ]


def _found(letters: LetterFolder, request: Request) -> list[CaughtLetter]:
    wanted = request.query_params.get("to", "").lower()
    read = (letters.read(letter_id) for letter_id in letters.ids())
    found = [letter for letter in read if letter and (not wanted or wanted in letter.recipient.lower())]
    return found[:_SHOWN]


def _table(letters: list[CaughtLetter]) -> str:
    if not letters:
        return "<p>No letters yet. They appear here seconds after something asks for one.</p>"
    rows = "".join(
        f"<tr><td>{escape(letter.caught_at)}</td><td>{escape(letter.recipient)}</td>"
        f'<td><a href="{PATH}/{letter.letter_id}">{escape(letter.subject or "(no subject)")}</a></td></tr>'
        for letter in letters
    )
    return f"<table>{rows}</table>"


def _view(letter: CaughtLetter) -> str:
    head = f"<p>{escape(letter.caught_at)}<br>From {escape(letter.sender)}<br>To {escape(letter.recipient)}</p>"
    frame = (
        f'<iframe sandbox="allow-popups" src="{PATH}/{letter.letter_id}/html" title="The letter as HTML" '
        'style="width:100%;height:32em;border:1px solid #ccc"></iframe>'
        if letter.html
        else ""
    )
    return f'<p><a href="{PATH}">All letters</a></p>{head}<pre>{escape(letter.text)}</pre>{frame}'


def _page(title: str, body: str) -> HTMLResponse:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return HTMLResponse(text, headers={**_HEADERS, "content-security-policy": _PAGE_POLICY})


def _missing() -> Response:
    return PlainTextResponse("There is no such letter.", status_code=404, headers=_HEADERS)
