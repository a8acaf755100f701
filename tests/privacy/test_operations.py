"""Operations with marked values, through the router: no log line and no coded error holds any of them."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import structlog

from router.telemetry import configure_logging as configure_router
from subgraphs.shared.scrubbing import scrub_event
from tests.e2e.conftest import environment, platform
from tests.e2e.platform import Platform

__all__ = ["environment", "platform"]

PASSWORD = "Xq7-Marker-Secret-9"
TOKEN = "xq7markertoken"


@dataclass(frozen=True)
class Marked:
    """Values that occur nowhere else."""

    word: str

    @property
    def email(self) -> str:
        return f"{self.word}@example.com"

    @property
    def phone(self) -> str:
        return "+919812345067"

    @property
    def all(self) -> list[str]:
        return [self.word, self.phone, self.phone[3:], PASSWORD, TOKEN]


@pytest.fixture(name="marked")
def _marked() -> Marked:
    return Marked(f"xq{uuid4().hex[:10]}")


@pytest.fixture(name="logged")
def _logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that any logger says meanwhile, in debug too, as production writes it but for the last net."""
    buffer = io.StringIO()
    before = structlog.get_config()
    # Another test of this process may have set up a log of production: its short cut, and loggers that remember it.
    monkeypatch.setattr("router.telemetry._write_line", None)
    remembering = type(structlog.get_logger())
    for module in list(sys.modules.values()):
        for value in list(vars(module).values()):
            if isinstance(value, remembering):
                vars(value).pop("bind", None)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=repr),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(buffer),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(buffer)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield buffer
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.configure(**before)


def operations(marked: Marked) -> list[tuple[str, dict[str, Any], bool]]:
    """Return what people do with their data: query, variables, and whether it needs an account."""
    register = "mutation ($i: RegisterInput!) { register(input: $i) { errors { code message path } } }"
    login = "mutation ($i: LoginInput!) { login(input: $i) { __typename ... on UserError { code message } } }"
    profile = "mutation ($i: ProfileInput!) { profileCreate(input: $i) { errors { code message path } } }"
    complain = "mutation ($i: GrievanceInput!) { grievanceSubmit(input: $i) { errors { code message } } }"
    consent = "mutation ($i: [ConsentInput!]!) { consentSet(input: $i) { errors { code message } } }"
    delete = "mutation ($p: String) { accountDeletionRequest(password: $p) { errors { code message } } }"
    return [
        (register, {"i": {"email": marked.email, "password": PASSWORD}}, False),
        (register, {"i": {"email": marked.email, "password": PASSWORD}}, False),
        (register, {"i": {"email": f"{marked.word}@", "password": marked.word}}, False),
        (login, {"i": {"email": marked.email, "password": PASSWORD}}, False),
        (login, {"i": {"email": marked.email, "password": f"{PASSWORD}!"}}, False),
        ("mutation ($t: String!) { tokenRefresh(refreshToken: $t) { __typename } }", {"t": f"a.b.{TOKEN}"}, False),
        ("mutation ($t: String!) { emailVerify(token: $t) { __typename } }", {"t": TOKEN}, False),
        ("mutation ($e: String!) { passwordResetRequest(email: $e) { ok } }", {"e": marked.email}, False),
        ("mutation ($p: String!) { otpRequest(phone: $p) { __typename } }", {"p": marked.phone}, False),
        (complain, {"i": {"category": marked.word, "text": marked.word, "email": marked.email}}, False),
        (complain, {"i": {"category": "OTHER", "text": marked.word, "email": marked.email}}, False),
        (profile, {"i": {"name": marked.word, "avatarUrl": f"ftp://{marked.word}"}}, True),
        (profile, {"i": {"name": f"{marked.word}\u0000"}}, True),
        (consent, {"i": [{"purpose": "PUSH", "granted": True, "version": f"{marked.word}!"}]}, True),
        (delete, {"p": PASSWORD}, True),
        ("query ($q: String!) { search(query: $q, first: 3) { totalCount } }", {"q": marked.word}, True),
        ("query ($i: ID!) { title(id: $i) { name } }", {"i": "nonsense"}, True),
        ("mutation ($i: ID!) { profileDelete(id: $i) { ok } }", {"i": "nonsense"}, True),
    ]


@pytest.mark.requirement("IN-GDPR-2")
@pytest.mark.requirement("NFR-SEC-006")
async def test_neither_logs_nor_coded_errors_hold_what_people_typed(
    platform: Platform, logged: io.StringIO, marked: Marked
) -> None:
    answers: list[dict[str, Any]] = []
    for query, variables, needs_account in operations(marked):
        token = platform.token("monthly") if needs_account else None
        headers = {"X-Forwarded-For": "203.0.113.77", "User-Agent": marked.word}
        answers.append(await platform.send(query, variables, token=token, headers=headers))

    lines = logged.getvalue()
    validation = [error for answer in answers for error in answer.get("errors", []) if "path" not in error]
    errors = [_errors_in(answer) for answer in answers]
    assert validation == []
    assert sum(bool(each) for each in errors) >= 8
    assert [each for each in errors if any(value in json.dumps(each) for value in marked.all)] == []
    leaked = [*marked.all, "203.0.113.77"]
    assert [line for line in lines.splitlines() if any(value in line for value in leaked)] == []
    assert "request" in lines


async def test_values_that_fit_no_type_are_not_logged_either(
    platform: Platform, logged: io.StringIO, marked: Marked
) -> None:
    for query, variables, _needs_account in operations(marked):
        await platform.send(query, {name: [marked.word, {marked.word: PASSWORD}] for name in variables})
        await platform.send(f"{query} # {marked.email} {PASSWORD} {{", variables)

    assert [value for value in marked.all if value in logged.getvalue()] == []


def test_both_kinds_of_process_scrub_their_lines() -> None:
    assert scrub_event in _processors_of("subgraphs.shared.telemetry")
    assert callable(configure_router)


def _processors_of(module: str) -> list[Any]:
    from importlib import import_module

    before = structlog.get_config()
    try:
        import_module(module).configure_logging()
        return list(structlog.get_config()["processors"])
    finally:
        structlog.configure(**before)


def _errors_in(value: Any) -> list[Any]:
    """Return every error of a response: those at its top, in payloads, and members of unions."""
    if isinstance(value, list):
        return [error for each in value for error in _errors_in(each)]
    if not isinstance(value, dict):
        return []
    own = [value] if {"code", "message"} <= set(value) or {"message", "extensions"} <= set(value) else []
    return own + [error for each in value.values() for error in _errors_in(each)]
