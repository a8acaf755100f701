"""The one page of the mock provider: it asks who one is, and works without scripts."""

from collections.abc import Mapping
from html import escape

from stack.mock_provider.people import PEOPLE, Person

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in · mock provider</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}
button{{display:block;width:100%;text-align:left;font:inherit;padding:.75rem 1rem;margin:.5rem 0}}
small{{color:#555}}</style></head>
<body><h1>Who are you?</h1>
<p>This stands in for {provider} on this machine. Nobody is asked for a password here.</p>
<form method="post">{hidden}{people}
<button name="person" value="">Cancel <br><small>goes back with the error <code>access_denied</code></small></button>
</form></body></html>"""


def choose_page(provider: str, request: Mapping[str, str]) -> str:
    """Return the page; what the client asked for goes along in hidden fields."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in request.items()
    )
    people = "".join(_button(person) for person in PEOPLE)
    return _PAGE.format(provider=escape(provider), hidden=hidden, people=people)


def _button(person: Person) -> str:
    title = f"{escape(person.name)} &lt;{escape(person.email or 'no address')}&gt;"
    return f'<button name="person" value="{person.subject}">{title}<br><small>{escape(person.note)}</small></button>'
