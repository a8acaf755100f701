"""The pages: signing in, allowing a client, approving a device, and a message. No scripts, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem;color:#111}"
    "label{display:block;margin:.75rem 0}input{font:inherit;width:100%;padding:.5rem;box-sizing:border-box}"
    "button{font:inherit;padding:.6rem 1.2rem;margin:.75rem .75rem 0 0}.error{color:#a00}code{font-size:1.2em}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

Hidden = Mapping[str, str]


def page(title: str, body: str, *, status: int = 200, form_targets: Sequence[str] = ()) -> HTMLResponse:
    """Return a page with its headers.

    Args:
        title: Its heading.
        body: HTML below the heading.
        status: Of the response.
        form_targets: Where a form's answer may lead, beside ourselves: browsers check the redirect as well.
    """
    targets = " ".join(("'self'", *form_targets))
    headers = {
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {targets}; "
        "base-uri 'none'; frame-ancestors 'none'",
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        # The addresses of these pages hold what a client asks for; nobody else is to see them.
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · Reelgraph</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return HTMLResponse(html, status_code=status, headers=headers)


def sign_in_page(hidden: Hidden, *, error: str | None = None, status: int = 200) -> HTMLResponse:
    """Return the page that asks for address and password."""
    body = (
        f'{_error(error)}<form method="post">{_fields(hidden)}'
        '<label>E-mail<input name="email" type="email" autocomplete="username" required autofocus></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
        '<button name="step" value="sign_in">Sign in</button></form>'
    )
    return page("Sign in", body, status=status)


def consent_page(hidden: Hidden, *, client: str, email: str, wishes: Sequence[str], redirect_uri: str) -> HTMLResponse:
    """Return the page that asks whether the client may have what it wishes."""
    wanted = "".join(f"<li>{escape(wish)}</li>" for wish in wishes)
    body = (
        f"<p>You are signed in as <strong>{escape(email)}</strong>.</p>"
        f"<p><strong>{escape(client)}</strong> wants to:</p><ul>{wanted}</ul>"
        f'<form method="post">{_fields(hidden)}'
        '<button name="step" value="allow">Allow</button><button name="step" value="refuse">Refuse</button>'
        '<button name="step" value="sign_out">Use another account</button></form>'
    )
    return page(f"Allow {client}?", body, form_targets=[_source(redirect_uri)])


def user_code_page(hidden: Hidden, *, user_code: str = "", error: str | None = None, status: int = 200) -> HTMLResponse:
    """Return the page that asks for the code that a device shows."""
    body = (
        f'{_error(error)}<form method="post">{_fields(hidden)}'
        f'<label>Code on the screen<input name="user_code" value="{escape(user_code)}" autocomplete="off" '
        'autocapitalize="characters" required autofocus></label><button name="step" value="look">Go on</button></form>'
    )
    return page("Connect a device", body, status=status)


def device_page(hidden: Hidden, *, device: str, details: str, email: str) -> HTMLResponse:
    """Return the page that asks whether the device may sign in."""
    body = (
        f"<p>You are signed in as <strong>{escape(email)}</strong>.</p>"
        f"<p><strong>{escape(device)}</strong> wants to sign in to your account.<br>{escape(details)}</p>"
        "<p>Go on only if this device is in front of you.</p>"
        f'<form method="post">{_fields(hidden)}<button name="step" value="allow">Approve</button>'
        '<button name="step" value="refuse">Refuse</button></form>'
    )
    return page("Approve this device?", body)


def message_page(title: str, text: str, *, status: int = 200) -> HTMLResponse:
    """Return a page that only says something."""
    return page(title, f"<p>{escape(text)}</p>", status=status)


def _fields(hidden: Hidden) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )


def _error(text: str | None) -> str:
    return f'<p class="error" role="alert">{escape(text)}</p>' if text else ""


def _source(redirect_uri: str) -> str:
    """Return the redirect URI as a source of a Content-Security-Policy: its origin, or an app's own scheme."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"
