"""What looks personal is blotted out of log lines, and what our lines are made of is not."""

from typing import Any

import pytest

from router.telemetry import _scrubbed as scrubbed_by_router
from subgraphs.shared.events import Event
from subgraphs.shared.scrubbing import scrub, scrub_event
from subgraphs.users.events import MailRequested

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.requirement("IN-GDPR-2")
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("to asha.k+films@mail.example.com: refused", "to [email]: refused"),
        ("call +919812345678 now", "call [phone] now"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer [token]"),
        ("from 203.0.113.7:443", "from [ip]:443"),
        ("DETAIL:  Key (email)=(asha) already exists.", "DETAIL:  Key [values] already exists."),
        ("Failing row contains (1, Asha, null).", "Failing row contains [values]."),
    ],
)
def test_personal_values_are_blotted_out(text: str, left: str) -> None:
    assert scrub(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:30:00.123456+00:00",
        "127.0.0.1:4000",
        "3f2b8a52-58a8-4f0e-8b8e-6a1f0f0c9d12",
        "VXNlcjozZjJiOGE1Mi01OGE4",
        "version 0.341.2 of @strawberry",
        "1+12345678",
    ],
)
def test_ids_times_and_own_addresses_stay(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("clean", [lambda event: scrub_event(None, "info", event), scrubbed_by_router])
def test_every_text_of_an_event_is_scrubbed(clean: Any) -> None:
    event = {"event": "x", "count": 3, "error": {"message": ["a@example.com", {"deep": "+919812345678"}]}}

    cleaned = clean(event)

    assert cleaned == {"event": "x", "count": 3, "error": {"message": ["[email]", {"deep": "[phone]"}]}}


@pytest.mark.requirement("IN-GDPR-2")
def test_an_event_that_cannot_be_read_does_not_show_its_values() -> None:
    with pytest.raises(ValueError) as refused:
        MailRequested.model_validate({"email": "asha@example.com", "kind": "NONE", "data": {"token": "s3cret"}})

    assert "asha" not in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert Event.model_config["hide_input_in_errors"] is True
