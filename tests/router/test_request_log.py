"""The line of a request is the one that structlog would write."""

import io
from collections.abc import Iterator
from types import SimpleNamespace

import orjson
import pytest
import structlog

from router import telemetry

FIELDS = {"method": "POST", "status": 200, "operation": "Home", "correlation_id": "a" * 32}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BytesIO]:
    """Collects what goes to standard error; afterwards the log is as it was."""
    written = io.BytesIO()
    monkeypatch.setattr(telemetry, "sys", SimpleNamespace(stderr=SimpleNamespace(buffer=written)))
    before, write_line = structlog.get_config(), telemetry._write_line
    yield written
    structlog.configure(**before)
    telemetry._write_line = write_line


def lines(log: io.BytesIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in log.getvalue().splitlines()]


def test_is_written_with_the_same_fields_in_the_same_form(log: io.BytesIO) -> None:
    telemetry.configure_logging("INFO")

    telemetry.log_request("request", FIELDS)
    structlog.get_logger().info("request", **FIELDS)

    ours, theirs = lines(log)
    assert str(ours.pop("timestamp"))[10] == str(theirs["timestamp"])[10] == "T"
    assert str(theirs.pop("timestamp")).endswith("Z")
    assert ours == theirs


def test_is_left_out_above_its_level(log: io.BytesIO) -> None:
    telemetry.configure_logging("WARNING")

    telemetry.log_request("request", FIELDS)

    assert lines(log) == []


def test_shows_no_token_that_a_client_sent_as_its_id(log: io.BytesIO) -> None:
    telemetry.configure_logging("INFO")

    telemetry.log_request("request", {**FIELDS, "correlation_id": "eyJhbGciOiJIUzI1NiJ9.payload.signature"})

    assert lines(log)[0]["correlation_id"] == "[token]"
