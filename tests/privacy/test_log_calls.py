"""The code passes no personal field to a log, and leaves no `print` behind."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("subgraphs", "router", "workers", "media", "stack")
LOGGERS = frozenset({"_log", "log", "_logger", "logger", "logging"})
METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log", "bind", "bind_contextvars"})
PERSONAL = frozenset(
    [
        "email",
        "recipient",
        "phone",
        "phone_number",
        "number",
        "password",
        "new_password",
        "pin",
        "token",
        "access_token",
        "refresh_token",
        "id_token",
        "secret",
        "user_code",
        "cookie",
        "authorization",
        "ip",
        "client_ip",
        "address",
        "agent",
        "user_agent",
        "profile_name",
        "display_name",
        "avatar_url",
        "deep_link",
        "headers",
        "variables",
        "payload",
        "content",
        "text",
        "document",
        "search",
        "data",
    ]
)


def personal_log_calls(source: str) -> list[tuple[int, str]]:
    """Return line and name of every personal field that is passed to a log."""
    return [
        (call.lineno, name)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and _is_log_call(call)
        for name in _names_passed(call)
    ]


def _is_log_call(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in METHODS
        and isinstance(function.value, ast.Name | ast.Attribute)
        and (function.value.id if isinstance(function.value, ast.Name) else function.value.attr) in LOGGERS
    )


def _names_passed(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg in PERSONAL:
            yield keyword.arg or ""
    for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
        for node in ast.walk(argument):
            if isinstance(node, ast.Name) and node.id in PERSONAL:
                yield node.id
            elif isinstance(node, ast.Attribute) and node.attr in PERSONAL:
                yield node.attr


@pytest.mark.requirement("IN-GDPR-2")
def test_no_log_call_passes_a_personal_field() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for part in PARTS
        for path in sorted((ROOT / part).rglob("*.py"))
        for line, name in personal_log_calls(path.read_text(encoding="utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        '_log.info("signed in", email=user.email)',
        '_log.warning(f"wrong password of {email}")',
        'log.error("refused", who=request.headers)',
        'self._log.exception("failed", extra={"phone": str(row.phone)})',
        'logging.info("%s", variables)',
        "structlog_like._log.bind(token=token)",
    ],
)
def test_a_planted_call_is_found(line: str) -> None:
    assert personal_log_calls(line)


def test_calls_with_ids_and_codes_pass() -> None:
    assert personal_log_calls('_log.warning("failed", service=service, code=error.code, mail_id=str(mail.id))') == []
